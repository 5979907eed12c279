"""The key of runs that need none."""

PLACEHOLDER_KEY = "replayed-no-key-needed"
"""Given to SDKs that refuse to start without a key, in runs that never reach the network."""
