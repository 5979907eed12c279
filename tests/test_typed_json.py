"""JSON is read as the types say, and what does not fit is told by its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import pytest

from pytest_modelpin.typed_json import MOST_NESTED, Count, Misfit, Readers, plain_reader


class Point(NamedTuple):
    x: int
    y: int = 0


@dataclass(frozen=True)
class Leaf:
    text: str
    count: Count | None = None


@dataclass(frozen=True)
class Tree:
    name: str
    leaves: tuple[Leaf, ...] = ()
    colour: Literal["red", "green"] | None = None
    share: float = 0.0
    ripe: bool = False
    by_name: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    anything: Any = None
    point: Point | None = None


def test_a_whole_object_is_read_as_its_types() -> None:
    content = {
        "name": "oak",
        "leaves": [{"text": "a", "count": 3}, {"text": "b"}],
        "colour": "red",
        "share": 1,
        "by_name": {"tests/test_a.py::test": [1, 2]},
        "anything": [{"deep": None}],
        "point": {"x": 4},
        "of a later version": 1,
    }
    assert plain_reader(Tree)(content) == Tree(
        "oak",
        (Leaf("a", 3), Leaf("b")),
        "red",
        1,
        by_name={"tests/test_a.py::test": (1, 2)},
        anything=[{"deep": None}],
        point=Point(4),
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": 1}, "name is 1, and has to be a text"),
        ({"name": None}, "name is null, and has to be a text"),
        ({"leaves": {}}, "leaves is an empty object, and has to be a list"),
        ({"leaves": [{"text": "a"}, {}]}, "leaves[1].text is missing, and has to be there"),
        ({"leaves": ["a"]}, 'leaves[0] is "a", and has to be an object'),
        (
            {"leaves": [{"text": "a", "count": True}]},
            "leaves[0].count is true, and has to be a whole number, or null",
        ),
        (
            {"leaves": [{"text": "a", "count": -1}]},
            "leaves[0].count is -1, and has to be a number from 0 up, or null",
        ),
        (
            {"leaves": [{"text": "a", "count": 10**400}]},
            "leaves[0].count is a longer number, and has to be a whole number of at most 18 "
            "digits, or null",
        ),
        ({"colour": "blue"}, 'colour is "blue", and has to be "red" or "green", or null'),
        ({"colour": ["red"]}, 'colour is a list of 1, and has to be "red" or "green", or null'),
        ({"share": float("nan")}, "share is NaN, and has to be a number"),
        ({"share": 10**400}, "share is a longer number, and has to be a number"),
        ({"ripe": 1}, "ripe is 1, and has to be true or false"),
        ({"by_name": {"a::b": [1]}}, 'by_name["a::b"] is a list of 1, and has to be a list of 2'),
        (
            {"by_name": {"a::b": [1, "2"]}},
            'by_name["a::b"][1] is "2", and has to be a whole number',
        ),
        ({"point": [1, 2]}, "point is a list of 2, and has to be an object, or null"),
        ({"name": "x" * 100, "ripe": "x" * 100}, f'ripe is "{"x" * 58}…, and has'),
    ],
)
def test_what_does_not_fit_is_told_by_its_place(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(Misfit) as caught:
        plain_reader(Tree)({"name": "oak", **wrong})
    assert said in str(caught.value)


def test_the_whole_may_be_of_another_kind() -> None:
    with pytest.raises(Misfit, match="it is an empty list, and has to be an object"):
        plain_reader(Tree)([])


def test_any_value_is_read_unless_it_is_deeper_than_python_goes() -> None:
    value: Any = 1
    for _ in range(MOST_NESTED - 1):
        value = {"a": [value]} if isinstance(value, list) else [value]
        if _depth(value) >= MOST_NESTED - 2:
            break
    assert plain_reader(Tree)({"name": "oak", "anything": value}).anything == value
    for _ in range(5):
        value = [value]
    with pytest.raises(Misfit, match=f"nested no deeper than {MOST_NESTED} levels"):
        plain_reader(Tree)({"name": "oak", "anything": value})


def _depth(value: Any) -> int:
    depth = 0
    while isinstance(value, list | dict):
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
        depth += 1
    return depth


def test_of_some_types_only_what_is_named_may_lack() -> None:
    read = Readers({Leaf: ()}).of(Tree)
    with pytest.raises(Misfit, match=r"leaves\[0\].count is missing"):
        read({"name": "oak", "leaves": [{"text": "a"}]})


def test_a_type_may_have_a_reader_of_its_own() -> None:
    read = Readers(own={Point: lambda value: Point(*value)}).of(Tree)
    assert read({"name": "oak", "point": [1, 2]}).point == Point(1, 2)
