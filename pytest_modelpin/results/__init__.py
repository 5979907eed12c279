"""What a session found: cases, the run, the run report's file, merging its parts; data only."""
