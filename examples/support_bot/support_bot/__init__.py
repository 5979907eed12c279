"""A support desk's helper: sorts tickets, drafts replies, sums up long threads."""
