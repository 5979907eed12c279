"""How each API words an answer: the plain document, the events of a stream, and an error."""
