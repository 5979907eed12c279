"""GitHub's API, as far as the ledger and the upgrade need it.

One request a call: what a night costs of the hourly limit can be read off the code, and the
tests assert it. PyGithub's objects fetch themselves when an attribute is missing, so only its
requester is used, for authentication, Enterprise addresses and connections.
"""

from pytest_modelpin.forge.connection import Forge, connect

__all__ = ["Forge", "connect"]
