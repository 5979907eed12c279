"""`severities:` and `ignore:` work for every kind of drift, wherever it is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from every_wire.embeddings import by_chance

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import compare
from pytest_modelpin.drift.drift import DriftKind, Severity
from pytest_modelpin.providers.embeddings import Embedded
from pytest_modelpin.providers.wire import Reply, ToolCall, Usage
from pytest_modelpin.results.case import Answer, Call, Case, Sample, vector_of
from pytest_modelpin.results.run import Asked, Run

PROSE = "The parcel left our warehouse on Monday. The courier rings twice before he leaves again."
LONG = PROSE + " We thank you for the order and wish you a pleasant day with what you have bought."

Shown = tuple[Any, Any]
"""What a sample is made of on both sides: an answer's value, or fields of the reply."""

EXAMPLES: dict[str, Shown] = {
    "whitespace": ("Paris  is", "Paris is"),
    "wording": ("Your order has shipped today.", "Your order was shipped today."),
    "order": ([1, 2, 3], [3, 1, 2]),
    "fence": ('{"a": 1}', '```json\n{"a": 1}\n```'),
    "unparseable": ('{"a": 1}', "none at all"),
    "keys": ({"a": 1, "b": 2}, {"a": 1}),
    "type": ({"a": 1}, {"a": "1"}),
    "enum": ({"state": "open"}, {"state": "pending"}),
    "shape": ({"a": 1}, [{"a": 1}]),
    "number": ({"a": 1}, {"a": 2}),
    "negation": ({"a": True}, {"a": False}),
    "refusal": (PROSE, "I'm sorry, but I can't help with that."),
    "truncated": ({"text": PROSE}, {"text": PROSE, "complete": False}),
    "empty": (PROSE, ""),
    "length": (LONG, LONG + " " + LONG.replace("parcel", "box") + " " + LONG.replace("he", "she")),
    "language": (PROSE, "Das Paket hat unser Lager verlassen. Der Bote klingelt zweimal, bevor er "
                 "wieder geht, und wir danken Ihnen für die Bestellung."),
    "format": (PROSE, "# The parcel\n\n" + PROSE),
    "content": (PROSE, PROSE + " The warranty lasts for three years and covers every defect."),
    "tools": ({"tools": (ToolCall("find", {"a": 1}),)}, {"tools": (ToolCall("find", {"a": 2}),)}),
    "tokens": ({"usage": Usage(10, 100)}, {"usage": Usage(10, 300)}),
    "cost": ({"usage": Usage(10, 100)}, {"usage": Usage(10, 300)}),
    "neighbours": ("p", "next"),
    "latency": (1.0, 3.0),
    "finish_reason": ({"text": PROSE, "finish_reason": "stop"},
                      {"text": PROSE, "finish_reason": "pause_turn"}),
}  # fmt: skip

PRICES = {"p": {"input": 1.0, "output": 2.0}}


def sample(kind: str, shown: Any) -> Sample:
    reply = Reply(text="behind it", served_model="p", usage=Usage(10, 10))
    if kind == "latency":
        return Sample("passed", calls=(Call("gpt", reply, True, shown),))
    if kind == "neighbours":
        texts = (Embedded(f"text {n}", "", by_chance(shown, f"text {n}")) for n in range(20))
        vectors = tuple(map(vector_of, texts))
        return Sample("passed", calls=(Call("gpt", reply, True, 1.0, vectors=vectors),))
    if isinstance(shown, dict) and set(shown) <= set(Reply.__dataclass_fields__):
        return Sample("passed", calls=(Call("gpt", replace(reply, **shown), True, 1.0),))
    answers = (Answer("s", None, shown),)
    return Sample("passed", calls=(Call("gpt", reply, True, 1.0),), answers=answers)


def found(kind: str, samples: int, settings: Settings, case_ignore: tuple[str, ...] = ()) -> str:
    """The gravest severity at which two runs show the kind; empty where they don't."""
    runs = []
    for which, shown in zip(("production", "candidate"), EXAMPLES[kind], strict=True):
        told = Case("t", (sample(kind, shown),) * samples, models=("gpt",), ignore=case_ignore)
        runs.append(Run({"gpt": Asked("gpt", "p", which, "p", "all", ("p",))}, (told,)))
    (case,) = compare(*runs, "gpt", settings).cases
    rank = ("", "info", "review", "regression")
    severities = [drift.severity for drift in case.drifts if drift.kind == kind]
    return max(severities, key=rank.index, default="")


def settings_of(**changed: Any) -> Settings:
    return Settings(prices=PRICES, **changed)


def test_every_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(get_args(DriftKind)) - {"identical"}


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_kind_has_the_severity_that_models_yml_gives_it(kind: str, samples: int) -> None:
    wanted: tuple[Severity, ...] = ("info", "review", "regression")
    assert [
        found(kind, samples, settings_of(severities={kind: severity})) for severity in wanted
    ] == [*wanted]


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_kind_that_is_ignored_is_information(kind: str, samples: int) -> None:
    raised = {kind: "regression"}
    assert found(kind, samples, settings_of(ignore=(kind,), severities=raised)) == "info"
    assert found(kind, samples, settings_of(severities=raised), (kind,)) == "info"
