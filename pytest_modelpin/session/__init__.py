"""pytest's hooks of a session that has a models.yml; plugin.py activates them."""
