"""pytest-modelpin: an LLM version as an ordinary, tested, pinned dependency."""

__version__ = "0.1.0"
