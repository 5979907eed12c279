"""The detectors, one subject a module; `table` puts them in order."""
