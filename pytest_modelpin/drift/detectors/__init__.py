"""The detectors, one subject a module; `drift.detection` puts them in order."""
