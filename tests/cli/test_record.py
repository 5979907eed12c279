"""`record`: one command from a suite to recordings of its pins, and again for what is missing."""

import json
import shutil
from dataclasses import replace

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin import demo
from pytest_modelpin.cli.record import lines, nothing_asked, want_of_keys
from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run

pytestmark = pytest.mark.long


def test_only_the_replies_that_count_no_tokens_are_named_and_what_helps():
    """ "20 replies count no tokens" was said of a suite in which two streams did."""
    plain = Reply("a", served_model=demo.PIN, provider="openai", usage=Usage(1, 1))
    calls = (
        Call("support", plain, fresh=True, seconds=0.1, request="plain"),
        Call("support", replace(plain, usage=Usage()), fresh=True, seconds=0.1, request="stream"),
    )
    asked = {"plain": {"messages": []}, "stream": {"messages": [], "stream": True}}
    case = Case("test_a.py::test_a", (Sample("passed", calls=calls),), models=("support",))
    (said,) = lines(Run({}, (replace(case, questions=asked),)), 1, Settings())
    assert said.startswith("1 case, 1 sample each: 2 replies recorded, 0 known already; ")
    assert said.endswith(
        "of unknown price: 1 reply of support (test_a.py::test_a) streamed without a count of "
        'tokens; have the code that asks send `stream_options={"include_usage": true}`'
    )


def test_a_key_is_why_nothing_was_recorded_only_where_no_model_has_one():
    """Every test failed by its cassette, and what was missing was said to be OpenRouter's key."""
    asked = [Asked(name, demo.PIN, "production", demo.PIN, "new") for name in ("gpt", "claude")]
    notes = tuple(
        f"{one.name}: no test called it, and there is no key for {one.name} in the environment."
        for one in asked
    )
    run = Run({one.name: one for one in asked}, (), notes=notes)
    assert want_of_keys(run) == "there is no key for gpt in the environment."
    assert want_of_keys(replace(run, notes=notes[:1])) is None
    assert want_of_keys(Run({}, ())) is None


def test_cases_that_a_cassette_answered_are_named_as_not_recorded():
    """Beside vcrpy's cassettes, `record` said that no test asks a model, and to write one."""
    taped = Case("test_a.py::test_a", (Sample("passed"),), left_out="asked through a cassette")
    run = Run({"gpt": Asked("gpt", demo.PIN, "production", demo.PIN, "new")}, (taped,))
    said = nothing_asked(run, failed=False)
    assert said == (
        "Nothing was recorded: 1 case is not recorded whole: test_a.py::test_a asked through a "
        "cassette."
    )
    call = Call("gpt", Reply("a", usage=Usage(1, 1)), fresh=True, seconds=0.1, request="x")
    asked = Case("test_a.py::test_b", (Sample("passed", calls=(call,)),), models=("gpt",))
    assert lines(replace(run, cases=(taped, asked)), 1, Settings())[-1] in said
    batch = nothing_asked(replace(run, cases=()), failed=False, beside="Of it only")
    assert batch == "Of it only"
    failed = nothing_asked(replace(run, cases=()), failed=True)
    assert failed.startswith("Nothing was recorded: tests failed, and none got as far as asking")


def test_a_test_that_went_past_the_recordings_is_named_in_the_end_and_what_helps():
    """It had asked live, and the last line said that nothing was asked."""
    plain = Reply("a", served_model=demo.PIN, provider="openai", usage=Usage(1, 1))
    known = Call("support", plain, fresh=False, seconds=0.1, request="plain")
    seen = Case("test_a.py::test_a", (Sample("passed", calls=(known,)),), models=("support",))
    past = Case(
        "test_a.py::test_b",
        (Sample("passed"),),
        left_out="asked claude-x, which models.yml does not pin, unseen",
        left_out_cure="name claude-x in models.yml",
    )
    first, second = lines(Run({}, (seen, past)), 1, Settings())
    assert first.endswith("0 replies recorded, 1 known already")
    assert second == (
        "1 case is not recorded whole: test_a.py::test_b asked claude-x, which models.yml does "
        "not pin, unseen. What helps: name claude-x in models.yml, then run `pytest-modelpin "
        "record` again."
    )


@pytest.fixture
def unrecorded(team):
    """The team's suite before anybody recorded it."""
    for name in ("__recordings__", "__snapshots__"):
        shutil.rmtree(team.folder / "tests" / name)
    return team


def samples(team, test):
    path = team.folder / f"tests/__recordings__/{demo.PIN}/test_support/{test}.json"
    entries = json.loads(path.read_text())["exchanges"]
    return sorted(
        {entry["sample"] for entry in entries}
        | {int(sample) for entry in entries for sample in entry.get("also", ())}
    )


def test_the_first_command_leaves_a_suite_that_replays(unrecorded):
    done = unrecorded.modelpin("record")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith(
        "4 cases, 5 samples each: 20 replies recorded, 0 known already; tokens "
    )
    assert "4 passed" in done.stdout  # pytest's own output, as it grew
    assert samples(unrecorded, "test_refund") == [1, 2, 3, 4, 5]
    unrecorded.server.close()
    again = unrecorded.pytest("--model-samples=5")
    assert again.returncode == 0, again.stdout


@pytest.mark.long
def test_only_missing_samples_are_asked_for(unrecorded):
    assert unrecorded.modelpin("record", "--samples=2").returncode == 0
    unrecorded.server.requests.clear()
    done = unrecorded.modelpin("record", "--samples=3")
    assert done.returncode == 0, done.stdout
    assert "4 replies recorded, 8 known already" in done.stdout
    assert len(unrecorded.server.requests) == 4
    nothing = unrecorded.modelpin("record", "--samples=3")
    assert "0 replies recorded, 12 known already" in nothing.stdout
    assert len(unrecorded.server.requests) == 4


@pytest.mark.long
def test_how_many_samples_is_settled_in_models_yml(unrecorded):
    models = unrecorded.folder / "models.yml"
    models.write_text(models.read_text() + "settings:\n  pin_samples: 2\n")
    assert unrecorded.modelpin("record").returncode == 0
    assert samples(unrecorded, "test_fee") == [1, 2]


@pytest.mark.long
def test_what_varies_between_samples_is_recorded_and_fails_nothing(unrecorded):
    said = iter(range(1, 100))
    unrecorded.server.answer = lambda question: f"It takes 5 days, my answer no. {next(said)}."
    path = unrecorded.folder / "tests" / "test_support.py"
    path.write_text(
        "import support\n"
        "def test_refund(model_snapshot):\n"
        "    assert support.answer('How long?') == model_snapshot\n"
    )
    done = unrecorded.modelpin("record")
    assert done.returncode == 0, done.stdout
    assert samples(unrecorded, "test_refund") == [1, 2, 3, 4, 5]
    unrecorded.server.close()
    assert unrecorded.pytest("--model-samples=5").returncode == 0


@pytest.mark.long
def test_an_accepted_answer_is_never_replaced(team):
    before = (team.folder / "tests/__snapshots__/test_support.answers").read_bytes()
    shutil.rmtree(team.folder / "tests/__recordings__")
    team.server.answer = lambda question: "something else"
    done = team.modelpin("record", "--samples=1")
    assert done.returncode == 1
    assert "4 cases failed on the pin, and what was heard is recorded all the same" in done.stdout
    assert (team.folder / "tests/__snapshots__/test_support.answers").read_bytes() == before


@pytest.mark.long
def test_samples_that_contradict_each_other_are_named_with_what_they_say(unrecorded):
    said = iter(["Yes, it is", "No, it isn't."] * 9)
    unrecorded.server.answer = lambda question: next(said)
    path = unrecorded.folder / "tests" / "test_support.py"
    path.write_text(
        "import support\n"
        "def test_covered(): support.answer('Is it covered?')\n"
        "def test_open(model_snapshot): assert support.answer('Is it open?') == model_snapshot\n"
    )
    done = unrecorded.modelpin("record", "--samples=2", "--", "-k", "covered")
    assert done.returncode == 0, done.stdout
    (told,) = [line for line in done.stdout.splitlines() if "contradict each other" in line]
    assert "tests/test_support.py::test_covered ('Yes, it is' and \"No, it isn't.\")" in told
    unrecorded.server.answer = lambda question: "Yes."
    again = unrecorded.modelpin("record", "--samples=2", "--", "-k", "open")
    assert "contradict each other" not in again.stdout


def told_of_three_samples(unrecorded, tests, about):
    """The line that `record` says about it, of three samples of these tests."""
    (unrecorded.folder / "tests" / "test_support.py").write_text(tests)
    done = unrecorded.modelpin("record", "--samples=3")
    assert done.returncode == 0, done.stdout
    (told,) = [line for line in done.stdout.splitlines() if about in line]
    return told


@pytest.mark.long
def test_cases_that_a_cache_answers_after_one_sample_are_named(unrecorded):
    """Of five samples one was recorded, without a word, and no night could try a candidate."""
    tests = (
        "import functools, support\n"
        "answer = functools.lru_cache(support.answer)\n"
        "def test_kept(): answer('Is it covered?')\n"
        "def test_asked(): support.answer('Is it open?')\n"
    )
    told = told_of_three_samples(unrecorded, tests, "cache of the code's own")
    assert "1 case after one sample: tests/test_support.py::test_kept." in told


@pytest.mark.long
def test_cases_that_ask_something_else_in_each_sample_are_named(unrecorded):
    """`record` said nothing, and the very first replay missed: as with hypothesis's examples."""
    tests = (
        "import uuid\n"
        "from support import answer\n"
        "def test_drawn(): answer(f'Is {uuid.uuid4()} open?')\n"
        "def test_quotes(): answer(f\"Is it open? {uuid.uuid4() if answer('Is it?') else 0}\")\n"
        "def test_asked(): answer('Is it open?')\n"
    )
    told = told_of_three_samples(unrecorded, tests, "in each sample")
    assert told.startswith(
        "1 case asks something else in each sample: tests/test_support.py::test_drawn. A replay"
    )


@pytest.mark.long
def test_arguments_are_passed_on_to_pytest(unrecorded):
    done = unrecorded.modelpin("record", "--samples=1", "tests", "--", "-k", "refund or fee")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 cases, 1 sample each: 2 replies recorded" in done.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--", "-k", "nothing_of_this_name"], "pytest found no tests"),
        (["no/such/folder"], "pytest did not run the tests"),
        (["--samples=0"], "must be a whole number from 1"),
    ],
)
def test_where_nothing_can_be_run_it_says_why(unrecorded, arguments, sentence):
    done = unrecorded.modelpin("record", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not (unrecorded.folder / "tests/__recordings__").exists()


@pytest.mark.long
def test_without_a_key_it_says_so_and_what_to_set(unrecorded):
    test = unrecorded.folder / "tests" / "test_support.py"
    test.write_text("import openai\ndef test_a(): openai.OpenAI()\n")
    ran = unrecorded.modelpin("record", OPENAI_API_KEY="")
    assert ran.returncode == 2
    assert "Nothing was recorded: there is no key for openai" in ran.stderr


_BY_SDK = """
import openai

def ask(text):
    reply = openai.OpenAI(max_retries=0).responses.create(model="{pin}", input=text)
    return reply.output_text
"""


@pytest.mark.long
def test_without_a_key_where_nothing_is_missing_nothing_is_asked(unrecorded):
    (unrecorded.folder / "sdk.py").write_text(_BY_SDK.format(pin=demo.PIN))
    test = unrecorded.folder / "tests" / "test_support.py"
    test.write_text("import sdk\ndef test_a(): assert sdk.ask('How long?')\n")
    assert unrecorded.modelpin("record", "--samples=2").returncode == 0
    unrecorded.server.requests.clear()
    again = unrecorded.modelpin("record", "--samples=2", OPENAI_API_KEY="")
    assert again.returncode == 0, again.stdout + again.stderr
    assert (
        "1 case, 2 samples each: 0 replies recorded, 2 known already; nothing was missing, "
        "so nothing was asked" in " ".join(again.stdout.split())
    )
    assert unrecorded.server.requests == []


@pytest.mark.long
def test_without_a_key_what_is_missing_is_not_sent_and_the_key_is_named(unrecorded):
    (unrecorded.folder / "sdk.py").write_text(_BY_SDK.format(pin=demo.PIN))
    test = unrecorded.folder / "tests" / "test_support.py"
    test.write_text("import sdk\ndef test_a(): assert sdk.ask('How long?')\n")
    assert unrecorded.modelpin("record", "--samples=1").returncode == 0
    test.write_text(test.read_text() + "def test_b(): assert sdk.ask('How dear?')\n")
    # The provider itself, which must not be asked with a stand-in.
    elsewhere = {"OPENAI_API_KEY": "", "OPENAI_BASE_URL": "https://api.openai.com/v1"}
    ran = unrecorded.modelpin("record", "--samples=1", **elsewhere)
    assert ran.returncode == 1
    said = " ".join((ran.stdout + ran.stderr).split())
    assert "1 passed" in said
    assert "1 case has no recording, for want of a key: tests/test_support.py::test_b. " in said
    assert "Set OPENAI_API_KEY, then run `pytest-modelpin record` again" in said
    assert "Connection" not in said


@pytest.mark.long
def test_a_missing_key_is_said_before_the_first_test_and_in_the_end_however_many_want_it(
    unrecorded,
):
    (unrecorded.folder / "sdk.py").write_text(_BY_SDK.format(pin=demo.PIN))
    test = unrecorded.folder / "tests" / "test_support.py"
    asked = "import sdk\ndef test_first(): assert sdk.ask('How long?')\n"
    test.write_text(asked)
    assert unrecorded.modelpin("record", "--samples=1").returncode == 0
    test.write_text(asked + "".join(f"def test_{n}(): sdk.ask('How {n}?')\n" for n in range(9)))
    elsewhere = {"OPENAI_API_KEY": "", "OPENAI_BASE_URL": "https://api.openai.com/v1"}
    ran = unrecorded.modelpin("record", "--samples=1", **elsewhere)
    said = " ".join((ran.stdout + ran.stderr).split())
    assert said.count("OPENAI_API_KEY") == 2, said
    assert said.index("no key: OPENAI_API_KEY is not set") < said.index("FAILURES")
    assert said.index("Set OPENAI_API_KEY, then run") > said.index("short test summary")
    assert "9 cases have no recording" in said


def test_where_nothing_may_be_written_nobody_is_asked(unrecorded):
    shutil.rmtree(unrecorded.folder / ".pytest_modelpin", ignore_errors=True)
    (unrecorded.folder / ".pytest_modelpin").write_text("a file in the folder's place")
    ran = unrecorded.modelpin("record")
    assert ran.returncode == 2
    assert "can't be written to" in ran.stderr
    assert "nobody was asked" in ran.stderr
    assert unrecorded.server.requests == []


def test_a_suite_that_fails_before_it_asks_is_not_told_to_write_tests(unrecorded):
    test = unrecorded.folder / "tests" / "test_support.py"
    test.write_text("def test_plain(): assert False\n")
    ran = unrecorded.modelpin("record")
    assert ran.returncode == 1
    assert "no test that ran asks" not in ran.stdout
    assert "none got as far as asking one of models.yml: support." in " ".join(ran.stdout.split())


@pytest.mark.long
def test_a_suite_that_asks_no_model_is_told_so(unrecorded):
    test = unrecorded.folder / "tests" / "test_support.py"
    test.write_text("def test_plain(): pass\n")
    ran = unrecorded.modelpin("record")
    assert ran.returncode == 0
    said = " ".join(ran.stdout.split())
    assert "Nothing was recorded, for no test that ran asks one of models.yml: support." in said
    assert "0 replies recorded" not in said


@pytest.mark.long
def test_a_model_that_no_test_asks_is_named_where_the_whole_suite_ran(unrecorded):
    registry = unrecorded.folder / "models.yml"
    more = (
        "  titles:\n    production: gpt-5.2-2025-12-11\n    staging: gpt-5.2\n"
        "  watched:\n    production: gpt-4.1-2025-04-14\n"
    )
    registry.write_text(registry.read_text() + more)
    sentence = "No test asks titles, so no night can try its candidate."
    said = unrecorded.modelpin("record").stdout
    assert sentence in said
    assert "No test asks watched, so nothing is recorded of it." in said
    part = unrecorded.modelpin("record", "--", "-k", "fee")
    assert part.returncode == 0, part.stdout
    assert sentence not in part.stdout


def test_what_a_shared_fixture_heard_is_recorded_once_and_counted_once():
    """ "0 replies recorded" was said of a suite whose fixture had just asked, and paid."""
    reply = Reply("a", served_model=demo.PIN, provider="openai", usage=Usage(3, 4))
    shared = (Call("support", reply, fresh=True, seconds=0.1, request="r"),)
    sample = Sample("passed", shared=shared)
    cases = tuple(Case(f"test_a.py::{n}", (sample,) * 5, models=("support",)) for n in "ab")
    said = lines(Run({}, cases), 5, Settings())
    assert said[0].startswith(
        "2 cases, 5 samples each: 1 reply recorded, 0 known already; tokens 3 in, 4 out; "
    )
