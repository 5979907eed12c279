"""The judge of a run: asked twice about each answer, within its own budget, and never twice again.

It is asked only where it is believed (`calibration`), and only about what is not known already.
Whatever keeps it from an opinion leaves the findings to a person, and is said once.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelpin_runtime.registry.models import Model, Pins
from pytest_modelpin.clock import monotonic
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.files import OWN_FOLDER, safe_name
from pytest_modelpin.intercept.driving import hooked
from pytest_modelpin.judge.calibration import (
    COMMITTED,
    Calibration,
    path_of,
    read_calibration,
    write_calibration,
)
from pytest_modelpin.judge.criterion import barred
from pytest_modelpin.judge.difference import (
    WORDING,
    Opinion,
    Reading,
    is_fence,
    messages,
    read_opinion,
    together,
)
from pytest_modelpin.live.reply_limits import Watch
from pytest_modelpin.live.throttle import Budget
from pytest_modelpin.providers import bare, identify
from pytest_modelpin.providers.api_keys import is_placeholder
from pytest_modelpin.providers.asking import asking, key_for, provider_to_ask, read_answer
from pytest_modelpin.providers.own_requests import Question
from pytest_modelpin.providers.prices import price
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.redaction.redact import redact
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.typed_json import Misfit, plain_reader, read_as
from pytest_modelpin.wording import dollars

FOLDER = Path(OWN_FOLDER, "judge")
"""Where opinions are kept, below the folder that pytest runs in; git-ignored, since all of it can
be asked again."""

Ask = Callable[[Model, str, str], Reply]

_SCHEMA = 1  # of the file of opinions
_AT_ONCE = 4  # questions
_REPLY_SECONDS = 120.0  # from its first byte to its last
_FAILURES = 2  # in a row, after which it counts as down
_LONGEST = 600.0
"""Seconds that it may take over the answers of one comparison, or over being measured."""
_MOST_UNPRICED = 200  # calls where no price is known, so that no budget can be kept


class Judge:
    """The model that models.yml names as `settings.judge`."""

    def __init__(
        self,
        pins: Pins,
        folder: Path,
        *,
        usd: float | None = None,
        ask: Ask | None = None,
    ) -> None:
        """`folder` holds its opinions; `usd` is by default `settings.judge.budget_usd`."""
        assert pins.settings.judge is not None, "asked of files that name a judge"
        self.model = pins.models[pins.settings.judge]
        self.folder = folder
        self.committed = pins.path.parent / COMMITTED
        """Where a team keeps its calibrations."""
        self._ask = ask or _ask_live
        self._file = OpinionFile(folder, self.model.production)
        limit = pins.settings.judge_budget_usd if usd is None else usd
        self._raised_by = "`budget_usd` of `settings: judge:`" if usd is None else "`--budget`"
        self._budget = Budget(limit, lambda reply: price(reply, pins.settings.prices))
        self._changed = threading.Condition()
        self._calls = 0
        self._failures = 0
        self._until = 0.0
        self._down = ""
        self.unheard: set[str] = set()
        """The keys of the readings to which no reply came: it was down, or not asked any more."""

    @property
    def spent(self) -> float:
        """US dollars, as far as prices are known."""
        return self._budget.spent

    @property
    def is_priced(self) -> bool:
        """Whether the price of all that it answered is known."""
        return not self._budget.unpriced

    @property
    def problem(self) -> str:
        """Why something went unasked, as a sentence; empty where nothing did."""
        return self._down

    def calibration(self) -> Calibration | None:
        """How good this version is: as the team committed it, or as it was measured here."""
        version = self.model.production
        kept = (path_of(folder, version) for folder in (self.committed, self.folder))
        return next(filter(None, (read_calibration(path, version) for path in kept)), None)

    def keep(self, calibration: Calibration) -> Path:
        """Keep it beside the opinions, where no repository sees it; returns the file."""
        path = path_of(self.folder, self.model.production)
        write_calibration(path, calibration)
        return path

    def why_not(self, name: str, ids: Collection[str]) -> str:
        """Why it may not judge a bump of `name` between these ids; empty where it may."""
        if identify(self.model.production, self.model.provider).kind == "floating":
            return (
                f"the judge {self.model.name!r} is the alias {self.model.production}, which may "
                "answer otherwise tomorrow; pin it."
            )
        judge_ids = [bare(self.model.production)]
        return barred(self.model.name, judge_ids, name, [bare(id) for id in ids]) or ""

    def known(self, readings: Iterable[Reading]) -> dict[str, Opinion]:
        """By key, what was said of these before; asks nothing."""
        found = {each.key: self._file.get(each.key) for each in readings}
        return {key: opinion for key, opinion in found.items() if opinion is not None}

    def opinions(self, readings: Iterable[Reading]) -> dict[str, Opinion]:
        """By key, what it says of each; without those that it gave no usable opinion of."""
        asked = {each.key: each for each in readings}
        known = self.known(asked.values())
        unknown = [each for key, each in asked.items() if key not in known]
        if not unknown:
            return known
        self._until = monotonic() + _LONGEST
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="modelpin-judge") as pool:
            answers = list(pool.map(self._opinion, unknown))
        new = {
            each.key: opinion
            for each, opinion in zip(unknown, answers, strict=True)
            if opinion is not None
        }
        try:
            self._file.add(new)
        except OSError as error:
            self._say(f"{self._file.path} can't be written ({error.strerror or error}).")
        return {**known, **new}

    def _opinion(self, asked: Reading) -> Opinion | None:
        """From both orders of the blocks."""
        first = self._once(asked, new_first=False)
        if first is None:
            return None
        second = self._once(asked, new_first=True)
        if second is None:
            return None
        both = together(first, second)
        return Opinion(both.meant, redact(both.quote), redact(both.reason))

    def _once(self, asked: Reading, *, new_first: bool) -> Opinion | None:
        fence = secrets.token_hex(12)
        while not is_fence(fence, asked):
            fence = secrets.token_hex(12)
        system, user = messages(asked, fence, new_first=new_first)
        if not self._admitted():
            self.unheard.add(asked.key)
            return None
        reply: Reply | None = None
        try:
            reply = self._ask(self.model, system, user)
        except ModelpinError as error:
            self._failed(str(error))
            self.unheard.add(asked.key)
            return None
        finally:
            with self._changed:
                self._budget.book(self.model.production, reply)
                self._changed.notify_all()
        self._failures = 0
        opinion = read_opinion(reply.text, asked)
        if opinion is None:
            self._say(
                f"the judge {self.model.name!r} gave no JSON object with verdict and quote: "
                f"{redact(' '.join(reply.text.split()))[:80]!r}"
            )
        return opinion

    def _admitted(self) -> bool:
        with self._changed:
            while (may := self._may_ask()) is None:
                self._changed.wait(max(0.0, self._until - monotonic()))
            if may:
                self._calls += 1
                self._budget.reserve(self.model.production)
            return may

    def _may_ask(self) -> bool | None:
        if self._failures >= _FAILURES:
            return False
        if monotonic() >= self._until:
            self._say(f"the judge {self.model.name!r} took longer than {_LONGEST:.0f} s over it.")
            return False
        if self._budget.unpriced and self._calls >= _MOST_UNPRICED:
            self._say(
                f"the judge's price is not known, so that it is asked {_MOST_UNPRICED} times at "
                "most; name it under `settings: prices:` in models.yml."
            )
            return False
        may = self._budget.affords(self.model.production)
        if may is False:
            self._say(
                f"the judge's budget of {dollars(self._budget.usd or 0.0)} is used up "
                f"({dollars(self._budget.spent)} spent); raise {self._raised_by}."
            )
        return may

    def _failed(self, why: str) -> None:
        with self._changed:
            self._failures += 1
        self._say(why)

    def _say(self, sentence: str) -> None:
        self._down = self._down or redact(sentence)


def judge_of(pins: Pins, root: Path) -> Judge | None:
    """The judge that is asked where detectors are unsure; None where models.yml wants none.

    `root` is the folder in which pytest runs: what the judge says is kept below it.
    """
    settings = pins.settings
    if settings.judge is None or settings.judge_when != "unsure":
        return None
    return Judge(pins, root / FOLDER)


def _ask_live(model: Model, system: str, user: str) -> Reply:
    """The reply of the judge's pin. Raises ModelpinError, whose sentence says what kept it."""
    import httpx

    who = f"the judge {model.name!r} ({model.production})"
    provider = provider_to_ask(model.production, model.provider)
    key = key_for(provider, os.environ)
    if is_placeholder(key):
        raise ModelpinError(f"There is no key for {provider} in the environment.")
    request = asking(provider, Question(model.production, user, system), key, os.environ)
    try:
        host = httpx.URL(request.url).host
        client = httpx.Client(timeout=_REPLY_SECONDS)
        with hooked(host), client, Watch.shared().over(_REPLY_SECONDS, client.close):
            response = client.post(request.url, headers=dict(request.headers), json=request.body)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, RuntimeError) as error:
        # RuntimeError: what httpx says of a client that was closed while it waited.
        raise ModelpinError(f"{who} can't be reached ({type(error).__name__}).") from None
    reply = read_answer(request, response, who)
    served = bare(reply.served_model) if reply.served_model else ""
    pinned = identify(model.production, model.provider).kind == "pinned"
    if pinned and served and served != bare(model.production):
        raise ModelpinError(f"{who} is answered by {served}, which is not its pin.")
    return reply


class OpinionFile:
    """What one version of the judge said of which answers, so that nothing is asked twice and a
    replay asks nothing.
    """

    def __init__(self, folder: Path, version: str) -> None:
        self.path = folder / f"{safe_name(version)}.json"
        self._version = version
        self._known = self._read()

    def get(self, key: str) -> Opinion | None:
        """What was said of the reading with this key; None where it was not asked."""
        return self._known.get(key)

    def add(self, opinions: Mapping[str, Opinion]) -> None:
        """Keep more of them; what another process wrote meanwhile stays. Raises OSError."""
        if not opinions:
            return
        self._known = {**self._read(), **self._known, **opinions}
        document = {
            "schema": _SCHEMA,
            "judge": self._version,
            "wording": WORDING,
            "opinions": {
                key: {"meant": each.meant, "quote": each.quote, "reason": each.reason}
                for key, each in sorted(self._known.items())
            },
        }
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        write_redacted(self.path, text.encode("utf-8", "backslashreplace").decode())

    def _read(self) -> dict[str, Opinion]:
        """None of a file that is torn or somebody else's: it is asked again, that is all."""
        try:
            document = read_as(_Opinions, self.path.read_bytes())
        except (OSError, Misfit):
            return {}
        if (document.schema, document.judge) != (_SCHEMA, self._version):
            return {}
        known = {}
        for key, said in document.opinions.items():
            with suppress(Misfit):
                known[key] = plain_reader(Opinion)(said)
        return known


@dataclass(frozen=True, slots=True)
class _Opinions:
    """The file as it is written."""

    schema: int
    judge: str
    opinions: Mapping[str, Any]
    """Each is read by itself: one that a later version added spoils no other."""
