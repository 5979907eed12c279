"""A night: every watched model tried, written down, and what people are told of it."""
