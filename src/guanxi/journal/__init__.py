"""The append-only journal: change sets and entries, written in the transaction of the change."""
