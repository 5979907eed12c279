"""syrupy's `exclude`, `include` and `matcher` for answers: leave out or replace parts of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syrupy.extensions.amber.serializer import Repr

if TYPE_CHECKING:
    from syrupy.types import PropertyFilter, PropertyMatcher, PropertyPath

    from pytest_modelpin.providers.reply import JSON


def select(
    answer: JSON,
    *,
    exclude: PropertyFilter | None = None,
    include: PropertyFilter | None = None,
    matcher: PropertyMatcher | None = None,
    path: PropertyPath = (),
) -> JSON:
    """The answer with what the matcher puts in place, without the properties filtered out.

    They see the answer as JSON: a date is a str by then. As in syrupy's own JSON extension only
    an object's properties are filtered; a path is pairs of a property's name and its value's type.
    """
    if matcher:
        answer = matcher(data=answer, path=path)
    if isinstance(answer, Repr):
        return str(answer)

    def below(name: str | int, value: JSON) -> JSON:
        deeper = (*path, (name, type(value)))
        return select(value, exclude=exclude, include=include, matcher=matcher, path=deeper)

    if isinstance(answer, dict):
        properties = {
            name: value
            for name, value in answer.items()
            if not (exclude and exclude(prop=name, path=path))
            and (not include or include(prop=name, path=path))
        }
        return {name: below(name, value) for name, value in properties.items()}
    if isinstance(answer, list):
        return [below(index, value) for index, value in enumerate(answer)]
    return answer
