"""What pytest itself writes of a test past its reports: log files, live logs, JUnit's XML."""

from __future__ import annotations

import pytest

from pytest_modelpin.session import redacting
from tests.session.behaviour.test_redacting import CARRIES, HEADER, ORG, written

SHOP = "Zq7xShopKey4411"

LOGS = f"""
import logging, os
import pytest
from carries import ask

KEY = "{HEADER}"

@pytest.fixture(scope="session", autouse=True)
def suite(record_testsuite_property):
    record_testsuite_property("key", "{ORG}")
    yield
    record_testsuite_property("{ORG}", {{"kept": 1}})

@pytest.fixture(params=[os.environ["SHOP_API_KEY"]], ids=["a key"])
def given(request): return request.param

def test_logs(given, record_xml_attribute, caplog):
    ask("hello")
    record_xml_attribute("note", "of " + KEY)
    logging.getLogger("shop").warning("asked with %s", KEY)
    try:
        raise RuntimeError("raised " + KEY)
    except RuntimeError:
        logging.getLogger("shop").exception("of")
    assert KEY in caplog.text
    print("printed", KEY)
"""

INI = """
[pytest]
pythonpath = .
log_file = out/tests.log
log_file_level = INFO
junit_suite_name = suite
junit_family = xunit1
junit_logging = all
"""


@pytest.fixture
def suite(project, monkeypatch):
    monkeypatch.setenv("SHOP_API_KEY", SHOP)
    project.write("carries.py", CARRIES)
    project.write("pytest.ini", INI)
    project.write("tests/test_support.py", LOGS)
    return project


def shown(result) -> list[str]:
    """Lines with a secret, but for those of the source, which a failure quotes."""
    lines = result.outlines + result.errlines
    return [line for line in lines if "Zq7x" in line and not line.startswith("printed")]


@pytest.mark.parametrize("more", [[], ["-n1"], ["--log-cli-level=INFO", "-rA", "-s"]])
def test_logs_and_junit_hold_no_secret(suite, more):
    options = ["--model=production", "--model-record=new", "--junitxml=out/tests.xml"]
    options.append("-Wignore")  # `record_xml_attribute` is experimental
    result = suite.run(*options, *more)
    assert result.ret == 0, result.stdout.str()
    assert shown(result) == []
    assert "Zq7x" not in written(suite)
    log = (suite.folder / "out/tests.log").read_text()
    xml = (suite.folder / "out/tests.xml").read_text()
    if "-n1" not in more:  # there, neither the worker's log nor its XML is kept
        assert "asked with REDACTED" in log
        assert "RuntimeError: raised REDACTED" in log
        assert 'note="of REDACTED"' in xml
        assert '<property name="key" value="REDACTED"' in xml
        assert '<property name="REDACTED" value="{\'kept\': 1}"' in xml
    if "-s" not in more:  # what is printed past pytest goes to the terminal as it is
        assert "printed REDACTED" in xml


@pytest.mark.parametrize(
    "breaks", ['pytest.exit("of " + KEY)', "raise KeyboardInterrupt(KEY)", "given"]
)
def test_a_run_that_is_broken_off_says_so_without_secrets(suite, breaks):
    text = f"import os, pytest\nKEY = os.environ['SHOP_API_KEY']\ndef test_z():\n    {breaks}\n"
    suite.write("tests/test_support.py", text)
    if breaks == "given":
        text = "import os\ndef pytest_collection_modifyitems(): int(os.environ['SHOP_API_KEY'])\n"
        suite.write("tests/conftest.py", text)
    result = suite.pytester.runpytest_subprocess("-p", "no:cacheprovider", timeout=60)
    assert result.ret not in (0, 1)
    assert shown(result) == []
    assert "REDACTED" in result.stdout.str()


def test_what_fixtures_are_given_is_shown_without_secrets(suite):
    text = (suite.folder / "tests/test_support.py").read_text().replace(', ids=["a key"]', "")
    suite.write("tests/test_support.py", text)
    result = suite.run("--model=production", "--model-record=new", "--setup-show", "-Wignore")
    assert shown(result) == []
    assert "given['REDACTED']" in result.stdout.str()


GIVEN = """
import json
BODY = "\\n".join(f"Zq7x{n:04}" * 8 for n in range(3))
PEM = f"-----BEGIN PRIVATE KEY-----\\n{BODY}\\n-----END PRIVATE KEY-----"
TOKENS = {"note": "a word " * 9, "refresh_token": "1//Zq7x8kP2mN5vR9tW3yB6", "more": "words " * 9}
ACCOUNT = json.dumps({"type": "service_account", "project_id": "shop", "private_key": PEM})
HEADERS = "word " * 12 + "Authorization: Bearer Zq7xOpaque99zz11 " + "word " * 12
"""
LOCALS = """
import json
from given import ACCOUNT, HEADERS, TOKENS

def test_locals():
    account, tokens, headers = ACCOUNT, json.dumps(TOKENS), HEADERS
    within, listed = {"reply": {"content": ACCOUNT}}, [headers, tokens]
    assert not account

def test_compared():
    assert json.dumps(TOKENS) == "word " * 40

def test_compared_values():
    assert {"a": ACCOUNT, "b": HEADERS, "c": json.dumps(TOKENS)} == {"a": "word " * 40, "b": ""}
"""


@pytest.mark.parametrize("verbose", ["-v", "-vv", "-vvv"])
@pytest.mark.parametrize("style", ["auto", "short", "native"])
def test_a_text_that_is_shown_over_several_lines_holds_no_secret(suite, verbose, style):
    """Its representation is broken at blanks: within a key's first line, behind a field's name."""
    suite.write("given.py", GIVEN)
    suite.write("tests/test_support.py", LOCALS)
    result = suite.run("-l", verbose, f"--tb={style}", "--junitxml=out/tests.xml")
    assert result.ret == 1
    assert shown(result) == []
    assert "Zq7x" not in (suite.folder / "out/tests.xml").read_text()
    assert "REDACTED" in result.stdout.str()


OTHERS = """
import json
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    report.extras = [{"name": "key", "content": "of Zq7xShopKey4411", "mime": "text/plain"}]
    report.odd = [object()]
    return report

def pytest_runtest_logreport(report):
    with open("out.jsonl", "a") as file:
        file.write(json.dumps(report.extras) + "\\n")
"""


def test_what_other_plugins_put_onto_a_report_reaches_them_without_secrets(suite):
    suite.write("tests/conftest.py", OTHERS)
    suite.run("--model=production", "--model-record=new", "-Wignore")
    lines = (suite.folder / "out.jsonl").read_text()
    assert "Zq7x" not in lines
    assert '[{"name": "key", "content": "of REDACTED", "mime": "text/plain"}]' in lines


@pytest.mark.parametrize(
    "options", [("-p", "no:setuponly"), ("-p", "no:junitxml"), ("-p", "no:logging")]
)
def test_a_run_without_one_of_pytests_plugins_goes_on(project, options):
    project.record()
    project.run(*options).assert_outcomes(passed=2)


def test_a_report_as_pytest_makes_it_holds_nothing_to_look_into():
    """Each test has three of them; only what other plugins put onto one is gone through."""
    report = pytest.TestReport("test_a.py::test_a", ("test_a.py", 1, "test_a"), {}, "passed", None,
                               "call")  # fmt: skip
    assert vars(report).keys() <= redacting._PYTESTS_OWN
