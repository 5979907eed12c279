"""GitHub's API, as far as the ledger and the upgrade need it.

One request a call: what a night costs of the hourly limit can be read off the code, and the
tests assert it. PyGithub is imported here alone; `connection` says what it does for us and what
it does not.
"""

from pytest_modelpin.forge.connection import Forge, connect

__all__ = ["Forge", "connect"]
