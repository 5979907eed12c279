"""Moving a pin: the bump, its pull request, the dashboard issue, rolling back."""
