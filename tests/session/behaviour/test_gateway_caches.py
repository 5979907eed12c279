"""A gateway that keeps answers, and gives those of another day in a candidate's place."""

from __future__ import annotations

import pytest

from pytest_modelpin.compare.comparison import compare
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.demo import http_server
from pytest_modelpin.results.report_file import from_json


@pytest.fixture
def cached(project, monkeypatch):
    """The project, recorded; from now on its gateway says that it answered by itself."""
    project.record()
    handler = http_server._Handler
    send = handler._send_headers

    def with_a_hit(self, headers):
        send(self, {**headers, "cf-aig-cache-status": "HIT"})

    monkeypatch.setattr(handler, "_send_headers", with_a_hit)
    return project


def test_what_it_gives_is_not_fresh_and_said(cached):
    """Three nights of one night's answers were three green nights."""
    before = cached.report("--model=production")
    result = cached.run("--model=candidate", "--model-report=candidate.json")
    result.stdout.fnmatch_lines(["*from a cache, by its header cf-aig-cache-status: *"])
    after = cached.report("--model=candidate")
    assert {call["fresh"] for case in after["cases"] for call in case["samples"][0]["calls"]} == {
        False
    }
    verdict = decide(compare(from_json(before), from_json(after), "support"))
    assert verdict.colour == "inconclusive"
    assert "out of a gateway's cache" in verdict.reasons[0]
