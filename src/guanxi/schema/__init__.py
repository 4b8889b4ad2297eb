"""What an object is: field kinds, declarations, the registry and its immutable snapshot."""
