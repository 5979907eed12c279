"""Alarms as annotations of GitHub Actions, which show at the line of models.yml.

Format: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_modelpin.alarms.alarm import Alarm


def workflow_commands(alarms: Sequence[Alarm], file: str) -> str:
    """Workflow commands, a line each; `file` is models.yml's path from the repository's root."""
    return "".join(f"{_command(alarm, file)}\n" for alarm in alarms)


def _command(alarm: Alarm, file: str) -> str:
    level = "error" if alarm.severity == "urgent" else "warning"
    properties = {"file": file} | ({"line": str(alarm.line)} if alarm.line else {})
    properties["title"] = f"{alarm.name}: {alarm.kind}"
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level} {written}::{_data(f'{alarm.sentence} {alarm.hint}')}"


def _data(text: str) -> str:
    """Escaped as GitHub's own toolkit does it, so that no text can become a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
