"""Accepted answers, kept by a syrupy extension."""
