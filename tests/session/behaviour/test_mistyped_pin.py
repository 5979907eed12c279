"""A pin of which nothing is recorded while the code asks an id that models.yml does not name: the
replay passes, and says so.
"""

import pytest

PIN, NEXT, SLIP = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "gpt-4o-2024-8-06"

ASKING = f"""
import httpx

def ask(question):
    reply = httpx.post(
        "https://api.openai.com/v1/chat/completions",
        json={{"model": "{PIN}", "messages": [{{"role": "user", "content": question}}]}},
    )
    return reply.json()["choices"][0]["message"]["content"]
"""

UNPINNED = (
    "*unpinned: {id} was asked, but models.yml does not name it; it pins support to {pin}, of "
    "which nothing is recorded beside these tests. The nearest recorded version is {nearest}."
)


@pytest.fixture
def recorded(project):
    """Its tests ask the provider's own host, as replays do."""
    project.record()
    for path in (project.folder / "tests").rglob("*.json"):
        text = path.read_text()
        path.write_text(text.replace(f"{project.server.url}/v1", "https://api.openai.com/v1"))
    project.server.close()
    project.write("support.py", ASKING)
    project.run().assert_outcomes(passed=2)
    return project


def pinned_to(project, id):
    models = (project.folder / "models.yml").read_text()
    project.write("models.yml", models.replace(f"production: {PIN}", f"production: {id}"))


@pytest.mark.parametrize("id", [SLIP, NEXT])
def test_a_pin_that_the_code_does_not_ask_is_told_in_a_passing_replay(recorded, id):
    pinned_to(recorded, id)
    run = recorded.run()
    run.assert_outcomes(passed=2)
    assert run.ret == 0
    run.stdout.fnmatch_lines([UNPINNED.format(id=PIN, pin=id, nearest=PIN)])
    assert run.stdout.str().count("unpinned:") == 1


def test_a_provider_s_folder_of_side_calls_is_no_version(recorded):
    there = recorded.folder / "tests/__recordings__"
    (there / PIN).rename(there / "openai")
    pinned_to(recorded, SLIP)
    recorded.run().stdout.no_fnmatch_line("*nearest recorded version*")


@pytest.mark.long
def test_all_workers_say_it_once(recorded):
    pinned_to(recorded, SLIP)
    recorded.write("pytest.ini", "[pytest]\npythonpath = .\n")
    run = recorded.run("-n", "2")
    run.assert_outcomes(passed=2)
    assert run.stdout.str().count("unpinned:") == 1


def test_it_stands_among_the_notes_of_a_reported_run(recorded):
    pinned_to(recorded, SLIP)
    run = recorded.report()
    assert [note for note in run["notes"] if note.startswith(f"unpinned: {PIN} ")]


def test_at_an_address_of_ones_own_too_it_is_told_what_is_pinned_instead(project):
    project.record()
    pinned_to(project, SLIP)
    run = project.run()
    run.assert_outcomes(failed=2)
    run.stdout.fnmatch_lines([UNPINNED.format(id=PIN, pin=SLIP, nearest=PIN)])


def test_an_id_beside_a_pin_that_is_recorded_is_no_news(recorded):
    models = (recorded.folder / "models.yml").read_text()
    other = "  other: {production: claude-haiku-4-5-20251001}\n"
    recorded.write("models.yml", models + other)
    recorded.run().stdout.no_fnmatch_line("*unpinned*")
    # Of another provider's pin it says nothing that nothing is recorded of it.
    recorded.write("models.yml", "models:\n" + other)
    recorded.run().stdout.no_fnmatch_line("*unpinned*")
