"""Fixtures that several tests share: each module's and class's own replies, kept apart."""

import pytest

PIN = "gpt-4o-2024-08-06"


def replays_what_it_heard(project, *options):
    """Record the pin, ask the candidate live, and replay both with the provider gone."""
    project.run("--model=production", "--model-record=new", *options).assert_outcomes(passed=2)
    project.run("--model=candidate", *options).assert_outcomes(passed=2)
    project.server.close()
    project.run(*options).assert_outcomes(passed=2)
    project.run("--model=candidate", "--model-record=none", *options).assert_outcomes(passed=2)


def pins_recordings(project):
    return [name.removeprefix(f"{PIN}/") for name in project.recordings() if name.startswith(PIN)]


def test_a_module_s_fixture_of_two_modules_has_a_recording_in_each(project):
    (project.folder / "tests/test_support.py").unlink()
    project.write(
        "tests/conftest.py",
        """
        import pytest
        from support import ask

        @pytest.fixture(scope="module")
        def intro(request): return ask("introduce " + request.module.__name__)
        """,
    )
    for name in ("test_a", "test_b"):
        project.write(f"tests/{name}.py", f"def {name}(intro): assert {name!r} in intro\n")
    replays_what_it_heard(project)
    assert pins_recordings(project) == [
        "test_a/intro@tests.conftest@module.json",
        "test_b/intro@tests.conftest@module.json",
    ]


CLASSES = """
import pytest
import unittest
from support import ask

class TestA(BASE):
    SETUP
    def test_x(self): assert self.said == "alpha"

class TestB(BASE):
    SETUP
    def test_x(self): assert self.said == "beta"
"""
FIXTURE = """@pytest.fixture(scope="class", autouse=True)
    def reply(self, request): request.cls.said = ask("{}")
"""
SET_UP = """@classmethod
    def setUpClass(cls): cls.said = ask("{}")
"""
SETUP_CLASS = """@classmethod
    def setup_class(cls): cls.said = ask("{}")
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("base", "set_up"),
    [("object", FIXTURE), ("unittest.TestCase", SET_UP), ("object", SETUP_CLASS)],
)
def test_fixtures_of_two_classes_of_a_module_are_kept_apart(project, base, set_up):
    text = CLASSES.replace("BASE", base)
    for word in ("alpha", "beta"):
        text = text.replace("SETUP", set_up.format(word), 1)
    (project.folder / "tests/test_support.py").write_text(text)
    replays_what_it_heard(project)
    assert len(pins_recordings(project)) == 2


def test_set_up_of_classes_of_one_name_in_two_modules_is_kept_apart(project):
    (project.folder / "tests/test_support.py").unlink()
    for word in ("alpha", "beta"):
        project.write(
            f"tests/test_{word}.py",
            f"""
            import unittest
            from support import ask

            class TestIt(unittest.TestCase):
                @classmethod
                def setUpClass(cls): cls.said = ask("{word}")
                def test_x(self): assert self.said == "{word}"
            """,
        )
    replays_what_it_heard(project)
    assert [name.split("/")[0] for name in pins_recordings(project)] == ["test_alpha", "test_beta"]


def test_a_fixture_that_overrides_one_of_its_name_is_kept_apart_from_it(project):
    project.write(
        "tests/conftest.py",
        """
        import pytest
        from support import ask

        @pytest.fixture(scope="module")
        def reply(): return ask("outer")
        """,
    )
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        @pytest.fixture(scope="module")
        def reply(reply): return reply + ask("inner")

        def test_one(reply): assert reply == "outerinner"
        def test_two(reply): assert reply == "outerinner"
        """,
    )
    replays_what_it_heard(project)


def test_what_a_fixture_is_given_indirectly_tells_its_variants_apart(project):
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        @pytest.fixture(scope="module")
        def reply(request): return ask(request.param)

        @pytest.mark.parametrize("reply", ["alpha"], indirect=True)
        def test_one(reply): assert reply == "alpha"

        @pytest.mark.parametrize("reply", ["beta"], indirect=True)
        def test_two(reply): assert reply == "beta"
        """,
    )
    replays_what_it_heard(project)


def test_what_a_class_s_fixture_says_to_a_test_outside_of_any_class_is_the_test_s_own(project):
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        @pytest.fixture(scope="class")
        def reply(request): return ask(request.node.name)

        def test_one(reply): assert reply == "test_one"
        def test_two(reply): assert reply == "test_two"
        """,
    )
    replays_what_it_heard(project)


def test_a_document_beside_a_module_of_its_stem_keeps_its_recording(project):
    project.write(
        "tests/test_support.py", "from support import ask\ndef test_fee(): assert ask('fee?')\n"
    )
    project.write("tests/test_support.md", ">>> from support import ask\n>>> ask('n?')\n'n?'\n")
    replays_what_it_heard(project, "--doctest-glob=*.md")
    before = project.recordings()
    result = project.run("--doctest-glob=*.md", "--snapshot-update")
    assert "no longer asked for" not in result.stdout.str()
    assert project.recordings() == before


def test_a_modules_own_doctest_and_a_test_of_the_modules_name_are_kept_apart(project):
    (project.folder / "tests/test_support.py").unlink()
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    project.write(
        "tests/test_b.py",
        """
        '''
        >>> ask("module?")
        'module?'
        '''
        from support import ask

        def test_b(): assert ask("function?") == "function?"
        """,
    )
    replays_what_it_heard(project, "--doctest-modules")
    before = project.recordings()
    assert pins_recordings(project) == ["test_b/test_b.json", "test_b/test_b@doctest.json"]
    result = project.run("--doctest-modules", "--snapshot-update")
    assert "no longer asked for" not in result.stdout.str()
    assert project.recordings() == before


def test_tests_of_one_name_lose_nothing_that_one_of_them_asks(project):
    """Given twice, a test runs twice under one name, and may ask something else each time."""
    (project.folder / "tests/test_support.py").unlink()
    project.write(
        "tests/test_b.py",
        """
        from support import ask
        ASKED = []
        def test_b():
            ASKED.append(f"question {len(ASKED)}?")
            assert ask(ASKED[-1])
        """,
    )
    twice = ["--keep-duplicates", "tests/test_b.py", "tests/test_b.py"]
    project.run("--model=production", "--model-record=new", *twice).assert_outcomes(passed=2)
    result = project.run("--snapshot-update", *twice)
    result.assert_outcomes(passed=2)
    assert "no longer asked for" not in result.stdout.str()
    project.run(*twice).assert_outcomes(passed=2)
