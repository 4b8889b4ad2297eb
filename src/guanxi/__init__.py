"""Guanxi 关系: a customer-relationship system that a company runs itself."""

__version__ = "0.1.0"
