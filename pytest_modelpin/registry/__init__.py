"""models.yml: find, load, validate, select, edit. Usable without pytest or an HTTP client."""
