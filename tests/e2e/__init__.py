"""A real browser drives the whole program."""
