"""What is about to hurt: floating and retiring pins, stale validation, red nights."""
