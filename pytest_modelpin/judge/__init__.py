"""The LLM judge: a third model that is asked about two answers."""
