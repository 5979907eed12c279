"""`--model`: which version a team's unchanged tests run on."""

import re

import pytest

from pytest_modelpin.errors import RegistryError
from pytest_modelpin.registry import load

ROUTED = """
from modelpin_runtime import load
from support import ask

def test_refund():
    pins = load()
    assert ask("refund?", model=pins.route("support", key="user 7").id) == "5 days"
"""
PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"


def test_without_models_yml_the_plugin_does_nothing(pytester):
    pytester.makepyfile("def test_a(request): assert not hasattr(request.config, 'modelpin')")
    result = pytester.runpytest_inprocess("-p", "no:randomly")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*models:*")


def test_a_run_in_a_sub_folder_asks_nobody_live_for_what_is_recorded(project, monkeypatch):
    """It passed, live, with a warning."""
    project.record()
    (project.folder / ".git").mkdir()
    monkeypatch.chdir(project.folder / "tests")
    result = project.run()
    result.assert_outcomes(errors=2, warnings=1)
    result.stdout.fnmatch_lines(["*pytest-modelpin is not active*models.yml lies above*"])
    # Another root is an ini file's to say, but recordings are not passed over.
    (project.folder / "tests" / "pytest.ini").write_text("[pytest]\npythonpath = ..\n")
    for options in ([], ["-n", "1", "-W", "error", "-p", "no:asyncio"]):
        project.run(*options).stdout.fnmatch_lines(
            ["*is not replayed: *set the ini value `modelpin_registry = ../models.yml`."]
        )
    assert project.server.requests == []
    (project.folder / "tests" / "pytest.ini").write_text(
        "[pytest]\nmodelpin_registry = ../models.yml\n"
    )
    project.run().stdout.no_fnmatch_line("*not active*")


def test_a_models_yaml_is_told_that_it_is_not_read(project, monkeypatch):
    (project.folder / "models.yml").rename(project.folder / "models.yaml")
    project.run("--collect-only").stdout.fnmatch_lines(
        ["*not active*models.yaml is not read: rename it to models.yml*"]
    )
    monkeypatch.chdir(project.folder)
    with pytest.raises(RegistryError, match=r"models\.yaml is not read: rename it"):
        load()
    (project.folder / "models.yaml").write_text("models: [of another tool]\n")
    project.run("--collect-only").stdout.no_fnmatch_line("*not active*")


def test_a_recorded_suite_passes_with_the_provider_gone_and_no_key(project, monkeypatch):
    project.record()
    project.server.close()
    monkeypatch.delenv("OPENAI_API_KEY")
    project.run().assert_outcomes(passed=2)


def test_replay_gives_sdks_a_placeholder_key_and_takes_it_back(project, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    project.record()
    project.write(
        "tests/test_support.py", "import os\ndef test_key(): os.environ['OPENAI_API_KEY']"
    )
    project.run().assert_outcomes(passed=1)
    import os

    assert "OPENAI_API_KEY" not in os.environ


def test_the_candidate_is_asked_live_by_unchanged_tests(project):
    project.record()
    project.run("--model=candidate").assert_outcomes(passed=2)
    assert {request.model for request in project.server.requests} == {ALIAS}


def test_the_candidate_is_recorded_under_the_version_that_served(project):
    project.record()
    project.run("--model=candidate")
    assert f"{NEXT}/test_support/test_fee.json" in project.tried()
    assert f"{PIN}/test_support/test_fee.json" in project.recordings()


def test_a_recorded_candidate_can_be_replayed(project):
    project.record()
    project.run("--model=candidate")
    project.server.close()
    project.run("--model=candidate", "--model-record=none").assert_outcomes(passed=2)


def test_any_id_can_be_selected(project):
    project.record()
    project.run("--model=support=gpt-4.1-2025-04-14").assert_outcomes(passed=2)
    assert {request.model for request in project.server.requests} == {"gpt-4.1-2025-04-14"}


def test_one_of_two_models_is_selected_while_the_other_stays_pinned(project):
    project.write(
        "models.yml",
        f"""
        models:
          support: {{production: {PIN}, staging: {ALIAS}, provider: openai}}
          summary: {{production: gpt-4.1-2025-04-14, staging: gpt-4.1, provider: openai}}
        """,
    )
    project.write(
        "tests/test_support.py",
        """
        from support import ask
        def test_support(model_id): assert ask("refund?", model_id("support")) == "5 days"
        def test_summary(model_id): assert ask("sum?", model_id("summary")) == "sum?"
        """,
    )
    project.record()
    project.run("--model=support=candidate").assert_outcomes(passed=2)
    assert [request.model for request in project.server.requests] == [ALIAS]


def test_a_user_of_the_canary_s_is_a_request_to_the_model_in_a_test(project):
    """Each step that a canary advanced, more tests of code that routes users failed, or were live:
    its id was none that the run knew.
    """
    project.write("tests/test_support.py", ROUTED)
    project.record()
    models = project.folder / "models.yml"
    models.write_text(models.read_text() + f"    canary: {{model: {NEXT}, percent: 100}}\n")
    project.run().assert_outcomes(passed=1)
    assert project.server.requests == []
    report = project.report("--model=candidate")
    assert [case["left_out"] for case in report["cases"]] == [""]
    assert [each.model for each in project.server.requests] == [ALIAS]


def test_two_names_on_one_pin_must_be_told_apart_once_they_differ(project):
    project.write(
        "models.yml",
        f"""
        models:
          support: {{production: {PIN}, staging: {ALIAS}, provider: openai}}
          summary: {{production: {PIN}, staging: {ALIAS}, provider: openai}}
        """,
    )
    project.record()
    result = project.run("--model=support=candidate")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*support*summary*"])


def test_the_marker_tells_two_names_on_one_pin_apart(project):
    project.write(
        "models.yml",
        f"""
        models:
          support: {{production: {PIN}, staging: {ALIAS}, provider: openai}}
          summary: {{production: {PIN}, staging: {ALIAS}, provider: openai}}
        """,
    )
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        @pytest.mark.modelpin(models=["support"])
        def test_support(): assert ask("refund?") == "5 days"

        @pytest.mark.modelpin(models=["summary"])
        def test_summary(): assert ask("sum?") == "sum?"
        """,
    )
    project.record()
    project.run("--model=support=candidate").assert_outcomes(passed=2)
    assert [request.model for request in project.server.requests] == [ALIAS]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--model=nobody=candidate"], "*nobody*support*"),
        (["--model=fallback"], "*fallback*"),
        (["--model=foo"], "*--model foo: no provider has a model of that name*support=foo*"),
        (["--model-samples=0"], "*--model-samples must be a whole number from 1*"),
    ],
)
def test_a_wrong_option_is_one_sentence_and_exit_code_4(project, options, said):
    result = project.run(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])
    result.stderr.no_fnmatch_line("*Traceback*")


def test_model_without_models_yml_says_where_it_looked_and_what_to_run(pytester):
    result = pytester.runpytest_inprocess("--model=candidate")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no models.yml*config/models.yml*pytest-modelpin init*"])


def test_a_wrong_marker_is_said_before_anything_runs(project):
    project.write(
        "tests/test_support.py",
        """
        import pytest
        @pytest.mark.modelpin(sampels=3)
        def test_a(): pass
        """,
    )
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*test_a*sampels*Did you mean `samples`?*"])


def test_a_marker_that_a_conftest_puts_on_is_looked_at_like_any_other(project):
    project.write("tests/test_support.py", "def test_a(): pass\n")
    project.write(
        "tests/conftest.py",
        """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(pytest.mark.modelpin(sampels=3))
        """,
    )
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*test_a*sampels*Did you mean `samples`?*"])


def test_model_id_as_a_string_is_an_error_where_several_could_be_meant(project):
    project.write(
        "models.yml",
        f"""
        models:
          support: {{production: {PIN}}}
          summary: {{production: gpt-4.1-2025-04-14}}
        """,
    )
    project.write("tests/test_support.py", "def test_a(model_id): str(model_id)")
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(['*write `model_id("support")`*'])


def test_recordings_kept_apart_have_the_place_below_where_pytest_was_started(project):
    """In a repository of several projects, pytest's root may lie above the one that is tested."""
    project.record()
    project.write("pytest.ini", "[pytest]\n")
    inner = project.pytester.mkdir("apart")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.folder / "tests")
        project.run("--model=candidate", f"--model-recordings={inner}", "test_support.py")
    recorded = inner / f"__recordings__/{NEXT}/test_support/test_fee.json"
    assert recorded.is_file()


@pytest.mark.long
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "one-worker"])
def test_without_a_key_one_sentence_comes_first_and_no_traceback(project, monkeypatch, workers):
    monkeypatch.delenv("OPENAI_API_KEY")
    project.write(
        "tests/test_support.py",
        """
        from openai import OpenAI
        import os

        def ask(**given):
            base = os.environ["PROVIDER_URL"] + "/v1"
            OpenAI(base_url=base, **given).responses.create(
                model="gpt-4o-2024-08-06", input="refund?"
            )

        def test_a(): ask()
        def test_b(): ask()
        """,
    )
    result = project.run("--model=candidate", "--model-report=run.json", *workers)
    out = result.stdout.str()
    assert out.count("no key: OPENAI_API_KEY is not set") == 1
    assert out.index("no key: OPENAI_API_KEY is not set") < out.index("FAILURES")
    assert out.count("OPENAI_API_KEY is not set") + out.count("set OPENAI_API_KEY") == 1
    assert "no key for openai" in out[out.index("FAILURES") :]
    assert "Traceback" not in out
    assert "site-packages" not in out
    result.assert_outcomes(failed=1)  # nobody could be asked, so the other was not tried


def test_who_is_not_named_and_who_is_not_reached_is_a_sentence_each(project, monkeypatch):
    """A local server that does not run failed each test with a hundred lines of the SDK's."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-live")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    project.write(
        "tests/test_support.py",
        """
        from anthropic import Anthropic
        from openai import OpenAI

        def test_unnamed():
            Anthropic().messages.create(model="claude-opus-4-6", max_tokens=9, messages=[])

        def test_unreached():
            OpenAI().responses.create(model="gpt-4o-2024-08-06", input="refund?")
        """,
    )
    result = project.run("--model=candidate")
    result.assert_outcomes(failed=2)
    out = result.stdout.str()
    assert "There is no key for anthropic in the environment; set ANTHROPIC_API_KEY." in out
    assert "models.yml names no model of anthropic: add the one that is asked." in out
    reason = r"no connection to 127\.0\.0\.1:9: \[\w+ \d+\] .+refused.*\. OPENAI_BASE_URL names it"
    assert re.search(reason, out)  # each system has words of its own
    assert "site-packages" not in out


@pytest.mark.parametrize("workers", [(), ("-n1",)])
def test_without_key_and_recordings_a_test_that_skips_for_want_of_a_key_does(
    project, monkeypatch, workers
):
    """A suite's live tests, skipped in CI by their own word, failed there once models.yml was."""
    monkeypatch.delenv("OPENAI_API_KEY")
    skips = """
        import os, pytest
        from openai import OpenAI

        @pytest.mark.skipif(not os.environ.get("OPENAI_API_KEY"), reason="no key")
        def test_fee():
            client = OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1")
            client.responses.create(model="gpt-4o-2024-08-06", input="fee?")
        """
    project.write("tests/test_support.py", skips)
    project.write("tests/other/test_client.py", "from openai import OpenAI\nCLIENT = OpenAI()\n\n"
                  "def test_made(): assert CLIENT\n")  # fmt: skip
    project.run(*workers).assert_outcomes(skipped=1, passed=1)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-live")
    project.run("--model-record=new").assert_outcomes(passed=2)
    monkeypatch.delenv("OPENAI_API_KEY")
    project.run(*workers).assert_outcomes(passed=2)


def test_without_key_a_module_is_imported_anew_only_where_the_key_may_help(project, monkeypatch):
    """One that skips itself ran all the same, and one with an error of its own was imported twice:
    what its first import left behind made the second another one.
    """
    monkeypatch.delenv("OPENAI_API_KEY")
    project.write("tests/test_support.py", """
        import os, pytest
        if not os.environ.get("OPENAI_API_KEY"):
            pytest.skip("no key", allow_module_level=True)

        def test_fee(): raise AssertionError
        """)  # fmt: skip
    project.write("tests/other/test_broken.py", """
        import os, sys
        if not hasattr(sys, "once"):
            sys.once = True
            raise ImportError("half of it is missing")

        def test_fee(): pass
        """)  # fmt: skip
    project.run().assert_outcomes(skipped=1, errors=1)


@pytest.mark.long
@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_without_key_and_recordings_only_what_would_ask_is_told_to_record(
    project, monkeypatch, workers
):
    """A project's own tests of what is said without a key hold as they do without the plugin."""
    monkeypatch.delenv("OPENAI_API_KEY")
    project.write(
        "tests/test_support.py",
        """
        from openai import OpenAI, OpenAIError
        import os
        import pytest

        at_once = OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1")

        def ask(client):
            client.responses.create(model="gpt-4o-2024-08-06", input="refund?")

        def test_no_key_given():
            with pytest.raises(OpenAIError, match="api_key"):
                OpenAI()

        def test_by_its_own_client(): ask(OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1"))
        def test_by_one_made_before(): ask(at_once)
        """,
    )
    result = project.run(*workers)
    result.assert_outcomes(passed=1, failed=2)
    out = result.stdout.str()
    assert "There is no key for openai in the environment; set OPENAI_API_KEY." in out
    assert "Nothing is recorded beside these tests." in out
    assert out.count("`pytest-modelpin record`") == 1
    assert "Record all that is missing: pytest-modelpin record" in out
    assert "site-packages" not in out


@pytest.mark.parametrize("sets", ["['OPENAI_API_KEY'] =", ".setdefault('OPENAI_API_KEY',"])
def test_a_key_that_a_conftest_sets_stays(project, monkeypatch, sets):
    """By `setdefault` none was set, since the placeholder was there, which then was taken away."""
    monkeypatch.delenv("OPENAI_API_KEY")
    ends = ")" if "(" in sets else ""
    project.write("conftest.py", f"import os\nos.environ{sets} 'sk-of-the-conftest'{ends}\n")
    project.write(
        "tests/test_support.py",
        "import os\ndef test_key(): assert os.environ['OPENAI_API_KEY'] == 'sk-of-the-conftest'\n",
    )
    project.run().assert_outcomes(passed=1)


def test_tests_that_bring_a_key_of_their_own_run(project, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    support = project.folder / "support.py"
    support.write_text(support.read_text().replace('.get("OPENAI_API_KEY", "")', '["PATH"][:9]'))
    project.run("--model=candidate").assert_outcomes(passed=2)


def test_what_the_project_itself_says_of_keys_keeps_its_traceback(project, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    own = "def test_a(): raise RuntimeError('no api key for the printer')\ndef test_b(): pass\n"
    project.write("tests/test_support.py", own)
    result = project.run("--model=candidate")
    assert "There is no key for" not in result.stdout.str()
    result.assert_outcomes(failed=1, passed=1)


def test_an_app_that_answers_for_a_client_without_a_key_is_told_of_the_key(project, monkeypatch):
    """Flask makes a 500 of it, and the night spoke of mocks and caches."""
    project.write(
        "tests/test_support.py",
        """
        import os
        from openai import OpenAI

        def answer():
            try:
                base = os.environ["PROVIDER_URL"] + "/v1"
                return OpenAI(base_url=base).responses.create(
                    model="gpt-4o-2024-08-06", input="fee?"
                ).output_text
            except Exception:
                return None

        def test_fee():
            assert "4" in answer()
        """,
    )
    project.record()
    monkeypatch.delenv("OPENAI_API_KEY")
    out = " ".join(project.run("--model=candidate").stdout.str().split())
    assert "heard nothing fresh from support" in out
    assert "what helps: set OPENAI_API_KEY" in out
    assert "a mock, a cache" not in out
