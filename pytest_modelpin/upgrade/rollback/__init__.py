"""Back to the version before."""
