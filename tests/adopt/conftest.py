"""The repositories below are data: tests run pytest in copies of them, and not here."""

collect_ignore = ["repositories"]
