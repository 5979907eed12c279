"""Nothing of a request's own credentials is shown, kept or passed on."""

import html
import json

import pytest

from pytest_modelpin.upgrade.suite import JUDGED_LATER

HEADER, QUERY, COOKIE, ORG = "Zq7xHeader91bc", "Zq7xQuery5d20x", "Zq7xCookie77aa", "Zq7xOrg00ffee"

CARRIES = f"""
import os
import httpx

def ask(question, path="/v1/chat/completions?key={QUERY}"):
    reply = httpx.post(
        os.environ["PROVIDER_URL"] + path,
        headers={{
            "x-api-key": "{HEADER}", "cookie": "session={COOKIE}", "openai-organization": "{ORG}",
        }},
        json={{
            "model": "gpt-4o-2024-08-06", "messages": [{{"role": "user", "content": question}}],
        }},
    )
    reply.raise_for_status()
    return reply.json()["choices"][0]["message"]["content"]
"""


def written(project) -> str:
    """Every byte of what the runs left below the project, but for its sources; names too."""
    sources = {"support.py", "carries.py", "conftest.py"}
    return "\n".join(
        f"{path.relative_to(project.folder)}\n{path.read_bytes().decode('latin-1')}"
        for path in project.folder.rglob("*")
        if (
            path.is_file()
            and path.name not in sources
            and not path.name.startswith("test_")
            and "__pycache__" not in path.parts
        )
        or ("__recordings__" in path.parts and path.is_file())
    )


def test_an_answer_that_echoes_the_request_s_credentials_is_accepted_without_them(project):
    project.write("carries.py", CARRIES)
    project.write(
        "tests/test_support.py",
        """
        from carries import ask
        def test_echo(model_snapshot):
            assert ask("which key?") == model_snapshot
        """,
    )
    spelt = f"{HEADER} {QUERY} {COOKIE} {ORG} {HEADER.encode().hex()}"
    project.says["which key?", "gpt-4o-2024-08-06"] = spelt
    result = project.run(
        "--model=production", "--model-record=new", "--snapshot-update", "--model-report=run.json"
    )
    assert result.ret == 0
    assert "Zq7x" not in written(project) + result.stdout.str()
    assert HEADER.encode().hex() not in written(project)
    answers = (project.folder / "tests/__snapshots__/test_support.answers").read_text()
    assert "REDACTED REDACTED REDACTED REDACTED REDACTED" in answers
    project.server.requests.clear()
    project.run().assert_outcomes(passed=1)
    assert project.server.requests == []


@pytest.mark.long
def test_a_failure_is_shown_and_reported_without_them(project):
    project.write("carries.py", CARRIES)
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    project.write(
        "tests/test_support.py",
        f"""
        import pytest
        from carries import ask

        def test_status():
            print("printed {HEADER}")
            ask("hello", "/v1/nothing?key={QUERY}")

        def test_cause():
            ask("hello")
            try:
                raise ValueError("first {COOKIE}")
            except ValueError as error:
                key = "{ORG}"
                raise RuntimeError("second {HEADER}") from error

        @pytest.fixture
        def broken():
            ask("hello")
            raise RuntimeError("in setup: {HEADER}")

        def test_setup(broken):
            pass
        """,
    )
    for more in ([], ["--showlocals"], ["--tb=short"], ["-n1"]):
        result = project.run(
            "--model=production", "--model-record=new", "--model-report=run.json", "-rA", *more
        )
        assert result.ret == 1
        shown = result.stdout.str().replace(CARRIES, "")
        quoted = [
            line
            for line in shown.splitlines()
            if "Zq7x" in line and not line.startswith(("   ", ">"))
        ]
        assert quoted == [], more
        messages = [
            sample["message"]
            for case in json.loads((project.folder / "run.json").read_text())["cases"]
            for sample in case["samples"]
        ]
        assert any("second REDACTED" in message for message in messages)
        assert "Zq7x" not in written(project)


def test_a_failure_with_an_answer_of_several_lines_is_shown_too(project):
    """What a fixture is shown as, beside its name, was taken apart into lines: pytest crashed."""
    project.write("carries.py", CARRIES)
    project.write(
        "tests/test_support.py",
        f"""
        from carries import ask
        def test_lines(model_snapshot):
            assert ask("two lines?") == model_snapshot
            raise RuntimeError("{HEADER}")
        """,
    )
    project.says["two lines?", "gpt-4o-2024-08-06"] = "one\ntwo"
    result = project.run("--model=production", "--model-record=new", "--snapshot-update")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*RuntimeError: REDACTED"])
    result.stdout.no_fnmatch_line("*unpack*")


TOLD = f"""
class Told(UserWarning):
    def __str__(self):
        return "of {HEADER}"
"""

NOTES = f"""
import unittest, warnings
from typing import NamedTuple
import pytest
from carries import Told, ask

KEY = "{HEADER}"

class Point(NamedTuple):
    x: int
    y: list

def test_property(record_property):
    ask("hello")
    record_property("key", KEY)
    record_property(KEY, 1)
    record_property("headers", {{"authorization": [KEY]}})
    record_property("kept", {{"lines": ["a", "b\\nc"]}})

def test_warning():
    ask("hello")
    warnings.warn("of " + KEY)
    warnings.warn(UserWarning({{"key": KEY}}))
    warnings.warn(Told())

@pytest.mark.xfail(reason="because of {HEADER}")
def test_reason():
    ask("hello")
    raise RuntimeError(KEY)

def test_skipped():
    ask("hello")
    pytest.skip("of " + KEY)

class TestParts(unittest.TestCase):
    def test_parts(self):
        ask("hello")
        with self.subTest("of " + KEY, key=KEY, at=Point(1, [KEY]), by=Point(KEY, [])):
            print(KEY)
            self.assertEqual(KEY, "")
"""


@pytest.mark.long
@pytest.mark.parametrize("more", [[], ["-n1"]])
def test_what_a_test_says_of_itself_is_told_without_them(project, more):
    project.write("carries.py", CARRIES + TOLD)
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    project.write("tests/test_support.py", NOTES)
    result = project.run(
        "--model=production",
        "--model-record=new",
        "--junitxml=tests.xml",
        "-rA",
        "-Wdefault",
        *more,
    )
    shown = [
        line
        for line in result.stdout.str().splitlines()
        if "Zq7x" in line and not line.startswith(("   ", ">"))
    ]
    assert shown == []
    assert "Zq7x" not in written(project)
    assert "because of REDACTED" in written(project)
    assert "{'lines': ['a', 'b\\nc']}" in html.unescape(written(project))


def test_what_fails_to_be_collected_is_shown_without_the_environment_s(project, monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", "Zq7xPassword")
    project.write(
        "tests/test_support.py", "import os\nraise RuntimeError(os.environ['SHOP_PASSWORD'])\n"
    )
    result = project.run()
    assert "Zq7x" not in result.stdout.str()
    result.stdout.fnmatch_lines(["*RuntimeError: REDACTED*"])


PARAMETRISED = """
import os
import pytest
from support import ask

KEYS = [os.environ["FIRST_API_KEY"], os.environ["SECOND_API_KEY"], "plain"]

@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("url", ["https://ada:Zq7xhunter2@db.test/x"])
def test_key(key, url, model_snapshot):
    assert ask(f"number {KEYS.index(key)}") == model_snapshot

@pytest.mark.parametrize("value", [pytest.param(1, id=KEYS[0]), 2], ids=["by-name", None])
def test_explicit_id(value):
    pass
"""


def test_ids_hold_no_secret_stay_apart_and_are_the_same_where_the_secrets_are_others(
    project, monkeypatch
):
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    project.write("tests/test_support.py", PARAMETRISED)
    monkeypatch.setenv("FIRST_API_KEY", "Zq7xFirst91bc77")
    monkeypatch.setenv("SECOND_API_KEY", "Zq7xSecond91bc7")
    project.record()
    assert "Zq7x" not in written(project)
    assert len(project.recordings()) == 3
    assert len({name.lower() for name in project.recordings()}) == 3
    monkeypatch.setenv("FIRST_API_KEY", "other-first-key")
    monkeypatch.setenv("SECOND_API_KEY", "other-second-key")
    result = project.run("-v")
    result.assert_outcomes(passed=5)
    assert "other-" not in result.stdout.str()
    result.stdout.fnmatch_lines(["*test_explicit_id?REDACTED?*"])
    assert project.server.requests == []
    chosen = "tests/test_support.py::test_key[https://REDACTED@db.test/x-REDACTED-2]"
    project.run(chosen).assert_outcomes(passed=1)
    monkeypatch.setenv(JUDGED_LATER, '["--model-report=run.json"]')
    for options in ("-n1", "-n0"):
        report = project.report(options)
        assert {case["id"] for case in report["cases"]} == {
            f"tests/test_support.py::test_key[https://REDACTED@db.test/x-{key}]"
            for key in ("REDACTED", "REDACTED-2", "plain")
        }
        assert report.get("left_out", []) == []  # under the id that it had before, it was one


@pytest.mark.parametrize("text", ['{"reset_password": "yes", "cookie": "chocolate chip"}'])
def test_an_answer_whose_fields_are_named_like_secrets_is_replayed_as_it_was(project, text):
    project.write(
        "tests/test_support.py",
        """
        import json
        from support import ask
        def test_fields():
            wanted = {"reset_password": "yes", "cookie": "chocolate chip"}
            assert json.loads(ask("fields?")) == wanted
        """,
    )
    project.says["fields?", "gpt-4o-2024-08-06"] = text
    project.record()
    project.run().assert_outcomes(passed=1)
