"""Bringing pytest-modelpin into a repository: what `init` writes, and what it leaves alone."""
