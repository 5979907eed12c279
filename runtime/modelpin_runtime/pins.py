"""The pins of models.yml as a running program has them: read again when the file changes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelpin_runtime.asking import Asking
from modelpin_runtime.errors import RegistryError, log
from modelpin_runtime.forking import renewed_after_fork
from modelpin_runtime.registry.loading import load as read_file
from modelpin_runtime.registry.models import Model, Pins, Settings, overrides_nothing
from modelpin_runtime.routing import Route, is_served, salt_of
from modelpin_runtime.source import Source

if TYPE_CHECKING:
    from modelpin_runtime.breaker import BreakerSettings
    from modelpin_runtime.chain import Target
    from modelpin_runtime.observations import Observed
    from modelpin_runtime.prompts import Prompt

CHECK_SECONDS = 0.5
"""How often at most the file is looked at."""
_clock = time.monotonic  # taken at import: tests may freeze the clock


class LivePins(Asking, Mapping[str, str]):
    """models.yml as it is now: a mapping of logical names to the ids in force.

    Look-ups never wait for a network, and never raise for its sake.

    Safe for threads and forks. A change of the file is seen within a second; a file that no longer
    reads leaves the last good pins in force and is said once in the log `modelpin_runtime`.
    """

    def __init__(
        self,
        source: Source,
        *,
        environment: Mapping[str, str] | None = None,
        observations: Path | None = None,
        health: Path | None = None,
        prompts: Path = Path("prompts"),
        breaker: BreakerSettings | None = None,
        breakers: Path | None = None,
    ) -> None:
        """Raises RegistryError where the first reading fails."""
        self._source = source
        self._environment = environment
        self._lock = threading.Lock()
        renewed_after_fork(self)
        self._next = _clock() + CHECK_SECONDS
        self._said: set[str] = set()
        self._fault = ""
        self._take(read_file(source.path, environment))
        super().__init__(breaker, breakers)
        self._prompts = prompts
        self._writer: Any = None
        if observations is not None:
            from modelpin_runtime.observations import Writer

            self._writer = Writer(observations)
        self._health: Any = None
        if health is not None:
            from modelpin_runtime.health import HealthFile

            self._health = HealthFile(health)

    # What models.yml says

    @property
    def current(self) -> Pins:
        """All that models.yml says, as of now."""
        if _clock() >= self._next:
            self._refresh()
        return self._pins

    @property
    def models(self) -> Mapping[str, Model]:
        """The logical models by name."""
        return self.current.models

    @property
    def settings(self) -> Settings:
        """The file's `settings:`."""
        return self.current.settings

    def __getitem__(self, name: str) -> str:
        """The id to ask for a logical model; KeyError names those there are."""
        if _clock() >= self._next:
            self._refresh()
        try:
            return self._ids[name]
        except KeyError:
            return self._pins[name]  # says which names there are

    @property
    def fault(self) -> str:
        """What is wrong with the file, or with the address it comes from, at present.

        Empty where the pins are those of the file, and its copy is the address's.
        """
        return self._fault or self._source.complaint

    def __contains__(self, name: object) -> bool:
        return name in self.current.models

    def __iter__(self) -> Iterator[str]:
        return iter(self.current.models)

    def __len__(self) -> int:
        return len(self.current.models)

    __eq__ = object.__eq__  # each is one of its own, whatever it says just now
    __hash__ = object.__hash__

    # Where a request goes

    def route(self, name: str, key: str | None = None) -> Route:
        """The pin, or the canary for its share of keys: the same key always goes the same way.

        `key` names the user or conversation; without one there is nothing to be sticky about, and
        the request goes to the pin.
        """
        if _clock() >= self._next:
            self._refresh()
        try:
            pin, canary, salt, percent = self._routes[name]
        except KeyError:
            self._pins[name]  # raises, naming those there are
            raise
        if canary is not None and key is not None and is_served(str(key), salt, percent):
            return canary
        return pin

    def chain(self, name: str, key: str | None = None) -> tuple[Target, ...]:
        """Whom to ask, in order: the route of `key`, the pin, the fallbacks.

        A model that `pytest-modelpin health` calls degraded comes after those that are well, one
        that is down comes last; none is left out.
        """
        from modelpin_runtime.chain import Target

        route = self.route(name, key)
        model = self._pins.models[name]
        found: dict[str, Target] = {}
        own = model.provider
        for id, role, provider in (
            (route.id, route.role, own),
            (model.production, "pin", own),
            *((id, "fallback", None) for id in self._pins.fallbacks(name)),
        ):
            named = provider or self._provider(id)
            found.setdefault(id, Target(id, named, role, name))
        targets = tuple(found.values())
        if self._health is None:
            return targets
        rank = {"ok": 0, "degraded": 1, "down": 2}
        return tuple(sorted(targets, key=lambda target: rank[self._health.state(target.id)]))

    # What was seen

    def observe(
        self, name: str, id: str, role: str = "pin", *, durable: bool = False, **seen: Any
    ) -> None:
        """Write what one request came to; see `observations.observation` for what can be said.

        Nothing happens where no folder for observations was named. Never raises, never waits for
        a disk unless `durable`.
        """
        if self._writer is None:
            return
        from modelpin_runtime.observations import observation

        try:
            at = seen.pop("at", None) or time.time()
            overridden = name in self._pins.models and bool(self._pins.models[name].overridden)
            line = observation(name=name, id=id, role=role, at=at, overridden=overridden, **seen)
            self._writer.observe(line, durable=durable)
        except Exception:
            if "observe" not in self._said:
                self._said.add("observe")
                log().exception("an observation of %s could not be taken", name)

    @contextmanager
    def observed(
        self, name: str, key: str | None = None, *, durable: bool = False
    ) -> Iterator[Observed]:
        """Route a request and observe it: its time, its error, and what is noted on the way."""
        from modelpin_runtime.observations import Observed

        seen = Observed(self.route(name, key))
        began = _clock()
        try:
            yield seen
        except BaseException as error:
            seen.failed(error)
            raise
        finally:
            request = seen.noted.get("request")
            for asked, cause in seen.attempts:
                self.observe(
                    name, asked.id, asked.role, durable=durable, error=cause, request=request
                )
            route = seen.route
            if not seen.answered_by_nobody:
                self.observe(
                    name, route.id, route.role, durable=durable, seconds=_clock() - began,
                    **seen.noted,
                )  # fmt: skip

    def flush(self) -> None:
        """Write all observations that wait; when this returns they have left the process."""
        if self._writer is not None:
            self._writer.flush()

    def prompt(self, task: str, name: str | None = None, *, id: str | None = None) -> Prompt:
        """The prompt of a task for the version in force of a logical model; see `prompts`.

        `id` is the version that is asked where it is not the pin: a canary, or a fallback. Without
        `name` or `id`, the only logical model is meant; KeyError where there are several.
        """
        from modelpin_runtime.prompts import read_prompt

        if id is None:
            if name is None:
                if len(self) != 1:
                    raise KeyError(f"models.yml names several models; say which: {', '.join(self)}")
                name = next(iter(self))
            id = self[name]
        return read_prompt(self._prompts, task, id)

    # Keeping up

    def _refresh(self) -> None:
        if not self._lock.acquire(blocking=False):
            return  # another thread is at it; the pins that are there are good
        try:
            self._next = _clock() + CHECK_SECONDS
            if not self._source.changed():
                return
            self._take(read_file(self._source.path, self._environment))
            if self._fault:
                log().warning("%s reads again", self._source.path)
            self._fault = ""
        except RegistryError as error:
            if self._fault != str(error):
                self._fault = str(error)
                log().error("the last good pins stay in force: %s", error)
        finally:
            self._lock.release()

    def after_fork(self) -> None:
        """In a child: who held the lock is not here."""
        self._lock = threading.Lock()
        super().after_fork()

    def _take(self, pins: Pins) -> None:
        routes: dict[str, tuple[Route, Route | None, bytes, float]] = {}
        for name, model in pins.models.items():
            pin = Route(model.production, "pin", name)
            if model.canary is None or model.overridden:
                routes[name] = pin, None, b"", 0.0
            else:
                canary = model.canary
                routes[name] = (
                    pin,
                    Route(canary.model, "canary", name),
                    salt_of(name, canary.model),
                    canary.percent,
                )
            if model.overridden and f"override {name}" not in self._said:
                self._said.add(f"override {name}")
                log().warning(
                    "%s is %s by the environment; the file has %s",
                    name,
                    model.production,
                    model.overridden,
                )
        given = os.environ if self._environment is None else self._environment
        for variable, meant in overrides_nothing(pins.models, given):
            if variable not in self._said:
                self._said.add(variable)
                log().warning("%s overrides no pin; is %s meant?", variable, meant)
        self._routes = routes
        self._ids = {name: model.production for name, model in pins.models.items()}
        self._pins = pins

    def _provider(self, id: str) -> str | None:
        from modelpin_runtime.provider_of import provider_of

        for model in self._pins.models.values():
            if id == model.production and model.provider:
                return model.provider
        return provider_of(id)

    def __getstate__(self) -> Any:
        raise TypeError("LivePins can't be pickled; call `load()` in the other process")
