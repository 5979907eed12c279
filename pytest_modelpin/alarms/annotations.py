"""Alarms at the lines that they are about: as SARIF 2.1.0, the format of GitHub's code scanning,
and as annotations of GitHub Actions.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json
https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, get_args

from pytest_modelpin import __version__
from pytest_modelpin.alarms.alarm import Alarm, AlarmKind
from pytest_modelpin.report.escape import terminal

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
    "candidate-refuses": "The candidate refuses a parameter that the suite sends.",
    "unknown-id": "The production id is of no known kind.",
}


_HELP: dict[AlarmKind, str] = {
    "floating": "A provider may point an alias at another version overnight, with no commit behind "
    "it. `pytest-modelpin resolve NAME` tells which version it stands for; write that one as "
    "`production:`, and keep the alias as `staging:`.",
    "answered-by-another": "The id in models.yml is not what your users get. See who answers with "
    "`pytest-modelpin resolve NAME --live`; a gateway or a fallback of the provider's may stand in "
    "between.",
    "retiring": "From that day on, requests fail or are answered by another model. Let the nightly "
    "try the next version now, or move by hand with `pytest-modelpin promote NAME --to ID`.",
    "retired": "Requests fail, or are answered by another model. Move the pin with "
    "`pytest-modelpin promote NAME --to ID`.",
    "stale": "Nobody knows whether the pin still answers as it was recorded. Record it anew with "
    "`pytest --model production --model-record all`, or let the nightly ask it live.",
    "red": "The candidate fails the suite for good. See the last night's report for the cases; "
    "choose another candidate, adapt prompts or tests, or accept what changed.",
    "silent": "The schedule no longer runs, so that nobody would notice a change. GitHub switches "
    "schedules off after 60 days without activity: see the workflow's page.",
    "fallback-retiring": "The fallback would fail when it is needed. Put another id into "
    "`fallback:`.",
    "canary-retiring": "The canary's share of requests would fail. Put another id into `canary:`.",
    "candidate-retiring": "A bump would move to a version that ends soon. Choose a later one as "
    "`staging:`.",
    "candidate-refuses": "The candidate answers such a request with an error. Replace the "
    "parameter as the alarm says, for the candidate at least.",
    "unknown-id": "Its provider, and so its end and its price, can't be told. Name it by "
    "`provider:`, or correct the id.",
}
"""What it means and what to do, for those who see the finding on GitHub alone."""

_DOCS = "https://pytest-modelpin.github.io/pytest-modelpin/alarms/"


def sarif(alarms: Sequence[Alarm], file: str) -> dict[str, Any]:
    """The log as a JSON object; `file` is models.yml's path from the repository's root."""
    rules = [_rule(kind) for kind in get_args(AlarmKind)]
    driver = {"name": "pytest-modelpin", "version": __version__, "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {"tool": {"driver": driver}, "results": [_result(alarm, file) for alarm in alarms]}
        ],
    }


def _rule(kind: AlarmKind) -> dict[str, Any]:
    return {
        "id": kind,
        "shortDescription": {"text": _SAYS[kind]},
        "fullDescription": {"text": _SAYS[kind]},
        "help": {
            "text": _HELP[kind].replace("`", ""),
            "markdown": f"{_HELP[kind]}\n\n[All alarms]({_DOCS})",
        },
        "helpUri": _DOCS,
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["llm", "dependency"]},
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
        "message": {"text": _without_links(f"{alarm.name}: {alarm.sentence} {alarm.hint}")},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"modelpin/v1": identity},
    }


def _without_links(text: str) -> str:
    """Plain text, in which a name that came over the wire would link as `[text](address)`.

    SARIF 2.1.0, section 3.11.6.
    """
    return re.sub(r"[\\\[\]]", r"\\\g<0>", terminal(text))


def workflow_commands(alarms: Sequence[Alarm], file: str) -> str:
    """Workflow commands, a line each; `file` is models.yml's path from the repository's root."""
    return "".join(f"{_command(alarm, file)}\n" for alarm in alarms)


def _command(alarm: Alarm, file: str) -> str:
    level = "error" if alarm.severity == "urgent" else "warning"
    properties = {"file": file} | ({"line": str(alarm.line)} if alarm.line else {})
    properties["title"] = f"{alarm.name}: {alarm.kind}"
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level} {written}::{terminal(_data(f'{alarm.sentence} {alarm.hint}'))}"


def _data(text: str) -> str:
    """Escaped as GitHub's own toolkit does it, so that no text can become a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
