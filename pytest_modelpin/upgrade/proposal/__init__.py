"""A move put before people: its branch, its pull request, and what becomes of them later."""
