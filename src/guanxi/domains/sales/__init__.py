"""Leads, opportunities and the pipelines they move through."""
