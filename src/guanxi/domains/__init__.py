"""The business objects, one file each."""
