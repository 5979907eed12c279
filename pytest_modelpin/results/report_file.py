"""The run report: a Run as JSON, the only thing that passes from pytest to the command line."""

from __future__ import annotations

import gc
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, cast

from pytest_modelpin.errors import RunReportError
from pytest_modelpin.files import named_content, write_atomically
from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.redaction.redact import redact_json
from pytest_modelpin.results.case import Answer, Call, Case, Judged, Sample, Vector, unpacked
from pytest_modelpin.results.run import SCHEMA, Asked, NightOutcome, Run
from pytest_modelpin.typed_json import Misfit, Reader, Readers, misfit, plain_reader, row
from pytest_modelpin.wording import counted

VECTORS = "vectors"
"""Where calls for embeddings have theirs, and the report all of them, each once."""

_USAGE = tuple(field.name for field in fields(Usage))


def write(run: Run, path: Path, secrets: Collection[str] | None = None) -> None:
    """Write a run report without `secrets`, atomically; by default without the environment's.

    Raises RunReportError where the folder can't be written.
    """
    content = json.dumps(redacted(run, secrets), ensure_ascii=False, indent=1) + "\n"
    try:
        write_atomically(path, content.encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise RunReportError(
            f"The run report {path} can't be written ({error.strerror}); "
            "choose another place with `--model-report PATH`."
        ) from error


def read(path: Path) -> Run:
    """Read a run report. Raises RunReportError, naming the file and how to make it anew."""
    again = "Make it again with `pytest --model WHICH --model-report PATH`."
    try:
        data = json.loads(named_content(path).decode("utf-8", "surrogatepass"))
    except FileNotFoundError:
        raise RunReportError(f"There is no run report {path}. {again}") from None
    except OSError as error:
        raise RunReportError(
            f"The run report {path} can't be read ({error.strerror}). Name a file that "
            "`--model-report PATH` has written."
        ) from error
    except (ValueError, RecursionError) as error:
        raise RunReportError(
            f"The run report {path} is not whole JSON ({error}). {again}"
        ) from None
    found = data.get("schema") if isinstance(data, dict) else None
    if found != SCHEMA:
        raise RunReportError(
            f"The run report {path} has schema {found!r}; this version of pytest-modelpin "
            f"reads {SCHEMA}. {again}"
        )
    try:
        return from_json(data)
    except Misfit as misfit:
        raise RunReportError(
            f"The run report {path} is not of the documented form: {misfit}. {again}"
        ) from None


def redacted(run: Run, secrets: Collection[str] | None = None) -> dict[str, Any]:
    """The run as JSON values without `secrets`.

    Vectors are numbers, which hold none; looked through as texts they would be spelled otherwise.
    """
    told = as_json(run)
    vectors = told.pop(VECTORS, None)
    told = redact_json(told, secrets)
    return told if vectors is None else {**told, VECTORS: vectors}


def as_json(run: Run) -> dict[str, Any]:
    """The run as JSON values, keys in the order in which a person would read them."""
    vectors: dict[str, int] = {}
    cases = [_numbered(case_as_json(case), vectors) for case in run.cases]
    told = {
        "schema": run.schema,
        "started": run.started,
        "seconds": round(run.seconds, 3),
        "commit": run.commit,
        "samples": run.samples,
        "deselected": run.deselected,
        "left_out": list(run.left_out),
        "fingerprint": run.fingerprint,
        "selection": {name: asdict(asked) for name, asked in run.selection.items()},
        "unseen": list(run.unseen),
        "faults": list(run.faults),
        "unrecorded": list(run.unrecorded),
        "failed_unasked": list(run.failed_unasked),
        "notes": list(run.notes),
        **({"night": asdict(run.night)} if run.night else {}),
        "cases": cases,
    }
    return {**told, VECTORS: list(vectors)} if vectors else told


def from_json(data: dict[str, Any]) -> Run:
    """The run that `as_json` gave. Raises Misfit where it is none."""
    vectors = plain_reader(_WithVectors)(data).vectors
    for number, each in enumerate(vectors):
        if not _is_packed(each):
            raise misfit(each, "a vector as it is packed here").below(number).below(VECTORS)
    return cast(Run, (_readers(vectors) if vectors else _plain()).of(Run)(data))


def case_as_json(case: Case) -> dict[str, Any]:
    """One case as JSON values; also what a pytest-xdist worker sends to its controller."""
    return {
        "id": case.id,
        "models": list(case.models),
        "critical": case.critical,
        "category": case.category,
        "ignore": list(case.ignore),
        "similarity": case.similarity,
        "source": case.source,
        "questions": dict(case.questions),
        "prompts": dict(case.prompts),
        "left_out": case.left_out,
        **({"left_out_cure": case.left_out_cure} if case.left_out_cure else {}),
        "samples": [
            {
                "outcome": sample.outcome,
                "seconds": round(sample.seconds, 3),
                "message": sample.message,
                **({"lost_to": sample.lost_to} if sample.lost_to else {}),
                "calls": [_call_as_json(call) for call in sample.calls],
                "answers": [asdict(answer) for answer in sample.answers],
                "judging": [_call_as_json(call) for call in sample.judging],
                "shared": [_call_as_json(call) for call in sample.shared],
            }
            for sample in case.samples
        ],
    }


def case_from_json(data: dict[str, Any]) -> Case:
    """The case that `case_as_json` gave. Raises Misfit where it is none."""
    return cast(Case, _plain().of(Case)(data))


def _call_as_json(call: Call) -> dict[str, Any]:
    reply = call.reply
    embedded = call.vectors
    vectors = {} if embedded is None else {VECTORS: [list(vector) for vector in embedded]}
    return {
        "name": call.name,
        "fresh": call.fresh,
        "seconds": round(call.seconds, 3),
        "request": call.request,
        "reply": {
            "text": reply.text,
            "tools": [{"name": tool.name, "arguments": tool.arguments} for tool in reply.tools],
            "usage": {name: getattr(reply.usage, name) for name in _USAGE},
            "requested_model": reply.requested_model,
            "served_model": reply.served_model,
            "finish_reason": reply.finish_reason,
            "refusal": reply.refusal,
            "complete": reply.complete,
            "status": reply.status,
            "error": reply.error,
            "provider": reply.provider,
        },
        **vectors,
    }


def _numbered(case: dict[str, Any], vectors: dict[str, int]) -> dict[str, Any]:
    """The case, its vectors by their numbers in `vectors`: many samples hold the same ones."""
    for sample in case["samples"]:
        for call in (*sample["shared"], *sample["calls"]):
            if VECTORS in call:
                call[VECTORS] = [
                    [key, says, vectors.setdefault(packed, len(vectors))]
                    for key, says, packed in call[VECTORS]
                ]
    return case


_MAY_LACK: Mapping[type, Collection[str]] = {
    Run: ("left_out", "unseen", "faults", "unrecorded", "commit", "night"),
    Case: ("questions", "prompts", "left_out", "left_out_cure"),
    Sample: ("lost_to", "calls", "judging", "shared"),
    Call: (VECTORS,),
    **dict.fromkeys((Asked, NightOutcome, Answer, Judged, Reply), ()),
}
"""What reports may do without. Of anything else a default would stand for what was lost: a case
would be less critical than it is, or a reply whole that was not."""


@dataclass(frozen=True, slots=True)
class _WithVectors:
    """What a report holds besides the run."""

    vectors: tuple[str, ...] = ()


def _readers(vectors: Sequence[str]) -> Readers:
    """Reads what is in a report with these vectors, which its calls name by number."""

    def vector(value: Any) -> Vector:
        return Vector(*named(value))

    def direction(value: Any) -> str:
        if type(value) is int and 0 <= value < len(vectors):
            return vectors[value]
        if type(value) is str and _is_packed(value):
            return value
        raise misfit(value, f"the number of one of {counted(len(vectors), 'vector')}, or one")

    readers = Readers(
        _MAY_LACK, {Vector: vector, Usage: _usage, _TWO: _counts(_TWO), _FOUR: _counts(_FOUR)}
    )
    named = row([readers.of(str), readers.of(str), direction])
    return readers


_USAGE_READER = Readers({Usage: ()}).of(Usage)


def _usage(value: Any) -> Usage:
    """Tokens, of which nobody counts fewer than none."""
    made = _USAGE_READER(value)
    for name in _USAGE:
        if (getattr(made, name) or 0) < 0:
            raise misfit(getattr(made, name), "a number from 0 up").below(name)
    return cast(Usage, made)


_TWO, _FOUR = tuple[int, int], tuple[int, int, int, int]


def _counts(kind: Any) -> Reader:
    """Passes and samples, of one side or of both."""
    numbers = plain_reader(kind)

    def read(value: Any) -> tuple[int, ...]:
        made: tuple[int, ...] = numbers(value)
        for passes, samples in zip(made[::2], made[1::2], strict=True):
            if not 0 <= passes <= samples:
                raise Misfit(f"{passes} of {counted(samples, 'sample')}", "passes of samples")
        return made

    return read


@cache
def _plain() -> Readers:
    return _readers(())


def _is_packed(text: str) -> bool:
    try:
        unpacked(text)
    except ValueError:
        return False
    return True


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection: of a big report everything is kept, and walked over in vain."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
