import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from answers import answer


def test_parcel(model_snapshot):
    text = answer("Where is my parcel?")
    assert "way" in text
    assert text == model_snapshot
