"""Writes docs/commands.md, docs/values.md and docs/api.md: what can be called and set.

python docs/make_reference.py          # or `make reference`
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

from modelpin_runtime.registry import models
from pytest_modelpin.cli.command_parser import COMMANDS, command_of
from pytest_modelpin.errors import ExitCode
from pytest_modelpin.report.findings import MEANINGS

PAGE = Path(__file__).with_name("commands.md")
HEAD = """\
# Commands

Made from the code by `make reference`. Every command is `pytest-modelpin COMMAND`, or
`python -m pytest_modelpin COMMAND`.

Exit codes: 0 fine, 1 the check found something (red, alarms), 2 wrong usage or configuration,
3 inconclusive.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(f"\n{section(command)}" for command in COMMANDS)


def section(command: str) -> str:
    """One command: what it is for, how it is called, what each option does."""
    parser = argparse.ArgumentParser(prog="pytest-modelpin")
    subparsers = parser.add_subparsers()
    found = command_of(command)
    found.add_parser(subparsers)
    own: argparse.ArgumentParser = subparsers.choices[command]
    lines = [f"## pytest-modelpin {command}\n", f"{found.said.rstrip('.')}.\n", *table(own)]
    for name, said, parser in subcommands(own):
        lines += [f"### pytest-modelpin {command} {name}\n", f"{said[:1].upper()}{said[1:]}.\n"]
        lines += table(parser)
    return "\n".join(lines)


def table(parser: argparse.ArgumentParser) -> list[str]:
    """The lines of a table of its arguments; none where it has none."""
    rows = list(options(parser))
    return ["| argument | what it does |", "|---|---|", *rows, ""] if rows else []


def subcommands(
    parser: argparse.ArgumentParser,
) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Name, help and parser of each command below a command."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action._choices_actions:
                yield each.dest, each.help or "", action.choices[each.dest]


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """A table row for each argument that is not hidden."""
    for action in parser._actions:
        if action.dest == "help" or action.help == argparse.SUPPRESS:
            continue
        if isinstance(action, argparse._SubParsersAction):
            continue
        metavar = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
        value = metavar if isinstance(metavar, str) else " ".join(metavar)
        names = ", ".join(f"`{name}`" for name in action.option_strings)
        if names and value and action.nargs != 0:
            names += f" `{value}`"
        shown = (names or f"`{value}`").replace("|", "\\|")
        yield f"| {shown} | {(action.help or '').replace('%%', '%').replace('|', '/')} |"


VALUES_HEAD = """\
# Keys, options, codes, kinds

Made from the code by `make reference`: every key of `models.yml`, option and ini value of pytest,
exit code and kind of drift.
"""

NO_BUSINESS_OF_USERS = {
    "--model-tolerant",
    "--model-samples-of",
    "--model-accept-new",
    "--model-accept-all",
}
"""What the nightly tells the tests' process."""


def values() -> str:
    """The whole page of keys, options, codes and kinds."""
    return (
        VALUES_HEAD
        + "\n".join(
            line for part in (keys(), of_pytest(), codes(), kinds()) for line in ("", *part)
        )
        + "\n"
    )


def keys() -> Iterator[str]:
    """Every key of models.yml, by what its JSON Schema and its dataclass say."""
    schema = json.loads(PAGE.with_name("models.schema.json").read_text("utf-8"))["properties"]
    yield from (
        "## models.yml",
        "",
        "What each is for, with an example: [models.yml](models-yml.md).",
    )
    parts = [
        ("A logical model", schema["models"]["additionalProperties"], models.Model),
        (
            "`canary:`",
            schema["models"]["additionalProperties"]["properties"]["canary"],
            models.Canary,
        ),
        ("`settings:`", schema["settings"], models.Settings),
        ("An entry of `endpoints:`", schema["endpoints"]["items"], models.Endpoint),
    ]
    for title, part, kind in parts:
        yield from (
            "",
            f"### {title}",
            "",
            "| key | type | default | effect |",
            "|---|---|---|---|",
        )
        required = part.get("required", ())
        for name, each in part["properties"].items():
            default = "required" if name in required else default_of(kind, name)
            said = SYNONYMS.get(name) or each.get("description") or documented(kind, name)
            said = f"{said[:1].lower()}{said[1:].rstrip('.')}"
            yield f"| `{name}` | {type_of(each)} | {default} | {cell(said)} |"


SYNONYMS = {
    "candidate": "another word for `staging`",
    "as": "the path at which the provider has what is asked here",
}


def type_of(schema: dict[str, Any]) -> str:
    """In words, without the `null` of an empty key."""
    if "enum" in schema:
        return " or ".join(f"`{word}`" for word in schema["enum"] if word is not None)
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        return " or ".join(type_of(each) for each in schema["anyOf"] if each != {"type": "null"})
    kind = schema.get("type", "any")
    kinds = [each for each in (kind if isinstance(kind, list) else [kind]) if each != "null"]
    least = schema.get("minimum")
    word = {"object": "mapping", "array": "list", "boolean": "true or false"}.get(
        kinds[0], kinds[0]
    )
    if "pattern" in schema and "4}-" in schema["pattern"]:
        word = "date"
    elif len(kinds) > 1:
        word = "text"
    if least is not None:
        word += f" from {least}" + (f" to {schema['maximum']}" if "maximum" in schema else "")
    return "text" if word == "string" else word


def default_of(kind: type, name: str) -> str:
    """The dataclass's, as YAML would have it."""
    known = {field.name: field for field in dataclasses.fields(kind)}
    name = {"candidate": "staging", "as": "as_path"}.get(name, name)
    if name not in known:
        return ""
    field = known[name]
    value = field.default
    if value is dataclasses.MISSING:
        made = field.default_factory
        value = made() if made is not dataclasses.MISSING else None
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple | dict):
        return f"`{list(value)}`" if value else "none"
    if value == "":
        return "none"
    return f"`{value}`"


def documented(kind: type, name: str) -> str:
    """The words below a field of a dataclass."""
    body = ast.parse(inspect.getsource(kind)).body[0].body  # type: ignore[attr-defined]
    for field, said in pairwise(body):
        is_field = isinstance(field, ast.AnnAssign) and ast.unparse(field.target) == name
        if is_field and isinstance(said, ast.Expr):
            return " ".join(str(ast.literal_eval(said.value)).split())
    return ""


def cell(text: str) -> str:
    """Text as a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")


def of_pytest() -> Iterator[str]:
    """The options and ini values that the plugin adds."""
    plugin, parser = import_module("pytest_modelpin.plugin"), _Parser()
    plugin.pytest_addoption(parser)
    yield from (
        "## pytest",
        "",
        "### Options",
        "",
        "| option | default | effect |",
        "|---|---|---|",
    )
    for name, given in parser.options:
        if name not in NO_BUSINESS_OF_USERS:
            words = "\\|".join(given.get("choices", ())) or given.get("metavar", "")
            value = f" {words}" if words else ""
            yield f"| `{name}{value}` | {given.get('default') or 'none'} | {cell(given['help'])} |"
    yield from (
        "",
        "### Ini values",
        "",
        "| ini value | type | default | effect |",
        "|---|---|---|---|",
    )
    for name, said, given in parser.inis:
        kind = {"bool": "true or false", "linelist": "a line each"}.get(
            given.get("type", ""), "text"
        )
        default = given.get("default")
        shown = f"`{str(default).lower()}`" if default not in (None, []) else "none"
        yield f"| `{name}` | {kind} | {shown} | {cell(said)} |"


class _Parser:
    """Notes what a plugin declares."""

    def __init__(self) -> None:
        self.options: list[tuple[str, dict[str, Any]]] = []
        self.inis: list[tuple[str, str, dict[str, Any]]] = []

    def getgroup(self, *_: str) -> _Parser:
        return self

    def addoption(self, name: str, **given: Any) -> None:
        self.options.append((name, given))

    def addini(self, name: str, said: str, type: str = "", default: Any = None) -> None:
        self.inis.append((name, said, {"type": type, "default": default}))


def codes() -> Iterator[str]:
    """The exit codes."""
    yield from ("## Exit codes", "", "| code | name | means |", "|---|---|---|")
    for code in ExitCode:
        yield f"| {int(code)} | {code.name} | {CODES[code]} |"


CODES = {
    ExitCode.FINE: "done, and nothing is amiss",
    ExitCode.FOUND: "the check found something: a red night, an alarm, a failed test",
    ExitCode.USAGE: "wrong usage or configuration; the message says what to run",
    ExitCode.INCONCLUSIVE: "neither: cases were lost, or what served is unknown",
}


def kinds() -> Iterator[str]:
    """The kinds of drift."""
    yield from (
        "## Kinds of drift",
        "",
        "How severe each is, and when: [kinds of drift](drift.md).",
    )
    yield from ("", "| kind | means |", "|---|---|")
    for kind, said in MEANINGS.items():
        yield f"| `{kind}` | {cell(said)} |"


PUBLIC = {
    "pytest_modelpin.registry": ("load", "Pins", "Model", "Settings"),
    "pytest_modelpin.providers": (
        "identify",
        "ModelId",
        "read_reply",
        "Reply",
        "Usage",
        "Endpoint",
        "EndpointByPath",
        "OpenAICompatible",
        "Naming",
        "Rule",
    ),
    "pytest_modelpin.compare": (
        "drifts",
        "case_drifts",
        "Context",
        "Detector",
        "DETECTORS",
        "Drift",
        "verdict",
        "Verdict",
    ),
}
"""What other programs may import; everything else is private."""

API_HEAD = """\
# Python API

Made from the code by `make reference`. These names are stable, typed and documented; everything
else in the package is private, whatever its spelling. What production needs is
[the runtime's](runtime.md); fixtures and the marker are [pytest's](pytest.md); hooks for a provider
or a detector of your own are in [a provider of your own](own-provider.md).
"""


def api() -> str:
    """The whole page of the Python API."""
    return API_HEAD + "".join(
        f"\n## {module}\n\n" + "\n".join(entry(n, getattr(import_module(module), n)) for n in names)
        for module, names in PUBLIC.items()
    )


def entry(name: str, thing: Any) -> str:
    """A function with its signature, a class with its fields, or a table with what it holds."""
    if isinstance(thing, tuple) and not hasattr(thing, "_fields"):
        said = ", ".join(f"`{type(each).__name__}`" for each in thing)
        return f"### {name}\n\nIn this order: {said}.\n"
    if inspect.isclass(thing):
        kinds = inspect.get_annotations(thing).items()
        rows = [
            f"    {field}: {getattr(kind, '__forward_arg__', kind)}"
            for field, kind in kinds
            if not field.startswith("_")
        ]
        if getattr(thing, "_is_protocol", False):
            rows += [f"    {line}" for line in members(thing)]
        known = {each for names in PUBLIC.values() for each in names}
        bases = ", ".join(each.__name__ for each in thing.__bases__ if each.__name__ in known)
        code = "\n".join([f"class {name}{bases and f'({bases})'}:", *(rows or ["    ..."])])
    else:
        code = thing.__name__ + signature(thing)
    said = inspect.cleandoc(thing.__doc__ or "")
    return f"### {thing.__name__}\n\n```python\n{code}\n```\n\n{said}\n"


def members(protocol: type) -> Iterator[str]:
    """What an object that satisfies a protocol has to have."""
    for name, member in vars(protocol).items():
        if isinstance(member, property):
            kind = inspect.get_annotations(member.fget)["return"]  # type: ignore[arg-type]
            yield f"{name}: {kind}"
        elif inspect.isfunction(member) and not name.startswith("_"):
            yield f"def {name}{signature(member)}"


def signature(function: Any) -> str:
    """Its parameters and what it gives, as they are written."""
    return str(inspect.signature(function)).replace("'", "")


def main() -> None:
    """Write the pages."""
    PAGE.write_text(page(), "utf-8")
    PAGE.with_name("values.md").write_text(values(), "utf-8")
    PAGE.with_name("api.md").write_text(api(), "utf-8")
    print(f"{PAGE.name}: {len(COMMANDS)} commands", file=sys.stderr)


if __name__ == "__main__":
    main()
