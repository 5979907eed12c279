"""The pinned model versions, from models.yml beside the package."""

from pathlib import Path

from pytest_modelpin.registry import load

PINS = load(Path(__file__).parent.parent / "models.yml")
