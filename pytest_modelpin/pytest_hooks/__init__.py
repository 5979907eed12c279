"""pytest's hooks of a session that has a models.yml; plugin.py wakes them."""
