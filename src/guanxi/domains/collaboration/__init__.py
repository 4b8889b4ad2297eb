"""Follow-ups and tasks."""
