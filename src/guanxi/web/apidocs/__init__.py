"""The documentation of the API that the product serves itself, made from its own description."""
