"""How two runs differ, and whether the difference is worse than chance."""
