"""What each report says of an embedding model whose texts have other neighbours."""

from __future__ import annotations

import pytest
from every_wire.embeddings import by_chance
from markdown_it import MarkdownIt

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import Comparison, compare
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.ledger import Streak
from pytest_modelpin.providers.embeddings import Embedded
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.report.comparison_text import changed_answers, comparison_text
from pytest_modelpin.report.markdown import comparison_markdown
from pytest_modelpin.report.page import comparison_page
from pytest_modelpin.results.case import Call, Case, Sample, vector_of
from pytest_modelpin.results.run import Asked, Run
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.proposal.body import body

PIN, NEXT = "text-embedding-3-small", "text-embedding-3-large"
HOSTILE = "</script><img src=x onerror=alert(1)> @octocat ```"


def run_of(version: str, which: str) -> Run:
    texts = [HOSTILE, *(f"text {n}" for n in range(29))]
    vectors = tuple(vector_of(Embedded(each, "", by_chance(version, each))) for each in texts)
    call = Call("embedder", Reply(served_model=version), True, 0.1, vectors=vectors)
    case = Case("tests/test_search.py::test_search", (Sample("passed", calls=(call,)),),
                models=("embedder",))  # fmt: skip
    return Run({"embedder": Asked("embedder", PIN, which, version, "all", (version,))}, (case,))


@pytest.fixture(scope="module")
def runs() -> tuple[Run, Run]:
    return run_of(PIN, "production"), run_of(NEXT, "candidate")


@pytest.fixture(scope="module")
def found(runs: tuple[Run, Run]) -> Comparison:
    return compare(*runs, "embedder", Settings(on_drift="report"))


def reports(found: Comparison, runs: tuple[Run, Run]) -> dict[str, str]:
    verdict = decide(found, settings=Settings(on_drift="report"))
    assert changed_answers(found, *runs) == ()
    streak = Streak("embedder", NEXT, "f")
    bump = Bump("embedder", PIN, NEXT, {}, streak, verdict, found)
    return {
        "terminal": comparison_text(found, verdict),
        "markdown": comparison_markdown(found, verdict),
        "page": comparison_page(found, verdict, *runs),
        "pull request": body(bump, settings=Settings()),
    }


def test_every_report_says_how_many_neighbours_are_kept(found, runs):
    for name, text in reports(found, runs).items():
        assert "neighbours kept" in text, name
        assert "k=6, 30 texts" in text, name


def test_every_report_names_the_kind_and_a_text(found, runs):
    for name, text in reports(found, runs).items():
        assert "neighbours" in text.replace("neighbours kept", ""), name
        assert "text 1" in text, name


def test_no_report_holds_a_vector(found, runs):
    packed = runs[0].cases[0].samples[0].calls[0].vectors[1].packed
    for name, text in reports(found, runs).items():
        assert packed[:40] not in text, name


def test_a_text_is_never_markup(found, runs):
    made = reports(found, runs)
    assert "<img src=x" not in made["page"]
    for name in ("markdown", "pull request"):
        assert "<img src=x" not in MarkdownIt("commonmark").render(made[name]), name
