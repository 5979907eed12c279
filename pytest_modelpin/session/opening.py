"""Opening a session: from models.yml and the options to a Session, from a node id to a Test."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modelpin_runtime.registry.loading import load_text
from modelpin_runtime.registry.models import WHICH
from pytest_modelpin.errors import RecordingError, RegistryError, SelectionError
from pytest_modelpin.files import is_writable
from pytest_modelpin.intercept.interceptor import Interceptor
from pytest_modelpin.intercept.unseen.alarm import Policy
from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor
from pytest_modelpin.providers import identify
from pytest_modelpin.providers.catalogue import use_endpoints
from pytest_modelpin.providers.model_hosts import ModelHosts
from pytest_modelpin.recordings.owner import TRIED, Owner, module_name, name_in_module
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry import Pins, find, load, select
from pytest_modelpin.registry.selection import RecordMode, Selection
from pytest_modelpin.session.running_tests import UNMARKED, Test, read_mark
from pytest_modelpin.session.session import Session

if TYPE_CHECKING:
    import pytest

    from pytest_modelpin.judge.asking import JudgeAnswer


class SessionOptions(NamedTuple):
    """What pytest's options and ini values, or those of `pytest-modelpin proxy`, ask for."""

    root: Path
    """pytest's root folder."""
    folder: Path
    """The one it was started in: what is recorded apart keeps the place that it has below that,
    whoever's pytest.ini decides about the root."""
    registry: str | None = None
    """models.yml, where it lies elsewhere."""
    read: tuple[str, str] | None = None
    """models.yml as a controller of pytest-xdist has read it: its place from `root`, and its text.
    Whatever becomes of the file meanwhile, all processes of a run go by one."""
    wanted: Sequence[str] = ()
    """Each `--model`."""
    record: RecordMode | None = None
    recordings: str | None = None
    """The folder below which everything is recorded; None: as usual."""
    accepts: bool = False
    """Whether answers become the accepted ones."""
    ignore_fields: Sequence[str] = ()
    reported: bool = True
    """Whether anybody will read what the tests' cases came to."""
    unseen: Policy = "fail"
    """What becomes of a test that asks a model where no hook sees it."""
    tolerant: bool = False
    """Whether answers may be worded anew on the pin, too."""


def open_session(options: SessionOptions, judge_answer: JudgeAnswer | None = None) -> Session:
    """The session that the options ask for; without `judge_answer`, no answer is judged.

    Raises RegistryError without a models.yml or with a faulty one, SelectionError where `wanted`
    asks for something that it does not offer.
    """
    wanted = options.wanted
    pins = _pins(options)
    use_endpoints((each.host, each.path, each.as_path, each.provider) for each in pins.endpoints)
    selection = select(pins, wanted, options.record)
    refuse_unknown(pins, wanted)
    store = _recordings(selection, options)
    ignored = tuple(options.ignore_fields)
    interceptor = Interceptor(selection, recordings=store, ignore_fields=ignored)
    monitor = NetworkMonitor(model_hosts(pins), live=interceptor.sends, policy=options.unseen)
    tolerant = options.tolerant
    if not options.reported:
        return Session(pins, selection, interceptor, store, monitor=monitor, tolerant=tolerant)
    from pytest_modelpin.judge.asking import Judging
    from pytest_modelpin.session.case_builder import CaseBuilder

    judging = Judging(pins, selection, interceptor, judge_answer) if judge_answer else None
    case_builder = CaseBuilder(selection.models, interceptor.key, judging)
    return Session(pins, selection, interceptor, store, case_builder, monitor, tolerant=tolerant)


def _pins(options: SessionOptions) -> Pins:
    if options.read is not None:
        place, text = options.read
        return load_text(text, options.root / place)
    path = find(options.root, options.registry)
    if path is None:
        from pytest_modelpin.session.unreplayed import unread_above

        raise RegistryError(
            unread_above(options.root, options.root)
            or f"There is no models.yml in {options.root} (looked for models.yml, "
            "config/models.yml and .github/models.yml); run `pytest-modelpin init` to write one."
        )
    return load(path)


def model_hosts(pins: Pins) -> ModelHosts:
    """Where models are asked: by variables, and by what models.yml says of gateways."""
    literal = (each for each in pins.endpoints if not each.host.startswith((".", "*")))
    return ModelHosts(os.environ, [f"https://{each.host}{each.path}" for each in literal])


def _recordings(selection: Selection, options: SessionOptions) -> Recordings:
    """Where this session keeps what it records.

    What another version than a pin says belongs beside the tests once somebody accepts it. Until
    then it lies apart, so that trying a version leaves the working tree as it is.
    """
    folder = options.folder
    chosen = selection.models.values()
    sends = selection.sends
    if options.recordings:
        return Recordings(_writable(folder / options.recordings, sends), root=folder)
    if not selection.tried:
        return Recordings(root=folder)
    pins, apart = {model.production for model in chosen}, folder / TRIED
    beside = {model.id for model in chosen if model.id in pins and model.record != "none"}
    if options.accepts:
        return Recordings(root=folder, beside=beside, pins=pins, brought_from=apart)
    return Recordings(_writable(apart, sends), root=folder, beside=beside)


def _writable(apart: Path, sends: bool) -> Path:
    """The folder. Raises RecordingError where a run that sends can't write to it: else a whole
    suite would be asked, and paid for, before that comes to light.
    """
    there = next(each for each in (apart, *apart.parents) if each.exists())
    if sends and not (there.is_dir() and is_writable(there)):
        raise RecordingError(
            f"{there} can't be written to, so nobody was asked: what a version answers is recorded "
            f"in {apart}. Make it writable, or name another folder by `--model-recordings DIR`."
        )
    return apart


def refuse_unknown(pins: Pins, wanted: Sequence[str]) -> None:
    """A bare word that is neither a choice nor anybody's model id is more likely a slip.

    Raises SelectionError, saying how to send it all the same.
    """
    known = {model_id for model in pins.models.values() for model_id in model.ids()}
    for word in wanted:
        if "=" in word or word in known or word in WHICH or word in pins.models:
            continue
        if identify(word).provider is None:
            raise SelectionError(
                f"--model {word}: no provider has a model of that name; allowed are "
                f"{', '.join(WHICH)}, a model id, or NAME=any of those. To send {word!r} all "
                f"the same, write `--model {next(iter(pins.models), 'NAME')}={word}`."
            )


def describe(
    nodeid: str,
    path: Path,
    mark: pytest.Mark | None = None,
    pins: Pins | None = None,
    *,
    root: Path | None = None,
    of_doctest: bool = False,
) -> Test:
    """The test behind a node id. Raises ModelpinError where its marker is wrong.

    With pytest's `root`, it is told by its source, which nobody needs who reads no run.
    """
    # A plugin may have a Path of its own, as for a notebook's cells, and others made of it.
    folder, module, source = _place(Path(path), root)
    name = name_in_module(nodeid, of_doctest=of_doctest and path.suffix == ".py")
    return Test(
        id=nodeid,
        owner=Owner(folder, module, name, node_id=nodeid),
        mark=read_mark(mark.kwargs, nodeid, mark.args, pins) if mark else UNMARKED,
        source=source,
    )


@cache  # the same for all tests of a module
def _place(path: Path, root: Path | None) -> tuple[Path, str, str]:
    if root is None:
        return path.parent, module_name(path), ""
    from pytest_modelpin.session.suite_source import source_fingerprint

    return path.parent, module_name(path), source_fingerprint(path, root)
