"""What can be done to any object: read, write, query."""
