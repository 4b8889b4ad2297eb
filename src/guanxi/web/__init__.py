"""The generic face: pages and fragments for any object, from its declaration alone."""
