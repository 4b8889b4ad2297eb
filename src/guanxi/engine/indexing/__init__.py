"""Indexes that administrators add for the fields people filter by: what lacks one, building in a job, taking away."""
