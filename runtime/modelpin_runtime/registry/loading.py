"""Finding models.yml and reading it, the environment's overrides included."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from modelpin_runtime import PLACES
from modelpin_runtime.errors import RegistryError
from modelpin_runtime.frozen import replace
from modelpin_runtime.registry.models import Pins, overridden


def find(root: Path, explicit: str | None = None) -> Path | None:
    """The models.yml of a folder, None where there is none.

    `explicit` (the ini option `modelpin_registry`), relative to `root`, is the only place looked
    at where it is given; RegistryError where nothing is there.
    """
    if explicit:
        path = root / explicit
        if not path.is_file():
            raise RegistryError(
                f"No file at {_shown(path)}, which `modelpin_registry` names; correct the option, "
                "or run `pytest-modelpin init`."
            )
        return path
    return next((root / place for place in PLACES if (root / place).is_file()), None)


def load(path: Path | str | None = None, environment: Mapping[str, str] | None = None) -> Pins:
    """The pins of a models.yml, with `MODELPIN_<NAME>` of the environment in force.

    Without `path`, the file is looked for in the current folder and those above it, up to the
    git repository's root. Raises RegistryError: no file, or a line for each mistake in it.
    """
    file = Path(path) if path is not None else _find_upwards(Path.cwd())
    return load_text(read_text(file), file, environment)


def load_text(text: str, file: Path, environment: Mapping[str, str] | None = None) -> Pins:
    """As `load`, of what the file held when it was read. Raises RegistryError for mistakes."""
    from modelpin_runtime.registry import schema

    pins = schema.read(text, file, _shown(file))
    variables = os.environ if environment is None else environment
    return replace(pins, models={n: overridden(m, variables) for n, m in pins.models.items()})


def read_text(path: Path) -> str:
    """The file's text with its own line ends and byte order mark; RegistryError if unreadable."""
    try:
        if path.exists() and not path.is_file():  # of a pipe, reading would wait without end
            raise RegistryError(f"{_shown(path)} can't be read: it is no plain file.")
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise RegistryError(f"No file at {_shown(path)}; run `pytest-modelpin init`.") from None
    except UnicodeDecodeError as error:
        raise RegistryError(
            f"{_shown(path)}: not UTF-8 (byte {error.start}); save the file as UTF-8."
        ) from None
    except OSError as error:
        raise RegistryError(f"{_shown(path)} can't be read: {error.strerror}.") from None


def _find_upwards(folder: Path) -> Path:
    looked = []
    for root in (folder, *folder.parents):
        if found := find(root):
            return found
        looked.append(root)
        if (root / ".git").exists():
            break
    else:
        looked = [folder]  # no repository: naming every folder up to / helps nobody
    misnamed = next(filter(None, map(find_misnamed, looked)), None)
    cure = (
        f"{_shown(misnamed)} is not read: rename it to models.yml."
        if misnamed
        else "Run `pytest-modelpin init` to write one."
    )
    raise RegistryError(
        f"No models.yml: looked for {', '.join(PLACES)} in {', '.join(map(str, looked))}. {cure}"
    )


def find_misnamed(root: Path) -> Path | None:
    """A models.yaml that holds pins, where a folder's models.yml would lie."""
    for place in PLACES:
        path = (root / place).with_suffix(".yaml")
        # Other tools have a file of this name, too.
        with suppress(OSError, ValueError):
            if path.is_file() and re.search(r"^ +production:", path.read_text("utf-8"), re.M):
                return path
    return None


def _shown(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError, RuntimeError):  # the last for a link to itself, up to 3.12
        return str(path)
