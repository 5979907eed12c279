"""Putting a sample's changed answers before the judge that models.yml names.

What the judge makes of them is for `opinion`; this is about its calls: on captures of their
own, so that they are recorded and replayed like any other and are none of the test's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers import bare
from pytest_modelpin.providers.api_keys import PLACEHOLDER_KEY, is_placeholder
from pytest_modelpin.providers.asking import asking, key_for, provider_to_ask, read_answer
from pytest_modelpin.providers.own_requests import Question
from pytest_modelpin.recordings.owner import Owner, judging_for
from pytest_modelpin.redaction.redact import redact
from pytest_modelpin.registry.selection import RecordMode, Selected, Selection
from pytest_modelpin.results.case import Answer, Call, Judged

if TYPE_CHECKING:
    from pytest_modelpin.intercept.interceptor import Interceptor
    from pytest_modelpin.providers.wire import Reply
    from pytest_modelpin.recordings.capture import Capture

_SECONDS = 120.0  # of silence before a judge counts as unreachable


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """One answer before the judge."""

    answer: Answer
    judge: str
    """The judge's logical name."""
    judge_id: str
    """Its pin."""
    compared: Mapping[str, frozenset[str]]
    """The logical models whose answer it is: production's id, the id asked for, those served."""
    ask: Callable[[str, str], Reply]
    """System and user message to the judge's reply. Raises ModelpinError where there is none."""


JudgeAnswer = Callable[[JudgeRequest], Judged]


class Judging:
    """Asks the judge, one question at a time, always on its pin."""

    def __init__(
        self,
        pins: Pins,
        selection: Selection,
        interceptor: Interceptor,
        judge_answer: JudgeAnswer,
    ) -> None:
        self._pins = pins
        self._selection = selection
        self._interceptor = interceptor
        self._judge_answer = judge_answer

    def judged(
        self, owner: Owner, names: Iterable[str], calls: Sequence[Call], answers: Sequence[Answer]
    ) -> tuple[tuple[Answer, ...], tuple[Capture, ...]]:
        """The answers with their judgements where their test asks for any, and what was asked.

        `names` are the logical models behind the answers and `calls` what they said; answers of
        models that are all on their pins are not judged. Raises RecordingError where a judgement
        can't be recorded.
        """
        compared = self._compared(names, calls)
        captures: list[Capture] = []
        return tuple(
            replace(answer, judged=self._one(owner, compared, answer, captures))
            if compared and _wants_judgement(answer)
            else answer
            for answer in answers
        ), tuple(captures)

    def _compared(
        self, names: Iterable[str], calls: Sequence[Call]
    ) -> Mapping[str, frozenset[str]]:
        found = {}
        for name in names:
            chosen = self._selection.models.get(name)
            if chosen is None or chosen.is_pin:
                continue
            served = {bare(c.reply.served_model) for c in calls
                      if c.name == name and c.reply.served_model}  # fmt: skip
            found[name] = frozenset({chosen.production, chosen.id, *served})
        return found

    def _one(
        self,
        owner: Owner,
        compared: Mapping[str, frozenset[str]],
        answer: Answer,
        captures: list[Capture],
    ) -> Judged:
        judge = self._pins.settings.judge
        if judge is None:
            where = "name one with `settings: judge:` in models.yml."
            return Judged(None, f"{owner.address} asks for a judge; {where}")

        asked = len(captures)

        def ask(system: str, user: str) -> Reply:
            return self._ask(owner, judge, system, user, captures)

        found = self._judge_answer(JudgeRequest(answer, judge, self._pins[judge], compared, ask))
        if found.better is not None:  # what is of no use is asked for again the next time
            for capture in captures[asked:]:
                capture.save()
        return replace(found, reason=redact(found.reason))

    def _ask(
        self, owner: Owner, judge: str, system: str, user: str, captures: list[Capture]
    ) -> Reply:
        """One question to the judge; its capture joins `captures`. Raises ModelpinError."""
        import httpx
        import pytest

        model = self._pins.models[judge]
        who = f"the judge {judge!r} ({model.production})"
        provider = provider_to_ask(model.production, model.provider)
        mode, key, why_replayed = self._mode(provider)
        request = asking(provider, Question(model.production, user, system), key, os.environ)
        on_its_pin = Selected(
            judge, model.production, "production", model.production, mode, model.provider
        )
        self._interceptor.begin(judging_for(owner), only=on_its_pin)
        try:
            response = httpx.post(
                request.url, headers=dict(request.headers), json=request.body, timeout=_SECONDS
            )
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise ModelpinError(f"{who} can't be reached ({type(error).__name__}).") from None
        except pytest.fail.Exception as refused:
            missed = mode == "none"
            raise ModelpinError(f"{who}: {why_replayed if missed else refused}") from None
        finally:
            captures.append(self._interceptor.end())
        return read_answer(request, response, who)

    def _mode(self, provider: str) -> tuple[RecordMode, str, str]:
        """How to ask, the key to ask with, and what to say where no recording answers.

        What was asked before is replayed also in live runs: it is the same question, word for word.
        """
        if not self._selection.sends:
            return "none", PLACEHOLDER_KEY, "its judgement is not recorded, and this run replays."
        try:
            key = key_for(provider, os.environ)
        except ModelpinError as error:
            return "none", PLACEHOLDER_KEY, str(error)
        if is_placeholder(key):
            return "none", key, f"There is no key for {provider} in the environment."
        return "new", key, ""


def _wants_judgement(answer: Answer) -> bool:
    return (
        answer.judge is not None
        and answer.accepted is not None
        and answer.received != answer.accepted
    )
