from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_modelpin.cli import main
from pytest_modelpin.forge import Forge
from pytest_modelpin.ledger import Night, night_line, to_line
from pytest_modelpin.ledger.decision import Decision
from pytest_modelpin.redaction.written import (
    RedactedLog,
    RedactingStream,
    append_redacted,
    message_redacted,
    write_redacted,
)
from pytest_modelpin.upgrade.nightly import announcement

pytestmark = pytest.mark.slow

SECRET = "Zq7xEnvironment91bc"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", SECRET)


def test_files_are_written_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.html"
    write_redacted(path, f"<p>{SECRET}</p>\ud800")
    append_redacted(path, f"and {SECRET}")
    assert path.read_bytes().startswith(b"<p>REDACTED</p>")
    assert path.read_bytes().endswith(b"and REDACTED")


def test_a_log_grows_by_whole_lines_without_secrets(tmp_path: Path) -> None:
    log = RedactedLog(tmp_path / "deep" / "a.log")
    log.add(f"one {SECRET[:5]}")
    log.add(f"{SECRET[5:]}\ntwo")
    assert (tmp_path / "deep" / "a.log").read_text() == "one REDACTED\n"
    log.close()
    with pytest.raises(ValueError, match="closed"):
        log.add("\n")


def test_a_private_key_is_held_back_until_its_end(tmp_path: Path) -> None:
    log, written = RedactedLog(tmp_path / "a.log"), tmp_path / "a.log"
    log.add("before\n-----BEGIN PRIVATE KEY-----\n")
    log.add("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n" * 4)
    assert written.read_text() == "before\n"
    log.add("-----END PRIVATE KEY-----\nafter\n")
    assert "MIIE" not in written.read_text()
    assert written.read_text().endswith("after\n")


def test_what_only_begins_like_a_key_is_not_held_back_for_ever(tmp_path: Path) -> None:
    log = RedactedLog(tmp_path / "a.log")
    log.add("-----BEGIN of a drawing\n" + "x" * 30_000 + "\n")
    assert len((tmp_path / "a.log").read_text()) > 30_000


def test_a_stream_prints_without_secrets_and_is_otherwise_the_same() -> None:
    inner = io.StringIO()
    stream: Any = RedactingStream(inner)
    assert stream.write(f"a {SECRET}") == len(SECRET) + 2
    stream.writelines([SECRET, "\n"])
    stream.flush()
    assert stream.isatty() is False
    assert inner.getvalue() == "a REDACTEDREDACTED\n"


def test_a_reader_that_leaves_breaks_nothing_off(tmp_path: Path) -> None:
    """`pytest-modelpin nightly | head`: a night broken off there ended with the code of a green."""
    program = (
        "import sys\n"
        "from pytest_modelpin.cli import main\n"
        "from pytest_modelpin.cli import command_parser\n"
        "from types import SimpleNamespace\n"
        "def run(arguments):\n"
        "    for number in range(300): print('line', number, '-' * 1000)\n"
        "    open('done', 'w').close()\n"
        "    return 3\n"
        "real = command_parser.module_of\n"
        "def module_of(command):\n"
        "    if command != 'status': return real(command)\n"
        "    options = lambda parser: None\n"
        "    return SimpleNamespace(options=options, run=run, __doc__='`status`: x')\n"
        "command_parser.module_of = module_of\n"
        "sys.exit(main(['status']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as command:  # fmt: skip
        assert command.stdout is not None
        assert command.stdout.readline().startswith("line 0 ")
        command.stdout.close()
        assert command.stderr is not None
        assert command.stderr.read() == ""
        assert command.wait(timeout=60) == 3
    assert (tmp_path / "done").exists()


def test_what_the_command_line_prints_holds_no_secret(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.yml").write_text(f"models: {{ {SECRET}: 1 }}\n")
    assert main(["status"]) == 2
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert "REDACTED" in said.err


def test_a_night_and_a_decision_are_kept_without_secrets() -> None:
    night = Night(
        day="2026-11-27", name="gpt", pin="gpt-4o-2024-08-06", asked="gpt-4o", served=None,
        fingerprint="", colour="red", reasons=(f"it said {SECRET}",),
        cases={f"test_a.py::test_k[{SECRET}]": (1, 1, 0, 1)},
    )  # fmt: skip
    assert SECRET not in night_line(night)
    assert json.loads(night_line(night))["reasons"] == ["it said REDACTED"]
    decision = Decision("gpt", "gpt-4o", "no", because=f"because {SECRET}")
    assert SECRET not in to_line(decision)


def test_github_is_told_without_secrets_and_given_files_as_they_are() -> None:
    sent: list[Any] = []

    class Requester:
        graphql_url = "https://api.github.test/graphql"

        def requestJsonAndCheck(
            self, verb: str, url: str, parameters: object, input: object
        ) -> tuple[dict[str, str], dict[str, str]]:
            sent.append(input)
            return {}, {}

        def graphql_named_mutation(self, name: str, input: object, output: str) -> None:
            sent.append(input)

    forge = Forge(Requester(), "acme/app", "https://github.test")  # type: ignore[arg-type]
    forge.post("/pulls", {"title": SECRET, "body": [f"x {SECRET}"], "draft": True})
    forge.post("/git/trees", {"tree": [{"path": "a.py", "content": f"key = '{SECRET}'"}]})
    forge.mutate("enableAutoMerge", {"commitHeadline": SECRET})
    assert SECRET not in json.dumps([sent[0], sent[2]])
    assert sent[0] == {"title": "REDACTED", "body": ["x REDACTED"], "draft": True}
    assert sent[1]["tree"][0]["content"] == f"key = '{SECRET}'"


def test_slack_is_told_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    import httpx

    sent: list[Any] = []

    def post(address: str, *, json: Any, timeout: object) -> httpx.Response:
        sent.append(json)
        return httpx.Response(200)

    monkeypatch.setattr(httpx, "post", post)
    announcement.post("https://hooks.slack.com/services/x", {"blocks": ({"text": SECRET},)})
    assert sent == [{"blocks": [{"text": "REDACTED"}]}]


def test_fields_that_go_out_as_they_are_are_named() -> None:
    message = {"content": SECRET, "other": (SECRET,)}
    assert message_redacted(message, frozenset({"content"})) == {
        "content": SECRET,
        "other": ["REDACTED"],
    }
