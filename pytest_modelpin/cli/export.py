"""models.yml for others to read: `env` for shells, `render` for Python, `sync` for gateways."""

from __future__ import annotations

import argparse
import json
import keyword
import shlex
from pathlib import Path

from modelpin_runtime.registry.models import Pins, environment_variable
from modelpin_runtime.routing import salt_of
from pytest_modelpin.cli import add_project_options, pins_of
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.wording import counted


def env_options(parser: argparse.ArgumentParser) -> None:
    """`env`: the versions in force as environment variables, for shells, Docker and CI."""
    parser.add_argument(
        "--model", action="append", default=[], metavar="WHICH", help="as for pytest"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_project_options(parser)


def run_env(arguments: argparse.Namespace) -> int:
    """Print `MODELPIN_<NAME>=<id>` lines, which win over models.yml wherever they are set."""
    from pytest_modelpin.registry import environment_variable, select
    from pytest_modelpin.session.opening import refuse_unknown

    pins = pins_of(arguments)
    refuse_unknown(pins, arguments.model)
    selection = select(pins, arguments.model)
    values = {
        environment_variable(name): selected.id for name, selected in selection.models.items()
    }
    if arguments.json:
        print(json.dumps(values, indent=2))
    else:
        print("\n".join(f"{name}={shlex.quote(value)}" for name, value in values.items()))
    return ExitCode.FINE


def render_options(parser: argparse.ArgumentParser) -> None:
    """`render`: models.yml as one Python module that needs nothing."""
    parser.add_argument(
        "--python", metavar="FILE", type=Path, required=True, help="the module to write"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; 1 where the module is not up to date"
    )
    add_project_options(parser)


def run_render(arguments: argparse.Namespace) -> int:
    """Write the module, or check it. Raises ModelpinError."""
    from pytest_modelpin.redaction.written import write_redacted

    path: Path = arguments.python
    if path.suffix != ".py" or not is_module_name(path.stem):
        raise ModelpinError(f"--python {path}: no module can be called so; write `pins.py`.")
    pins = pins_of(arguments)
    text = python_module(pins, pins.path.name)
    there = path.read_bytes().decode("utf-8", "replace") if path.is_file() else None
    if there == text:
        print(f"{path} is up to date.")
        return ExitCode.FINE
    if arguments.check:
        what = "is not what models.yml says" if there is not None else "is not there"
        print(f"{path} {what}; run `pytest-modelpin render --python {path}`.")
        return ExitCode.FOUND
    if there is not None and "Made by `pytest-modelpin render`" not in there:
        raise ModelpinError(f"{path} was written by someone else; name another file.")
    write_redacted(path, text)
    print(f"{path}: {counted(len(pins.models), 'logical model')}")
    return ExitCode.FINE


_FORMS = ("litellm", "openfeature", "cloudflare", "vercel", "env")


def sync_options(parser: argparse.ArgumentParser) -> None:
    """`sync`: the pins in a gateway's own configuration, and whether it still serves them."""
    parser.description = (
        "litellm: a configuration of LiteLLM's proxy and Router. openfeature: flag "
        "definitions of flagd. cloudflare: dynamic routes of its AI Gateway. vercel: items of an "
        "Edge Config. env: a dotenv file."
    )
    parser.add_argument("--to", choices=_FORMS, required=True, help="whose configuration")
    parser.add_argument(
        "--file", metavar="FILE", type=Path, help="where it lies; without it, print it"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; name the routes of the file that serve something else, and exit 1",
    )
    add_project_options(parser)


def run_sync(arguments: argparse.Namespace) -> int:
    """Write the configuration, or check it. Raises ModelpinError."""
    from pytest_modelpin.production.gateways import GATEWAYS, MADE, differences, served_by_pins
    from pytest_modelpin.redaction.written import write_redacted

    pins, gateway = pins_of(arguments), GATEWAYS[arguments.to]
    path: Path | None = arguments.file
    there = _text(path) if path is not None else None
    if arguments.check:
        if path is None or there is None:
            raise ModelpinError("--check needs the gateway's configuration: `--file FILE`.")
        says = served_by_pins(pins, canaries=gateway.canaries, fallbacks=gateway.fallbacks)
        found = list(differences(says, gateway.read(there, str(path), pins)))
        for difference in found:
            print(f"{path}: {terminal(difference)}")
        if not found:
            print(f"{path} serves what {pins.path.name} says.")
        return ExitCode.FOUND if found else ExitCode.FINE
    text = gateway.write(pins)
    if path is None:
        print(text, end="")
        return ExitCode.FINE
    if there is not None and MADE not in there:
        raise ModelpinError(
            f"{path} was written by someone else, so it stays as it is; print the routes without "
            "--file and take them over, then hold it with --check."
        )
    write_redacted(path, text)
    print(f"{path}: {counted(len(pins.models), 'logical model')}")
    return ExitCode.FINE


def _text(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8", "replace") if path.is_file() else None


_MODULE = '''\
"""The pins of {source}, as data. Made by `pytest-modelpin render`; edit {source} instead."""

from __future__ import annotations

import hashlib as _hashlib
import os as _os

PINS: dict[str, str] = {pins}
FALLBACKS: dict[str, tuple[str, ...]] = {fallbacks}
CANARIES: dict[str, tuple[str, float, str]] = {canaries}
"""By logical name: the canary's id, its percentage, and the salt of its users, in hex."""
_VARIABLES: dict[str, str] = {variables}


def pin(name: str) -> str:
    """The id to ask for a logical model; the environment's `MODELPIN_<NAME>` wins."""
    return _os.environ.get(_VARIABLES[name]) or PINS[name]


def chain(name: str) -> tuple[str, ...]:
    """Whom to ask, in order: the pin, then the fallbacks."""
    return tuple(dict.fromkeys((pin(name), *FALLBACKS[name])))


def route(name: str, key: str | None = None) -> str:
    """The pin, or the canary for its share of keys: the same key always goes the same way."""
    canary = CANARIES.get(name)
    if canary is None or key is None or _os.environ.get(_VARIABLES[name]):
        return pin(name)
    model, percent, salt = canary
    own = _hashlib.blake2b(
        str(key).encode("utf-8", "replace"), digest_size=8, salt=bytes.fromhex(salt)
    ).digest()
    return model if int.from_bytes(own, "big") / 2**64 * 100 < percent else pin(name)
'''


def python_module(pins: Pins, source: str) -> str:
    """The module's text: the file's own pins, whatever the environment overrides here.

    `source` is the path that its first line names. The same models.yml gives the same text.
    """
    from pytest_modelpin.production.gateways import served_by_pins

    models = pins.models.values()
    canaries = {
        model.name: (model.canary.model, model.canary.percent,
                     salt_of(model.name, model.canary.model).hex())
        for model in models if model.canary
    }  # fmt: skip
    return _MODULE.format(
        source=json.dumps(source).strip('"'),
        pins=_mapping({model.name: repr(model.pin) for model in models}),
        fallbacks=_mapping(
            {name: repr(served.fallbacks) for name, served in served_by_pins(pins).items()}
        ),
        canaries=_mapping({name: repr(value) for name, value in canaries.items()}),
        variables=_mapping(
            {model.name: repr(environment_variable(model.name)) for model in models}
        ),
    )


def is_module_name(stem: str) -> bool:
    """Whether a file of that name can be imported."""
    return stem.isidentifier() and not keyword.iskeyword(stem)


def _mapping(items: dict[str, str]) -> str:
    if not items:
        return "{}"
    return "{\n" + "".join(f"    {name!r}: {value},\n" for name, value in items.items()) + "}"
