"""The net of a process that `multiprocessing` starts anew: a fork has its parent's."""

from __future__ import annotations

from typing import NamedTuple

from pytest_modelpin.intercept.unseen import net
from pytest_modelpin.intercept.unseen.alarm import Mailbox, Policy
from pytest_modelpin.providers.model_hosts import ModelAddress, ModelHosts


class PackedNet(NamedTuple):
    """All of a net that its child needs, so that it can be pickled."""

    addresses: tuple[ModelAddress, ...]
    """Where models are asked, by this process's variables: those of the child lead back here."""
    live: bool
    test: str
    policy: Policy
    mailbox: str

    def cast(self) -> None:
        """In the child: hear what it asks unseen, tell the parent, and stop it in a replay."""
        hosts = ModelHosts({})
        for address in self.addresses:
            hosts.learn(address)
        out = net.Net(hosts, live=self.live, policy=self.policy, mailbox=Mailbox(self.mailbox))
        out.begin(self.test)
        out.out()


def packed() -> PackedNet | None:
    """The net that is out, for a child that is started now; None where there is none."""
    out = net.cast()
    if out is None:
        return None
    test, policy = out.running
    addresses = out.all_hosts().addresses()
    return PackedNet(addresses, out.live, test, policy, out.mailbox().path)
