"""Alarms as SARIF 2.1.0, the format of GitHub's code scanning.

Schema: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, get_args

from pytest_modelpin import __version__
from pytest_modelpin.alarms.alarm import Alarm, AlarmKind

_SAYS: dict[AlarmKind, str] = {
    "floating": "The production id is a floating alias.",
    "answered-by-another": "Production answers with a version other than its pin.",
    "retiring": "The pin retires soon.",
    "retired": "The pin has retired.",
    "stale": "The pin was not validated for long.",
    "red": "The candidate is red, night after night.",
    "silent": "No night for days: the schedule died.",
    "fallback-retiring": "A fallback retires soon.",
    "canary-retiring": "The canary retires soon.",
    "candidate-retiring": "The version that a bump would move to retires.",
    "unknown-id": "The production id is of no known kind.",
}


def sarif(alarms: Sequence[Alarm], file: str) -> dict[str, Any]:
    """The log as a JSON object; `file` is models.yml's path from the repository's root."""
    rules = [
        {"id": kind, "shortDescription": {"text": _SAYS[kind]}} for kind in get_args(AlarmKind)
    ]
    driver = {"name": "pytest-modelpin", "version": __version__, "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {"tool": {"driver": driver}, "results": [_result(alarm, file) for alarm in alarms]}
        ],
    }


def _result(alarm: Alarm, file: str) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": file.replace("\\", "/")},
        "region": {"startLine": alarm.line or 1},
    }
    # Countdowns change every day; the finding stays the same one.
    identity = hashlib.sha256(f"{alarm.kind}\0{alarm.name}".encode()).hexdigest()
    return {
        "ruleId": alarm.kind,
        "level": "error" if alarm.severity == "urgent" else "warning",
        "message": {"text": f"{alarm.name}: {alarm.sentence} {alarm.hint}"},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"modelpin/v1": identity},
    }
