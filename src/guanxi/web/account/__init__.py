"""Signing in: our pages and our policy around django-allauth's flows."""
