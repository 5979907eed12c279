"""Where the pins come from: opening a models.yml, wherever it lies, for a running program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from modelpin_runtime.errors import RegistryError
from modelpin_runtime.pins import LivePins
from modelpin_runtime.registry.loading import load as read_file
from modelpin_runtime.source import AddressSource, FileSource, Source, without_credentials

if TYPE_CHECKING:
    from modelpin_runtime.breaker import BreakerSettings

FIRST_WAIT_SECONDS = 5.0
"""How long `load` waits for an address of which there is no copy yet, and no file in its place."""


def load(
    source: str | Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    observations: str | Path | None = None,
    health: str | Path | None = None,
    prompts: str | Path = "prompts",
    cache: str | Path | None = None,
    breaker: BreakerSettings | None = None,
    breakers: str | Path | None = None,
) -> LivePins:
    """The pins, kept up to date without a restart.

    `source` is a path, an http(s) or an s3 address; by default `MODELPIN_SOURCE`, else the
    models.yml of the current folder or one above it, up to the git repository's root. An address
    is polled in the background; its copy on disk (`cache`) is used at once where there is one,
    else the file that would be found without it. `observations` is a folder (by default
    `MODELPIN_OBSERVATIONS`; without either nothing is written), `health` the file of
    `pytest-modelpin health` (`MODELPIN_HEALTH`). `breakers` is a folder in which the processes of
    a machine share what they know of dead models (`MODELPIN_BREAKERS`); else each finds out.

    Raises RegistryError where there is nothing to read, or the first reading finds a mistake.
    """
    variables = os.environ if environment is None else environment
    wanted = source if source is not None else variables.get("MODELPIN_SOURCE") or None
    observed = observations or variables.get("MODELPIN_OBSERVATIONS")
    status = health or variables.get("MODELPIN_HEALTH")
    shared = breakers or variables.get("MODELPIN_BREAKERS")
    return LivePins(
        _source(wanted, Path(cache) if cache else None),
        environment=environment,
        observations=Path(observed) if observed else None,
        health=Path(status) if status else None,
        prompts=Path(prompts),
        breaker=breaker,
        breakers=Path(shared) if shared else None,
    )


def _source(wanted: str | Path | None, cache: Path | None) -> Source:
    scheme = str(wanted).partition("://")[0].lower() if "://" in str(wanted or "") else ""
    if len(scheme) > 1 and scheme not in ("http", "https", "s3"):
        raise RegistryError(
            f"{without_credentials(str(wanted))} is no address that pins can be read from; "
            "http://, https:// and s3:// are, and paths."
        )
    if len(scheme) > 1 and isinstance(wanted, str):  # one letter is a drive
        address = AddressSource(wanted, cache)
        address.drop_unreadable()
        if address.wait(0 if _nearest() else FIRST_WAIT_SECONDS):
            return address
        if nearest := _nearest():
            return _Until(address, FileSource(nearest))
        raise RegistryError(
            f"Nothing came from {address.shown} within {FIRST_WAIT_SECONDS:g} seconds, there is no "
            "copy of it on disk, and no models.yml here to begin with. "
            f"{address.complaint}".rstrip()
        )
    if wanted is not None:
        return FileSource(Path(wanted).absolute())
    return FileSource(read_file(None, {}).path.absolute())


def _nearest() -> Path | None:
    try:
        return read_file(None, {}).path.absolute()
    except RegistryError:
        return None


class _Until:
    """A file that stands in for an address until the address's first copy is there."""

    def __init__(self, address: AddressSource, meanwhile: FileSource) -> None:
        self._address = address
        self._meanwhile = meanwhile

    @property
    def path(self) -> Path:
        return self._address.path if self._address.path.exists() else self._meanwhile.path

    @property
    def complaint(self) -> str:
        return self._address.complaint

    def changed(self) -> bool:
        return self._address.changed() or self._meanwhile.changed()
