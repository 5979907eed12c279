"""Sending to providers: pace, limits, budget, look-ahead; loaded only where one may send."""
