"""What two records must have in common to be the same: values made comparable, and the keys that the write door keeps."""
