"""The pages of imports: upload, map, check, run, report."""
