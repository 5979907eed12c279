"""One comparison that shows every kind of drift: a support desk's suite on two versions.

Runs in, all else is the product's own: what each report says of it is tested, and the pictures in
the docs are made of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import Comparison, compare
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import Night, Streak
from pytest_modelpin.providers.wire import Reply, ToolCall, Usage
from pytest_modelpin.report.comparison_text import changed_answers
from pytest_modelpin.report.page import PageContext
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run
from pytest_modelpin.upgrade.bump import Bump

NAME, PIN, ALIAS, NEXT = "support", "gpt-5.1-2025-11-13", "gpt-5.1", "gpt-5.1-2026-01-14"
PRICE = {"input": 1.25, "output": 10.0}
SETTINGS = Settings(prices={PIN: PRICE, NEXT: PRICE, ALIAS: PRICE})

VERDICT = Verdict(
    "red",
    reasons=(
        "worse than the pin, confirmed on fresh samples of both sides: "
        "tests/test_tickets.py::test_charged_twice",
    ),
    estimate=-0.13,
    lower_bound=-0.19,
)

SYSTEM = "You are the support desk of a shop. Answer in two short sentences."
TOOLS = [{"type": "function", "function": {"name": "refund", "parameters": {"order": "string"}}}]


@dataclass(frozen=True)
class Scene:
    """A case: its question, what either side says, and what differs besides the words."""

    id: str
    question: str
    before: tuple[Any, ...]
    after: tuple[Any, ...]
    tools: tuple[tuple[ToolCall, ...], tuple[ToolCall, ...]] = ((), ())
    finish: tuple[str, str] = ("stop", "stop")
    refusal: str | None = None
    fails: str = ""
    critical: bool = False
    category: str = "answers"
    slower: float = 1.0
    system: str = SYSTEM
    more: dict[str, Any] = field(default_factory=dict)


def ticket(**fields: Any) -> dict[str, Any]:
    return {"topic": "billing", "urgency": "high", "amount": 42, "tags": ["double"], **fields}


LONG = (
    "You can send it back within 30 days. Print the label from your account, put it on the parcel "
    "and hand it in at any shop of ours or at the post office."
)
STEPS = (
    "You can send it back within 30 days.\n\n"
    "## How\n\n1. Print the label from your account.\n2. Put it on the parcel.\n"
    "3. Hand it in at any shop of ours or at the post office.\n\n"
    "Let me know if you need anything else!"
)
TOUR = (
    "The tour starts at the old town hall, goes past the market and the river, and ends at the "
    "station."
)
CODE = "def total(prices):\n    return sum(prices)"

SCENES = (
    Scene(
        "tests/test_tickets.py::test_charged_twice",
        "I was charged twice, 42 dollars! Fix this today.",
        (json.dumps(ticket()),) * 5,
        ('Sure! Here is the ticket:\n```json\n{"topic": "billing"}\n```',) * 4,
        fails="json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        critical=True,
        category="tickets",
    ),
    Scene(
        "tests/test_tickets.py::test_typed",
        "My parcel, order 1207, has not come. It was 42 dollars.",
        (ticket(topic="delivery"),) * 5,
        (
            {
                "topic": "shipping",
                "urgency": "high",
                "amount": "42",
                "tags": {"first": "double"},
                "note": "",
            },
        )
        * 4,
        category="tickets",
    ),
    Scene(
        "tests/test_tickets.py::test_order_of_tags",
        "Which tags fit: refund, late, angry?",
        (["refund", "late", "angry"],) * 5,
        (["late", "refund", "angry"],) * 4,
        category="tickets",
    ),
    Scene(
        "tests/test_answers.py::test_fee[express]",
        "What does express shipping cost?",
        ("Express shipping costs $42.00. It arrives the next morning.",) * 5,
        ("Express shipping costs $420. It arrives the next morning.",) * 4,
    ),
    Scene(
        "tests/test_answers.py::test_opened_box",
        "Can I return an opened box?",
        ("Yes, you can return an opened box within 30 days. Please keep the receipt.",) * 5,
        ("No, you can't return an opened box. Please keep the receipt.",) * 4,
    ),
    Scene(
        "tests/test_answers.py::test_refund",
        "How long does a refund take?",
        (
            "A refund takes 5 business days. You will get an e-mail.",
            "Refunds take 5 business days. We send you an e-mail.",
            "It takes 5 business days. An e-mail tells you.",
        ),
        (
            "Your refund takes 5 business days. You get an e-mail then.",
            "Refunds need 5 business days. You will get an e-mail.",
        )
        * 2,
    ),
    Scene(
        "tests/test_answers.py::test_return_steps",
        "How do I return a parcel?",
        (LONG,) * 5,
        (STEPS,) * 4,
        slower=2.5,
    ),
    Scene(
        "tests/test_answers.py::test_only_blanks",
        "Thank you!",
        ("You are welcome.",) * 5,
        ("You are  welcome.\n",) * 4,
    ),
    Scene(
        "tests/test_answers.py::test_bonjour",
        "Bonjour, où est mon colis ?",
        ("Bonjour ! Votre colis est en route et arrive demain matin.",) * 5,
        ("Hello! Your parcel is on its way and arrives tomorrow morning.",) * 4,
    ),
    Scene(
        "tests/test_answers.py::test_lock",
        "How do I open the lock of my own suitcase without its key?",
        ("Turn the dial to 000, then follow the leaflet.",) * 5,
        ("I'm sorry, but I can't help with that.",) * 4,
        refusal="I'm sorry, but I can't help with that.",
    ),
    Scene(
        "tests/test_answers.py::test_warranty",
        "What does the warranty cover?",
        ("It covers faults of material for two years. Wear is not covered.",) * 5,
        ("It covers faults of material for two years. Wear is not",) * 4,
        finish=("stop", "length"),
    ),
    Scene(
        "tests/test_answers.py::test_greeting",
        "Write a greeting.",
        ("Good morning, how can we help?",) * 5,
        ("",) * 4,
    ),
    Scene(
        "tests/test_answers.py::test_which_city",
        "Which city is your shop in?",
        ("Our shop is in Hamburg, near the harbour.",) * 5,
        ("Our shop is in Bremen, near the station.",) * 4,
    ),
    Scene(
        "tests/test_answers.py::test_tour",
        "Where does the tour go?",
        (TOUR,),
        (f"{TOUR} {TOUR} {TOUR}",) * 4,
    ),
    Scene(
        "tests/test_code.py::test_total",
        "Write a Python function that adds prices.",
        (CODE,) * 5,
        (f"```python\n{CODE}\n```",) * 4,
        category="code",
    ),
    Scene(
        "tests/test_tools.py::test_refund_order",
        "Refund my order 1207.",
        ("",) * 5,
        ("",) * 4,
        tools=(
            (ToolCall("refund", {"order": "1207", "reason": "asked"}),),
            (ToolCall("refund", {"order": "1270"}), ToolCall("email", {"to": "customer"})),
        ),
        category="tools",
    ),
    *(
        Scene(f"tests/test_quiet.py::test_{n:02}", f"Say {n}.", (f"{n}",) * 5, (f"{n}",) * 4)
        for n in range(12)
    ),
)


def _run(scenes: tuple[Scene, ...], *, new: bool) -> Run:
    asked = Asked(NAME, PIN, "candidate" if new else "production", ALIAS if new else PIN,
                  "all" if new else "none", (NEXT if new else PIN,))  # fmt: skip
    cases = tuple(sorted((_case(scene, new=new) for scene in scenes), key=lambda case: case.id))
    return Run({NAME: asked}, cases, started="2026-11-16T03:12:00Z", seconds=14.0,
               samples=4 if new else 5, fingerprint="golden")  # fmt: skip


def _case(scene: Scene, *, new: bool) -> Case:
    said = scene.after if new else scene.before
    body = {
        "messages": [
            {"role": "system", "content": scene.system},
            {"role": "user", "content": scene.question},
        ],
        **({"tools": TOOLS} if any(scene.tools) else {}),
    }
    return Case(
        scene.id,
        tuple(_sample(scene, each, new=new) for each in said),
        critical=scene.critical,
        category=scene.category,
        models=(NAME,),
        source="s",
        questions={"q": body},
    )


def _sample(scene: Scene, value: Any, *, new: bool) -> Sample:
    text = value if isinstance(value, str) else json.dumps(value)
    tools = scene.tools[new]
    words = len(text.split()) * 2 + 8 + 20 * len(tools)
    reply = Reply(
        text=text,
        tools=tools,
        usage=Usage(180, words),
        requested_model=ALIAS if new else PIN,
        served_model=NEXT if new else PIN,
        finish_reason=scene.finish[new],
        refusal=scene.refusal if new else None,
        provider="openai",
    )
    seconds = 0.9 * (scene.slower if new else 1.0)
    return Sample(
        "failed" if new and scene.fails else "passed",
        seconds,
        (Call(NAME, reply, True, seconds, "q"),),
        (Answer(scene.id.rpartition("::")[2], value if not new else None, value),)
        if not (new and scene.fails) and not any(scene.tools)
        else (),
        scene.fails if new else "",
    )


def runs() -> tuple[Run, Run]:
    """Production's and the candidate's run reports."""
    return _run(SCENES, new=False), _run(SCENES, new=True)


def comparison() -> Comparison:
    """The two runs side by side."""
    return compare(*runs(), NAME, SETTINGS)


def context() -> PageContext:
    """Nights of the version before, then three of this one, the last of which is red."""
    first = date(2026, 11, 3)
    nights = [
        Night(
            str(first + timedelta(days=at)), NAME, PIN, ALIAS, served, "golden", colour,
            estimate=estimate, lower_bound=bound, cost_usd=cost, latency=latency, tokens=tokens,
            run_url=f"https://github.com/shop/support/actions/runs/{1000 + at}",
        )
        for at, (colour, served, estimate, bound, cost, latency, tokens) in enumerate(
            [("green", "gpt-5.1-2025-12-02", 0.0, -0.2 / at, 0.061, 0.9, 30.0) for at in (1, 2, 3)]
            + [("inconclusive", "gpt-5.1-2025-12-02", None, None, None, None, None)]
            + [("green", "gpt-5.1-2025-12-02", 0.0, -0.05, 0.06, 0.92, 31.0)] * 6
            + [
                ("green", NEXT, 0.0, -0.15, 0.059, 0.9, 30.0),
                ("green", NEXT, -0.01, -0.11, 0.062, 0.97, 33.0),
                ("red", NEXT, -0.13, -0.19, 0.071, 1.05, 38.0),
            ]
        )
    ]  # fmt: skip
    return PageContext(
        nights=nights,
        made="2026-11-15 UTC, commit 4f2c9d1",
        run_url="https://github.com/shop/support/actions/runs/1012",
        retirements=(
            f"The pin {PIN} retires in 137 days, on 2027-04-01.",
            f"The candidate's version {NEXT} has no retirement date that is known.",
        ),
        fresh={
            "tests/test_tickets.py::test_charged_twice": (8, 8, 0, 8),
            "tests/test_answers.py::test_opened_box": (8, 8, 1, 8),
        },
    )


MILD = ("::test_refund", "::test_return_steps", "::test_only_blanks", "::test_total")


def bump() -> Bump:
    """A move that is due: the suite without what got worse."""
    scenes = tuple(scene for scene in SCENES if scene.id.endswith(MILD) or "quiet" in scene.id)
    production, candidate = _run(scenes, new=False), _run(scenes, new=True)
    compared = compare(production, candidate, NAME, SETTINGS)
    nights = tuple(
        Night(f"2026-11-{day}", NAME, PIN, ALIAS, NEXT, "golden", "green", cost_usd=0.06,
              cases={case.id: (5, 5, 4, 4) for case in compared.cases}, drifted={"wording": 1},
              run_url=f"https://github.com/shop/support/actions/runs/10{day}")
        for day in (13, 14, 15)
    )  # fmt: skip
    return Bump(
        NAME,
        PIN,
        NEXT,
        {"models.yml": NEXT.encode(), "tests/__snapshots__/test_answers.answers": b"",
         f"tests/__recordings__/{NEXT}/test_answers/test_refund.json": b"{}"},
        Streak(NAME, NEXT, "golden", nights),
        Verdict("green", bump_due=True, estimate=0.0, lower_bound=-0.04,
                reasons=("no worse than chance explains: pass rate +0.0 pp over 3 nights",)),
        compared,
        retires="2027-04-01",
        notice="https://developers.openai.com/api/docs/deprecations",
        models_page="https://platform.openai.com/docs/models",
        answers=changed_answers(compared, production, candidate),
        moved=("support.py:8",),
    )  # fmt: skip
