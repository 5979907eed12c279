"""What a command says before it runs the suite, which may take minutes."""

from __future__ import annotations

import sys


def tell_of_running(what: str) -> None:
    """Say on a terminal what goes on: `Replaying the suite …`.

    On stderr, as what follows may be JSON; a log or a script needs no such line.
    """
    if sys.stderr.isatty():
        from pytest_modelpin.report.escape import terminal

        print(f"{terminal(what)} …", file=sys.stderr, flush=True)
