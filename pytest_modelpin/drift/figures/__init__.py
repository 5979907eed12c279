"""Figures: numbers, amounts, dates and times, as they are written and as they are meant."""
