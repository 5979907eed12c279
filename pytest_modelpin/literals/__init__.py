"""Model ids that a repository's files name literally: finding them, and moving one of them."""
