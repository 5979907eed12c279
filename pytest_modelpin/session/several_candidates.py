"""One logical model given several times (`--model gpt=a --model gpt=b`): each is tried in turn.

The suite runs on its pin first, and then on each candidate, so that they can be put side by side.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pytest_modelpin.files import OWN_FOLDER, safe_name

_REPORTS = Path(OWN_FOLDER) / "candidates"


def run_each(config: pytest.Config, name: str, ids: Sequence[str]) -> int:
    """Try each of `ids` for the logical model `name`, one after another; the worst exit code.

    Each run is a pytest of its own with the options of this one, and leaves a run report below
    `.pytest_modelpin/candidates`; the last line says how to put them side by side. Raises
    pytest.UsageError where one of `ids` is not of this call: each run would again have several.
    """
    import shlex

    from pytest_modelpin.redaction.written import RedactingStream
    from pytest_modelpin.session.own_options import refuse_others
    from pytest_modelpin.upgrade.suite import ALL_RECORDED, Suite

    if config.option.model_html:
        raise pytest.UsageError(
            f"--model-html shows one candidate's answers, and {name} has {len(ids)}; leave it out, "
            "and give `--html` to `pytest-modelpin compare`."
        )
    refuse_others(config.option)
    given = [str(each) for each in config.invocation_params.args]
    left = tuple(_without(given, name))
    own = [word.rpartition(f"{name}=")[2] for word in given if word not in left]
    if elsewhere := [id for id in ids if id not in own]:
        raise pytest.UsageError(
            f"--model={name}={elsewhere[0]} stands in `addopts` or PYTEST_ADDOPTS, and the command "
            f"line asks for another version of {name}. Take it out there, or name all that are to "
            "be tried on the command line."
        )
    folder = config.invocation_params.dir
    suite = Suite(folder, left)
    place = _REPORTS / safe_name(name)
    (folder / place).mkdir(parents=True, exist_ok=True)
    out = RedactingStream(sys.stdout)
    reports, worst = [], 0
    for id in ("production", *ids):
        report = place / f"{safe_name(id)}.json"
        (folder / report).unlink(missing_ok=True)
        # The pin's own samples say what may vary.
        samples = [f"--model-samples={ALL_RECORDED}"] if id == "production" else []
        out.write(f"\n{name}: {id}\n")
        out.flush()
        code = suite.shown(f"--model={name}={id}", *samples, f"--model-report={folder / report}")
        worst = max(worst, code)
        if (folder / report).exists():
            reports.append(report.as_posix())
    out.write(
        f"\nSide by side: pytest-modelpin compare {shlex.join(reports)} --name {name} --pick best\n"
    )
    return worst


def several(wanted: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """The logical model that is given more than once, and its ids; None where none is.

    Raises pytest.UsageError where several are: which would belong to which?
    """
    by_name: dict[str, list[str]] = {}
    for text in wanted:
        name, equals, id = text.partition("=")
        if equals and id not in by_name.setdefault(name, []):
            by_name[name].append(id)
    found = [(name, tuple(ids)) for name, ids in by_name.items() if len(ids) > 1]
    if len(found) > 1:
        raise pytest.UsageError(
            f"--model gives several versions of {' and of '.join(name for name, _ in found)}; "
            "try those of one logical model at a time."
        )
    return found[0] if found else None


def _without(arguments: Sequence[str], name: str) -> Iterator[str]:
    """The command line without `--model NAME=…`."""
    words = iter(arguments)
    for word in words:
        if word.startswith(f"--model={name}="):
            continue
        if word != "--model":
            yield word
            continue
        value = next(words, "")
        if not value.startswith(f"{name}="):
            yield from (word, value)
