"""`model_snapshot`: exact on the pin, tolerant on the candidate."""

PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"


def accepted(project):
    return (project.folder / "tests/__snapshots__/test_support.answers").read_text()


def test_a_changed_answer_of_the_pin_fails(project):
    project.record()
    project.says["refund?", PIN] = "6 days"
    result = project.run("--model=production", "--model-record=all")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*-5 days*", "*+6 days*"])


def test_a_changed_answer_of_the_candidate_passes_and_is_reported_as_drift(project):
    project.record()
    project.says["refund?", NEXT] = "50 days"
    result = project.run("--model=candidate")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["*drift: tests/test_support.py::test_refund*", "*number*5 days*50 days*"]
    )


def test_a_candidate_that_breaks_the_answers_structure_fails(project):
    project.write(
        "tests/test_support.py",
        """
        import json
        from support import ask
        def test_ticket(model_snapshot): assert json.loads(ask("ticket?")) == model_snapshot
        """,
    )
    project.says["ticket?", PIN] = '{"topic": "billing", "amount": 42}'
    project.record()
    project.says["ticket?", NEXT] = '{"topic": "billing"}'
    project.run("--model=candidate").assert_outcomes(failed=1)


def test_accepting_a_versions_answers_changes_the_one_place_of_each_case(project):
    project.record()
    before = accepted(project)
    project.says["refund?", NEXT] = "Five days."
    project.run("--snapshot-update", f"--model={NEXT}").assert_outcomes(passed=2)
    assert accepted(project) == before.replace("5 days", "Five days.")


def test_a_candidate_run_leaves_the_accepted_answers_alone(project):
    project.record()
    before = accepted(project)
    project.says["refund?", NEXT] = "Five days."
    project.run("--model=candidate")
    assert accepted(project) == before


def test_other_snapshots_of_syrupy_keep_working_beside(project, monkeypatch):
    # As users have it: syrupy prints its summary only where it was loaded by its entry point.
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    monkeypatch.delenv("PYTEST_PLUGINS")
    project.write(
        "tests/test_plain.py",
        "def test_plain(snapshot): assert {'a': 1} == snapshot\n",
    )
    project.record()
    result = project.run("-p", "no:asyncio", "-p", "no:randomly")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*2 snapshots passed*"])
    result.stdout.no_fnmatch_line("*unused*")


def test_one_ini_line_treats_an_existing_suite_s_snapshot_as_model_snapshot(project):
    project.write(
        "tests/test_support.py",
        """
        from support import ask
        def test_refund(snapshot): assert ask("refund?") == snapshot
        """,
    )
    line = ("-o", "modelpin_snapshot=true")
    recording = ("--model=production", "--model-record=new", "--snapshot-update", *line)
    project.run(*recording).assert_outcomes(passed=1)
    assert "5 days" in accepted(project)
    assert not list(project.folder.rglob("*.ambr"))
    project.says["refund?", NEXT] = "Five days."
    project.run("--model=candidate", *line).assert_outcomes(passed=1)
    project.run("--model=candidate").assert_outcomes(failed=1)


def test_without_syrupy_s_plugin_model_snapshot_says_what_it_needs(project):
    result = project.run("-p", "no:syrupy")
    result.stdout.fnmatch_lines(["*model_snapshot needs pytest's plugin syrupy*"])
    result.stdout.no_fnmatch_line("*AttributeError*")


def test_beside_another_library_of_snapshots_record_does_without_syrupy_s_options(project):
    """Those of pytest-snapshot's are called alike, and then no pytest starts."""
    project.write(
        "tests/test_support.py",
        """
        from support import ask
        def test_refund(): assert ask("refund?") == "5 days"
        """,
    )
    project.write(
        "other.py",
        """
        def pytest_addoption(parser):
            parser.addoption("--snapshot-update", action="store_true")
        """,
    )
    project.write("pytest.ini", "[pytest]\npythonpath = .\naddopts = -p no:syrupy -p other\n")
    project.run("--model=production", "--model-record=new", "--model-accept-new").assert_outcomes(
        passed=1
    )
    project.run("--model-accept-all").assert_outcomes(passed=1)
