"""Ids, clock, money, errors, text and the database: nothing here knows a business noun."""
