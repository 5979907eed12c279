"""The announcements, posted to the emulator of Slack."""

import json
import urllib.request

from pytest_modelpin.alarms.alarm import Alarm
from pytest_modelpin.upgrade.nightly.announcement import alarm_message, post


def test_slack_keeps_the_blocks_as_they_were_sent(slack_emulator):
    alarm = Alarm("retired", "urgent", "claude", "The pin <!here> retired.", "Move it.")
    sent = alarm_message([alarm])
    post(f"{slack_emulator}/services/T000000001/B000000001/X000000001", sent)
    kept = _messages(slack_emulator)
    assert [message["blocks"] for message in kept] == [sent["blocks"]]
    assert kept[0]["text"] == sent["text"]


def _messages(address: str) -> list[dict]:
    listed = _ask(f"{address}/api/conversations.list", {})
    general = next(one["id"] for one in listed["channels"] if one["name"] == "general")
    return _ask(f"{address}/api/conversations.history", {"channel": general})["messages"]


def _ask(url: str, content: dict) -> dict:
    headers = {"Authorization": "Bearer owner-token", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(content).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
