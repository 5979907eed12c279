"""models.yml: finding, reading and checking it."""
