"""The REST API: generic over every registered object."""
