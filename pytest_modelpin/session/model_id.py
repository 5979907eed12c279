"""The fixture `model_id`: the id in force, as a string where one model can be meant."""

from __future__ import annotations

from pytest_modelpin.errors import SelectionError
from pytest_modelpin.session.session import Session


class SelectedId(str):
    """The id in force of the only logical model; called with a name, that model's."""

    __slots__ = ("_session",)
    _session: Session

    def __call__(self, name: str) -> str:
        """The id in force of the logical model `name`."""
        return self._session.id(name)


class IdByName:
    """`model_id` where several models could be meant: it has to be called with a name."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, name: str) -> str:
        """The id in force of the logical model `name`."""
        return self._session.id(name)

    def __str__(self) -> str:
        return self._session.id()  # raises, saying which names there are


def model_id_of(session: Session) -> SelectedId | IdByName:
    """What the fixture gives: a string where it can be one."""
    try:
        chosen = SelectedId(session.id())
    except SelectionError:
        return IdByName(session)
    chosen._session = session
    return chosen
