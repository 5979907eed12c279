"""Exchanges on disk: what they hold, storing, looking up, matching, redaction, what is unused."""
