"""GitHub's API, as far as the ledger and the upgrade need it."""
