from pathlib import Path

import pytest

from pytest_modelpin.registry import Pins, load


@pytest.fixture
def pins_of(tmp_path: Path):
    """Reads a text as models.yml; the environment is empty unless given."""

    def read(text: str, environment: dict[str, str] | None = None) -> Pins:
        path = tmp_path / "models.yml"
        path.write_bytes(text.encode("utf-8"))
        return load(path, environment or {})

    return read
