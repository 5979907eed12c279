"""What must not be written: names and shapes of secrets, their spellings, and taking them out."""
