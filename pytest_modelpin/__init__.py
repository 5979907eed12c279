"""pytest-modelpin: an LLM version as an ordinary, tested, pinned dependency."""

__version__ = "0.1.0"

PLACES = ("models.yml", "config/models.yml", ".github/models.yml")
"""Where models.yml may lie below a repository's root; the first one there counts.

Named here because pytest's face looks for the file before it imports anything else of ours.
"""
