"""Fixtures that several tests share: whose recordings they make, and what each test has of them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_modelpin.intercept.waiting import MayBeEnded
from pytest_modelpin.recordings.capture import CapturedCall
from pytest_modelpin.recordings.owner import Owner, ending_of, module_name
from pytest_modelpin.session.running_tests import SharedFixture
from pytest_modelpin.session.session import Session

if TYPE_CHECKING:
    from pytest_modelpin.session.run_processes import WorkerReport


class SharedFixtures:
    """Sets them up, each for itself, and keeps what they asked for as long as tests share it."""

    def __init__(self, session: Session, root: Path) -> None:
        """`root` is pytest's root folder."""
        self._session = session
        self._root = root
        self.found: dict[Any, SharedFixture] = {}
        """By a fixture's definition."""
        self.ended: list[SharedFixture] = []
        """Those that came to their end while the present sample ran."""

    # Outermost, so that nothing that another plugin adds to a fixture's end comes before ours.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        if fixturedef.scope == "function":
            with MayBeEnded():
                return (yield)
        owner = fixture_owner(
            fixturedef,
            request.node,
            root=self._root,
            parameter=parameter_of(fixturedef, request),
            test=request._pyfuncitem.nodeid,
        )
        ending = _Ending(self, ending_of(owner))
        fixturedef.addfinalizer(ending.is_over)  # what is added last comes first
        self._session.begin_shared(owner)
        try:
            with MayBeEnded():
                return (yield)
        finally:
            shared = self._session.end_shared()
            ending.heard = shared.capture.calls
            fixturedef.addfinalizer(ending.begin)
            if self._session.is_reported or _tells_something(shared):
                self.found[fixturedef] = shared
            else:  # as of most; what it told when it was set up before is out of date
                self.found.pop(fixturedef, None)

    def of(self, item: pytest.Item) -> list[SharedFixture]:
        """What the fixtures asked that a test shares with others, and those that end in it."""
        if not self.found:
            return [*self.ended]
        found = [self.found[each] for each in definitions(item) if each in self.found]
        return [*found, *self.ended]

    def begin_ending(self, owner: Owner, heard: Sequence[CapturedCall]) -> None:
        """What is asked from now on, a fixture asks at its end."""
        self._session.interceptor.begin(owner, shared=True, behind=heard)

    def end_ending(self) -> None:
        """The fixture has come to its end."""
        capture = self._session.interceptor.end()
        capture.save(lost=bool(capture.trouble))
        if capture.misses or capture.trouble or capture.refused:
            self.ended.append(SharedFixture(capture))


class _Ending:
    """The end of a shared fixture, which comes in whichever test is the last to need it."""

    def __init__(self, fixtures: SharedFixtures, owner: Owner) -> None:
        self._fixtures = fixtures
        self._owner = owner
        self._begun = False
        self.heard: Sequence[CapturedCall] = ()
        """As it was set up."""

    def begin(self) -> None:
        self._begun = True
        self._fixtures.begin_ending(self._owner, self.heard)

    def is_over(self) -> None:
        if self._begun:  # which it is not where what it was set up with could not be written
            self._begun = False
            self._fixtures.end_ending()


class RenewingHooks:
    """Set them up anew for each sample, where fresh samples are the point: in what a night asks
    both sides live to confirm a change, or of a pin that wavers.

    Elsewhere a fixture of module or session scope asks once, and its answer is one sample of each
    of its tests. Asked eight times, such a test would look eight times at one answer.
    """

    def __init__(self, shared: SharedFixtures, seen: WorkerReport) -> None:
        self._shared = shared
        self._seen = seen
        self._ends: dict[Any, partial[None]] = {}
        self._last: pytest.Item | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: Any
    ) -> Generator[None, object, object]:
        if fixturedef.scope != "function":
            self._ends[fixturedef] = partial(fixturedef.finish, request)
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        again, self._last = item is self._last, item
        if not again:
            return
        for fixture, heard in tuple(self._shared.found.items()):
            if fixture in self._ends and any(call.fresh for call in heard.capture.calls):
                self._end(fixture)

    def _end(self, fixture: pytest.FixtureDef[Any]) -> None:
        try:
            self._ends.pop(fixture)()
        except Exception as error:
            # As its tests' own end would say it: with it nothing is known of what they share.
            self._seen.faults.append(
                f"what the fixture {fixture.argname} does at its end failed "
                f"({type(error).__name__}), so that nothing is known of the tests that share it"
            )


def definitions(item: pytest.Item) -> dict[Any, None]:
    """The definitions of all fixtures that a test uses, those that it asked for by name, too."""
    info = getattr(item, "_fixtureinfo", None)
    declared = info.name2fixturedefs.values() if info else ()
    asked_by_name = getattr(getattr(item, "_request", None), "_fixture_defs", {})
    return dict.fromkeys([*(each for all in declared for each in all), *asked_by_name.values()])


def _tells_something(shared: SharedFixture) -> bool:
    """Whether anything of what became of a fixture concerns the tests that share it."""
    heard = shared.capture
    asked = heard.calls or heard.misses or heard.trouble or heard.refused
    return bool(asked or shared.alarms or shared.unheard)


def fixture_owner(
    definition: pytest.FixtureDef[Any],
    node: pytest.Item | pytest.Collector,
    *,
    root: Path,
    parameter: str = "",
    test: str = "",
) -> Owner:
    """Who owns what a shared fixture asks: the fixture, not the test that happened to be first.

    A class's or module's fixture is set up for each of them anew and belongs to `node`, the class
    or module that requested it; its recordings lie with that module's. Those of a package's or the
    session's lie beside the file that defines it, or beside the root's own tests where a plugin
    does that is installed outside of `root`. `parameter` is what `parameter_of` says, `test` the
    node id of the test for which it is set up: running that one sets it up.
    """
    file = _defined_in(definition)
    if file is None or not file.is_relative_to(root):
        file = root / "conftest.py"
    fixture, scope = definition.argname + parameter, definition.scope
    _, _, in_class = _base(definition).partition("::")
    if scope in ("class", "module"):
        module, _, inside = node.nodeid.partition("::")
        requested = f"{inside.replace('::', '.')}." if inside else ""
        label = _label(definition, node.nodeid, module)
        name = f"{requested}{fixture}{label}@{scope}"
        return Owner(Path(node.path).parent, module_name(node.path), name, node_id=node.nodeid)
    within = f"{in_class.replace('::', '.')}." if in_class else ""
    return Owner(file.parent, file.stem, f"{within}{fixture}@{scope}", node_id=test or str(file))


def requesting_node(item: pytest.Item, scope: str) -> pytest.Item | pytest.Collector:
    """What requests a shared fixture of `scope` for the test `item`, as pytest tells it."""
    found: pytest.Item | pytest.Collector | None = None
    if scope == "class":
        found = item.getparent(pytest.Class)
    elif scope == "module":
        found = item.getparent(pytest.Module)
    return found or item  # a class's fixture outside of any class is set up for each test


def parameter_of(definition: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> str:
    """What tells apart the variants of a parametrised fixture.

    A parameter of its own is told by its place, one that tests give it indirectly by its value.
    """
    if not hasattr(request, "param"):
        return ""
    index, own = request.param_index, definition.params or ()  # type: ignore[attr-defined]
    if index < len(own) and own[index] is request.param:
        return f"[{index}]"
    plain = isinstance(request.param, str | int | float | Enum | None)
    return f"[={request.param if plain else index}]"


def _base(definition: pytest.FixtureDef[Any]) -> str:
    """The node id below which the fixture can be requested; empty for all tests."""
    return "" if definition.baseid == "." else definition.baseid


def _label(definition: pytest.FixtureDef[Any], node_id: str, module: str) -> str:
    """Where it is defined, unless that is who requests it: one may override another of its name."""
    base = _base(definition)
    if base == node_id:
        return ""
    place, _, inside = base.partition("::")
    if place == module:
        return f"@{inside.replace('::', '.') or Path(module).stem}"
    file = _defined_in(definition)
    return "@" + ".".join([*Path(place).parts, file.stem if file else "plugin"])


def _defined_in(definition: pytest.FixtureDef[Any]) -> Path | None:
    import inspect

    try:
        return Path(inspect.getfile(inspect.unwrap(definition.func)))
    except TypeError:
        return None
