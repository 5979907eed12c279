"""Locks that another thread held when a process forked: in the child nobody would release them."""

from __future__ import annotations

import os
from _weakrefset import WeakSet  # weakref's, without the rest of it, which `load` would wait for
from typing import Protocol


class Forked(Protocol):
    """Something with locks."""

    def after_fork(self) -> None:
        """Make them anew; called in the child, before any of its code runs."""


_alive: WeakSet[Forked] = WeakSet()


def renewed_after_fork(made: Forked) -> None:
    """Have `made.after_fork()` called in each child that is forked while it is in use."""
    _alive.add(made)


def _renew() -> None:
    for each in list(_alive):
        each.after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_renew)
