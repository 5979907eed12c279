"""pytest hooks: options, fixtures, header and summary; all logic lives below."""
