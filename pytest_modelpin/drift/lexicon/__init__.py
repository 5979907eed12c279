"""The vocabularies that the comparison knows, as plain data, one theme a module."""
