"""Programs, commands and queries in an answer, read by what they do instead of how they look."""
