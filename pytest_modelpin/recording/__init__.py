"""Between the HTTP clients and the network: hooks, matching, redaction, recordings."""
