"""The suite that runs over every registered object."""
