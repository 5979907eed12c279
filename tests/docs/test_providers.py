"""docs/providers.md says what the tests of the doors do, no more and no less."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_doors_is_that_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS)
    import make_providers

    monkeypatch.delitem(sys.modules, "make_providers")
    written = make_providers.PAGE.read_text(encoding="utf-8")
    *_, versions = written.splitlines()
    assert versions.startswith("Made with openai ")
    assert written == make_providers.page(versions), "run `python docs/make_providers.py`"
