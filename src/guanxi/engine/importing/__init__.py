"""Bringing in files: any object, any usual kind of file, looked at before it is written, undone as one change."""
