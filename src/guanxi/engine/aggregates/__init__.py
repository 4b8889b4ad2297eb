"""Kept counts and sums: written with every change, read instead of adding up, compared with the records every night."""
