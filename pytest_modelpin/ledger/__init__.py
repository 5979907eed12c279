"""Nights and streaks, and the stores that keep them."""
