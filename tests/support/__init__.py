"""What several tests share: people, sample records, clients."""
