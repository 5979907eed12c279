"""A miss fails its test whatever the test's own code makes of it, and wherever it came."""

from textwrap import dedent

import pytest

SWALLOWED = {
    "teardown": """
        @pytest.fixture
        def asking():
            yield
            with suppress(BaseException): ask("never recorded")
        def test_it(asking): pass
    """,
    "thread of a teardown": """
        @pytest.fixture
        def asking():
            yield
            thread = Thread(target=lambda: quietly("never recorded"))
            thread.start()
            thread.join()
        def test_it(asking): pass
    """,
    "shared fixture": """
        @pytest.fixture(scope="module")
        def asking():
            with suppress(BaseException): ask("never recorded")
        def test_it(asking): pass
        def test_other(asking): pass
    """,
    "shared fixture's end": """
        @pytest.fixture(scope="session")
        def asking():
            yield
            with suppress(BaseException): ask("never recorded")
        def test_it(asking): pass
    """,
    "expected failure": """
        @pytest.mark.xfail(strict=True)
        def test_it(): ask("never recorded")
        @pytest.mark.xfail
        def test_other(): ask("never recorded")
    """,
    "expected failure of unittest": """
        class TestIt(TestCase):
            @expectedFailure
            def test_it(self): ask("never recorded")
    """,
    "skip": """
        def test_it():
            try: ask("never recorded")
            except BaseException: pytest.skip("no model")
    """,
    "skip in a fixture": """
        @pytest.fixture
        def asking():
            try: ask("never recorded")
            except BaseException: pytest.skip("no model")
        def test_it(asking): pass
    """,
    "unseen by hooks": """
        @pytest.mark.xfail
        def test_it(): urlopen("https://api.openai.com/v1/models")
        def test_other():
            try: urlopen("https://api.openai.com/v1/models")
            except BaseException: pytest.skip("no model")
    """,
}
HEAD = """
import pytest
from contextlib import suppress
from threading import Thread
from unittest import TestCase, expectedFailure
from urllib.request import urlopen
from support import ask

def quietly(question):
    with suppress(Exception): ask(question)
"""


@pytest.mark.parametrize("where", SWALLOWED)
def test_what_a_test_makes_of_a_miss_hides_it_from_nobody(project, where):
    project.write("tests/test_hiding.py", HEAD + dedent(SWALLOWED[where]))
    result = project.run("tests/test_hiding.py", "-rA")
    outcomes, text = result.parseoutcomes(), result.stdout.str()
    tests = SWALLOWED[where].count("def test_")
    assert outcomes.get("failed", 0) + outcomes.get("errors", 0) == tests, text
    assert not {"xfailed", "skipped"} & set(outcomes)
    assert result.ret == 1
    assert "Not recorded: support (production: " in text or "api.openai.com" in text
    assert project.server.requests == []


def test_a_failure_that_was_expected_and_heard_its_model_stays_one(project):
    project.write(
        "tests/test_hiding.py",
        HEAD
        + """
@pytest.mark.xfail(strict=True)
def test_wrong(): assert ask("refund?") == "never"
def test_skips():
    ask("fee?")
    pytest.skip("enough")
""",
    )
    for options in (["--model=production", "--model-record=new"], [], ["--model=candidate"]):
        result = project.run("tests/test_hiding.py", *options)
        result.assert_outcomes(xfailed=1, skipped=1)


def test_who_is_skipped_by_a_mark_has_nothing_to_do_with_what_a_fixture_missed(project):
    skipped = """
        import unittest

        @pytest.fixture(scope="module")
        def asking():
            with suppress(BaseException): ask("never recorded")
        def test_it(asking): pass
        @pytest.mark.skip
        def test_skipped(asking): pass
        @pytest.mark.skipif(True, reason="now")
        def test_not_now(asking): pass
        @pytest.mark.usefixtures("asking")
        class TestClass(unittest.TestCase):
            @unittest.skip("now")
            def test_method(self): pass
    """
    project.write("tests/test_hiding.py", HEAD + dedent(skipped))
    project.run("tests/test_hiding.py").assert_outcomes(failed=1, skipped=3)
    project.run("tests/test_hiding.py", "--model=candidate", "--model-record=none").assert_outcomes(
        failed=1, skipped=3
    )


def test_a_shared_fixture_that_skips_for_a_miss_hides_it_from_nobody(project):
    skips = """
        @pytest.fixture(scope="module")
        def asking():
            try: ask("never recorded")
            except BaseException: pytest.skip("no model")
        def test_it(asking): pass
    """
    project.write("tests/test_hiding.py", HEAD + dedent(skips))
    project.run("tests/test_hiding.py").assert_outcomes(errors=1)
