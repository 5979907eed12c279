"""Whether a night is green: evidence, statistical tests, verdict. Counts in, colour out."""
