"""The benchmark: server time, queries and bytes of the everyday pages, beside the bare SQL of the same data."""
