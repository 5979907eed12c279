"""`proxy`: record and replay what is no child of a test: containers, workers, services."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli import add_project_options
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.files import from_here
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from pytest_modelpin.recordings.capture import Capture
    from pytest_modelpin.recordings.owner import Owner
    from pytest_modelpin.registry.selection import Selection
    from pytest_modelpin.session.session import Session

_PORT = 4141
_FINISHES = 10.0  # seconds that a command has to end in
_AS_BEFORE = "with the other options and the command as before"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.description = (
        "Answer on a port of this machine whatever asks models there, as the plugin "
        "does within a test: from the recordings of the test that --for names, or live. With a "
        "COMMAND, it runs with the variables that lead there, and the proxy ends with it; without, "
        "the variables are printed, and it ends when it is interrupted."
    )
    parser.epilog = (
        "exit codes: 0 fine, 1 something was not recorded or the command failed, 2 wrong usage"
    )
    parser.add_argument("command_line", nargs="*", metavar="COMMAND", help="to be run, behind `--`")
    parser.add_argument(
        "--for", dest="owner", required=True, metavar="NODEID",
        help="whose recordings they are: tests/test_app.py::test_flow; it need not exist",
    )  # fmt: skip
    parser.add_argument(
        "--model", action="append", default=[], metavar="WHICH", help="as pytest's --model"
    )
    parser.add_argument(
        "--record", choices=("none", "new", "all"),
        help="as pytest's --model-record; default: none on the pins, all on other versions",
    )  # fmt: skip
    parser.add_argument(
        "--host", default="127.0.0.1", help="to listen on; the bridge's for containers"
    )
    parser.add_argument(
        "--port", type=int, default=_PORT, help=f"to listen on; default {_PORT}, 0: any"
    )
    parser.add_argument(
        "--called", metavar="HOST",
        help="by which name clients reach this machine, such as host.docker.internal",
    )  # fmt: skip
    add_project_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Serve until the command ends or somebody interrupts; 1 where something was missed."""
    owner = _owner(arguments.owner)
    session = _session(arguments)
    with _serving(session, owner, arguments) as variables:
        if arguments.command_line:
            failed = not _ran(arguments.command_line, variables)
        else:
            failed = False
            print("\n".join(f"export {name}={url}" for name, url in variables.items()), flush=True)
            print("# what asks there is answered until this is interrupted (Ctrl-C)", flush=True)
            _wait_for_interruption()
        capture = session.interceptor.end()
    for line in _lines(capture, capture.save()):
        print(terminal(line))
    if capture.misses:
        again = shlex.join(["pytest-modelpin", "proxy", "--for", arguments.owner])
        print(terminal(f"to record it here: `{again} --record new`, {_AS_BEFORE}"))
    missed = bool(capture.misses or capture.trouble)
    return ExitCode.FOUND if failed or missed else ExitCode.FINE


def _owner(node: str) -> Owner:
    """Whose recordings a node id names. Raises ModelpinError where it names none."""
    from pytest_modelpin.session.opening import describe

    file, _, name = node.partition("::")
    if not name:
        raise ModelpinError(
            f"--for {node}: it names no test; write it as tests/test_app.py::test_flow."
        )
    return describe(node, Path.cwd() / file).owner


def _session(arguments: argparse.Namespace) -> Session:
    from pytest_modelpin.session.opening import SessionOptions, open_session

    return open_session(
        SessionOptions(
            Path.cwd(),
            Path.cwd(),
            registry=arguments.registry,
            wanted=arguments.model,
            record=arguments.record,
            reported=False,
        )
    )


@contextmanager
def _serving(
    session: Session, owner: Owner, arguments: argparse.Namespace
) -> Iterator[dict[str, str]]:
    """The server, as long as the block lasts; gives the variables that lead to it."""
    from pytest_modelpin.intercept.loopback import Loopback
    from pytest_modelpin.intercept.loopback_connections import child_base_urls
    from pytest_modelpin.recordings.owner import recorded_base_urls

    monitor = session.monitor
    assert monitor is not None, "an opened session has one"
    for url in recorded_base_urls(owner.folder):
        monitor.learn(url)
    loopback = Loopback(
        session.interceptor, host=arguments.host, port=arguments.port, hosts=monitor.hosts, word=""
    )
    session.interceptor.begin(owner)
    session.watch()
    monitor.begin(owner.address)
    loopback.serve()
    try:
        called = arguments.called or _reachable(arguments.host)
        base_urls = child_base_urls(os.environ, loopback.address(None, called))
        yield {**base_urls, **_placeholder_keys(session.selection)}
    finally:
        loopback.close()
        session.unwatch()


def _placeholder_keys(selection: Selection) -> dict[str, str]:
    """Variables for SDKs that refuse to start without a key, where a replay needs none."""
    from pytest_modelpin.providers.api_keys import Keys

    environment = dict(os.environ)
    Keys(selection, environment).stand_in()
    return {name: value for name, value in environment.items() if os.environ.get(name) != value}


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104


def _ran(command: Sequence[str], variables: dict[str, str]) -> bool:
    """Whether the command ended well: a service ends where the proxy is interrupted."""
    try:
        process = subprocess.Popen(command, env={**os.environ, **variables})
    except OSError as error:
        raise ModelpinError(f"{command[0]} can't be run: {error.strerror or error}.") from None
    try:
        return process.wait() == 0
    except KeyboardInterrupt:  # of which a terminal tells the command, too
        _end(process, is_told=True)
    except SystemExit:
        _end(process)
    return True


def _end(process: subprocess.Popen[bytes], *, is_told: bool = False) -> None:
    """End the command, which has time to finish; then, or at a second signal, it is killed."""
    if not is_told:
        process.terminate()
    for sooner in (process.terminate, process.kill):
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt, SystemExit):
            process.wait(_FINISHES)
            return
        sooner()
    process.wait()


def _wait_for_interruption() -> None:
    """Until Ctrl-C, or SIGTERM, which then is no failure: how else should it end."""
    try:
        threading.Event().wait()
    except (KeyboardInterrupt, SystemExit):
        print()


def _lines(capture: Capture, changed: Sequence[Path]) -> Iterator[str]:
    fresh = sum(call.fresh for call in capture.calls)
    yield f"{counted(len(capture.calls), 'reply', 'replies')}, {fresh} live"
    for path in changed:
        yield f"wrote {from_here(path)}"
    yield from capture.misses
    for trouble in capture.trouble:
        yield trouble.said
