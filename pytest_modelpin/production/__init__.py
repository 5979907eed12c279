"""The later stages of an upgrade, from what production saw: canary, shadow, health, lineage."""
