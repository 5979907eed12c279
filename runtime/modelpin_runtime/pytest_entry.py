"""Where pytest finds pytest-modelpin, which lies in the other distribution.

At each start pytest reads the list of files of every distribution that has a plugin. That of
pytest-modelpin is long, and reading it takes longer than all that an idle session does else; this
one's is short.
"""

from __future__ import annotations

from importlib import import_module


class _NoTests:
    """The plugin where only production's part is installed: it does nothing."""


def _plugin() -> object:
    try:
        return import_module("pytest_modelpin.plugin")
    except ModuleNotFoundError as error:
        if error.name != "pytest_modelpin":
            raise
        return _NoTests()


plugin = _plugin()
"""What pytest registers: the module `pytest_modelpin.plugin`, where that is installed."""
