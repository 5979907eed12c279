"""The run report: a Run as JSON, the only thing that passes from pytest to the command line."""

from __future__ import annotations

import gc
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from pytest_modelpin.errors import RunReportError
from pytest_modelpin.files import write_atomically
from pytest_modelpin.providers.reply import Reply, ToolCall, Usage
from pytest_modelpin.redaction.redact import redact_json
from pytest_modelpin.results.case import Answer, Call, Case, Judged, Sample, Vector, unpacked
from pytest_modelpin.results.run import SCHEMA, Asked, NightOutcome, Run

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
        data = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
    except FileNotFoundError:
        raise RunReportError(f"There is no run report {path}. {again}") from None
    except OSError as error:
        raise RunReportError(f"The run report {path} can't be read ({error.strerror}).") from error
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
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise RunReportError(
            f"The run report {path} is not of the documented form ({error!r}). {again}"
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
        "notes": list(run.notes),
        **({"night": asdict(run.night)} if run.night else {}),
        "cases": cases,
    }
    return {**told, VECTORS: list(vectors)} if vectors else told


def from_json(data: dict[str, Any]) -> Run:
    """The run that `as_json` gave. Raises KeyError, TypeError or ValueError where it is none."""
    vectors = data.get(VECTORS, ())
    for each in vectors:
        unpacked(each)
    selection = {
        name: Asked(**{**asked, "served": tuple(asked["served"])})
        for name, asked in data["selection"].items()
    }
    return Run(
        selection=selection,
        cases=tuple(case_from_json(case, vectors) for case in data["cases"]),
        started=data["started"],
        seconds=data["seconds"],
        samples=data["samples"],
        deselected=data["deselected"],
        left_out=tuple(data.get("left_out", ())),
        fingerprint=data["fingerprint"],
        unseen=tuple(data.get("unseen", ())),
        notes=tuple(data["notes"]),
        commit=data.get("commit", ""),
        night=_outcome_from_json(data["night"]) if data.get("night") else None,
    )


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
        "samples": [
            {
                "outcome": sample.outcome,
                "seconds": round(sample.seconds, 3),
                "message": sample.message,
                "calls": [_call_as_json(call) for call in sample.calls],
                "answers": [asdict(answer) for answer in sample.answers],
                "judging": [_call_as_json(call) for call in sample.judging],
                "shared": [_call_as_json(call) for call in sample.shared],
            }
            for sample in case.samples
        ],
    }


def case_from_json(data: dict[str, Any], vectors: Sequence[str] = ()) -> Case:
    """The case that `case_as_json` gave; `vectors` are those that its calls name by number."""
    return Case(
        id=data["id"],
        models=tuple(data["models"]),
        critical=data["critical"],
        category=data["category"],
        ignore=tuple(data["ignore"]),
        similarity=data["similarity"],
        source=data["source"],
        questions=data.get("questions", {}),
        prompts=data.get("prompts", {}),
        left_out=data.get("left_out", ""),
        samples=tuple(_sample_from_json(sample, vectors) for sample in data["samples"]),
    )


def _sample_from_json(data: dict[str, Any], vectors: Sequence[str]) -> Sample:
    return Sample(
        outcome=data["outcome"],
        seconds=data["seconds"],
        message=data["message"],
        calls=_calls_from_json(data.get("calls"), vectors),
        answers=tuple(map(_answer_from_json, data["answers"])),
        judging=_calls_from_json(data.get("judging"), vectors),
        shared=_calls_from_json(data.get("shared"), vectors),
    )


def _answer_from_json(data: dict[str, Any]) -> Answer:
    judged = data.get("judged")
    return Answer(**{**data, "judged": Judged(**judged)}) if judged else Answer(**data)


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


def _calls_from_json(
    told: Sequence[dict[str, Any]] | None, vectors: Sequence[str]
) -> tuple[Call, ...]:
    return tuple([_call_from_json(call, vectors) for call in told]) if told else ()


def _call_from_json(data: dict[str, Any], vectors: Sequence[str]) -> Call:
    said = data["reply"]
    tools = tuple([ToolCall(tool["name"], tool["arguments"]) for tool in said["tools"]])
    reply = Reply(**{**said, "tools": tools, "usage": Usage(**said["usage"])})
    return Call(
        data["name"], reply, data["fresh"], data["seconds"], data["request"],
        _vectors_from_json(data, vectors),
    )  # fmt: skip


def _vectors_from_json(data: dict[str, Any], vectors: Sequence[str]) -> tuple[Vector, ...] | None:
    if VECTORS not in data:
        return None
    return tuple(
        [
            Vector(key, says, vectors[packed] if isinstance(packed, int) else packed)
            for key, says, packed in data[VECTORS]
        ]
    )


def _outcome_from_json(data: Mapping[str, Any]) -> NightOutcome:
    """The outcome that `as_json` gave. Raises KeyError or TypeError where it is none."""
    return NightOutcome(
        beside=data["beside"],
        day=data["day"],
        colour=data["colour"],
        reasons=tuple(data["reasons"]),
        fresh={case: (a, b, c, d) for case, (a, b, c, d) in data["fresh"].items()},
        live={case: (passes, samples) for case, (passes, samples) in data["live"].items()},
        accepted=tuple(data["accepted"]),
    )


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
