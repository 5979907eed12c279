"""What the hooks of client libraries tell the net: what they let pass."""

from __future__ import annotations

from pytest_modelpin.intercept.unseen import net


def pass_on(method: str, url: str, body: bytes | None = None) -> None:
    """A hook is about to send a request that it does not handle; the net hears, if one is out.

    `body` is what was read of it; where it asks a model, that is one which models.yml does not
    name. Raises what fails the test, where it may not be sent.
    """
    out = net.cast()
    if out is not None:
        out.request(method, url, out.asked_model(method, url, body) if body else "")


def unheard_in_child(method: str, url: str, body: bytes) -> None:
    """A question that a forked child's hook sends itself: what it hears stays in the child."""
    out = net.cast()
    if out is not None and out.in_child:
        out.hooked_in_child(method, url, body)


def let_through(method: str, url: str) -> None:
    """A mock that stands below a hook has let a request reach the network.

    Raises what fails the test, in a replay. A new connection has been heard before it was made;
    of one that was kept alive, only the reply shows that it was used.
    """
    out = net.cast()
    if out is not None:
        out.request(method, url)
