"""Accounts, contacts, their affiliations, and tags."""
