"""Sorts mail."""

import os

MODEL = os.getenv("TRIAGE_MODEL", "claude-haiku-4-5-20251001")
