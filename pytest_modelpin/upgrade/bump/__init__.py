"""A pin's move in a folder: pins, accepted answers, recordings, ids in code, and the evidence."""
