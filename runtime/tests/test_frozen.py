"""Our records behave as the standard library's frozen dataclasses do, wherever we use them."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from modelpin_runtime import frozen
from modelpin_runtime.registry.models import Canary, Model, Pins, Settings
from modelpin_runtime.routing import Route


@frozen.dataclass(frozen=True)
class Point:
    """Ours."""

    x: int
    y: int = 2
    tags: dict = frozen.field(default_factory=dict)

    def far(self) -> int:
        return self.x + self.y


@dataclasses.dataclass(frozen=True)
class Twin:
    """Theirs."""

    x: int
    y: int = 2
    tags: dict = dataclasses.field(default_factory=dict)


@pytest.mark.parametrize("given", [(1,), (1, 3), (1, 3, {"a": 1})])
def test_a_record_holds_what_a_dataclass_holds(given):
    ours, theirs = Point(*given), Twin(*given)
    assert repr(ours) == repr(theirs).replace("Twin", "Point")
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert ours == Point(*given) != theirs
    assert Point(x=1).tags is not Point(x=1).tags
    assert ours.far() == ours.x + ours.y


@pytest.mark.parametrize(
    ("given", "named"), [((), {}), ((1, 2, {}, 4), {}), ((1,), {"x": 1}), ((1,), {"z": 1})]
)
def test_wrong_values_are_refused_as_a_dataclass_refuses_them(given, named):
    for kind in (Point, Twin):
        with pytest.raises(TypeError):
            kind(*given, **named)


def test_nothing_changes_it_and_equal_ones_have_one_hash():
    route = Route("claude-a", "pin", "claude")
    with pytest.raises(dataclasses.FrozenInstanceError):
        route.id = "claude-b"
    with pytest.raises(AttributeError):
        del route.id
    assert len({route, Route("claude-a", "pin", "claude")}) == 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1))


@pytest.mark.parametrize("record", [Model("claude", "a", canary=Canary("b")), Settings()])
def test_the_standard_library_takes_it_for_one_of_its_own(record):
    assert dataclasses.is_dataclass(record)
    assert dataclasses.replace(record) == record == frozen.replace(record)
    assert [field.name for field in dataclasses.fields(record)] == [*type(record).__match_args__]
    assert copy.deepcopy(record) == pickle.loads(pickle.dumps(record)) == record


def test_a_changed_copy_leaves_the_first_as_it_was():
    first = Model("claude", "a")
    assert frozen.replace(first, production="b").production == "b"
    assert dataclasses.replace(first, production="b") == Model("claude", "b")
    assert first.production == "a"
    match first:
        case Model(name, id):
            assert (name, id) == ("claude", "a")


def test_methods_and_indexing_stay(tmp_path):
    pins = Pins({"claude": Model("claude", "a")}, Settings(), tmp_path)
    assert pins["claude"] == "a"
    assert "claude" in pins
