"""`import`: a sample of what production asked, as pytest cases with recordings."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli.project_options import add_project_options, pins_of
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.registry.unknown_names import names_no
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelpin_runtime.registry.models import Model, Pins
    from pytest_modelpin.production.captured_suite import Chosen, Hook
    from pytest_modelpin.production.traffic import Captured


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "import",
        help="a sample of what production asked, as pytest cases with recordings",
        description="Write a test module with one case for each captured request, and a recording "
        "of each captured reply of the pin's. Secrets are taken out of both.",
    )
    add_traffic(parser, sample=20)
    parser.add_argument(
        "--into", metavar="FOLDER", type=Path, default=Path("tests/captured"),
        help="where the cases go; tests/captured",
    )  # fmt: skip
    add_project_options(parser)
    parser.set_defaults(run=run)


def add_traffic(parser: argparse.ArgumentParser, *, sample: int) -> None:
    """What `import` and `shadow` have in common."""
    parser.add_argument(
        "traffic", metavar="TRAFFIC", type=Path,
        help="observations with content, request logs as JSON lines, GenAI spans, HAR; or a folder",
    )  # fmt: skip
    parser.add_argument("--name", metavar="NAME", help="the logical model; default: the one asked")
    parser.add_argument(
        "--sample", type=int, default=sample, metavar="N",
        help=f"different requests at most; {sample}",
    )  # fmt: skip
    parser.add_argument(
        "--redact", metavar="MODULE:FUNCTION",
        help="called with each request's body: gives the body to use, or None to leave it out",
    )  # fmt: skip


def chosen(arguments: argparse.Namespace, pins: Pins) -> tuple[Model, Chosen]:
    """The logical model that the traffic asks, and the cases. Raises ModelpinError."""
    from pytest_modelpin.production.captured_suite import choose
    from pytest_modelpin.production.traffic import read

    if arguments.sample < 1:
        raise ModelpinError(f"--sample {arguments.sample}: it must be a whole number from 1.")
    traffic = read(arguments.traffic)
    model = _model(pins, arguments.name, traffic)
    hook = _hook(arguments.redact) if arguments.redact else None
    return model, choose(traffic, model, arguments.sample, hook)


def summary(found: Chosen) -> str:
    """What was chosen, and what became of the rest, in a sentence."""
    left = _told(found.left_out)
    return f"{counted(len(found.cases), 'captured request')}{f'; {left}' if left else ''}"


def run(arguments: argparse.Namespace) -> int:
    """Write the cases; 2 where the folder holds tests of somebody else's."""
    from pytest_modelpin.production.captured_suite import MODULE, write_suite

    folder: Path = arguments.into
    module = folder / MODULE
    if module.exists() and "pytest-modelpin import" not in module.read_text("utf-8", "replace"):
        raise ModelpinError(
            f"{module} was not made by `pytest-modelpin import`; name another folder by --into."
        )
    model, found = chosen(arguments, pins_of(arguments))
    recorded = write_suite(folder, found.cases, model, "import")
    print(summary(found))
    print(f"wrote {module}, and {counted(recorded, 'recording')} of {model.production}")
    if recorded < len(found.cases):
        missing = counted(len(found.cases) - recorded, "case")
        print(f"{missing} without a captured reply of the pin's: asked by `pytest-modelpin record`")
    else:
        print(f"accept the answers with `pytest --snapshot-update {folder.as_posix()}`")
    print("read what stands in there before you commit it: it is what your users wrote")
    return ExitCode.FINE


def _model(pins: Pins, name: str | None, traffic: list[Captured]) -> Model:
    from pytest_modelpin.providers import bare

    if name is not None:
        if name not in pins.models:
            raise ModelpinError(names_no(pins.path, [name], pins.models))
        return pins.models[name]
    asked = {bare(each.model) for each in traffic if each.model}
    found = [
        model for model in pins.models.values() if asked & {bare(id) for id in model.versions()}
    ]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(model.name for model in found)
        raise ModelpinError(
            f"The traffic asks several logical models ({names}): add `--name NAME`."
        )
    raise ModelpinError(
        f"The traffic asks no model of {pins.path}; it asks: {', '.join(sorted(asked)) or 'none'}."
    )


def _hook(named: str) -> Hook:
    module, mark, function = named.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        made: Hook = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ModelpinError(
            f"--redact {named}: {error}. Name a function that can be imported from here, as "
            "package.module:function."
        ) from None
    finally:
        sys.path.pop(0)
    if not mark or not callable(made):
        raise ModelpinError(f"--redact {named}: name a function, as package.module:function.")
    return made


def _told(left: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in left.items())
