"""Bringing in data from elsewhere by written plans."""
