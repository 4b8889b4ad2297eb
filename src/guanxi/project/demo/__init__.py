"""The demo company: made by a seeded generator, with dates relative to the day of loading. Nothing in it is real."""
