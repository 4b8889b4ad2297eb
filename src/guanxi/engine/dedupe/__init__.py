"""Duplicates: found while a record is typed, when it is written, and among the records there are."""
