"""What a place does with the id that it names: asks for it, tells ids apart, or speaks of it."""

import pytest

from pytest_modelpin.literals.uses import PATTERN, PREFIX, PROSE, why_it_stays

FLOATING, ITS_PIN = "gpt-5", "gpt-5-2025-08-07"


def why(line, new=ITS_PIN, kind="python", old=FLOATING):
    text = line.encode()
    start = text.index(old.encode())
    return why_it_stays(text, start, start + len(old), new, kind)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('model = "gpt-5"', None),
        ("model = `gpt-5`", None),
        (r're.compile(r"^gpt-5\.1$")', PATTERN),
        (r're.compile(r"(?:gpt-5|o3)-.*")', PATTERN),
        ('glob = "gpt-5*"', PATTERN),
        ('if name.startswith("gpt-5"):', PREFIX),
        ('if (name.startsWith("gpt-5")) {', PREFIX),
        ('"gpt-5" in name', PREFIX),
        ("# any of gpt-5's kind", PROSE),
        ('"Ask gpt-5."', PROSE),
    ],
)
def test_a_place_stays_for_what_it_does_with_the_id(line, reason):
    assert why(line) == reason


def test_what_a_pin_is_looked_for_in_moves_with_it_and_so_does_its_name_in_prose():
    old, new = "gpt-5-2025-08-07", "gpt-5.4-2026-03-05"
    assert why(f'assert "{old}" in said', new, old=old) is None
    assert why(f"# pinned to {old} for now", new, old=old) is None


@pytest.mark.parametrize("kind", ["settings", "shell", "dockerfile"])
def test_settings_write_values_without_quotes(kind):
    assert why("MODEL=gpt-5", kind=kind) is None
    assert why("# MODEL: gpt-5 or newer", kind=kind) == PROSE


def test_json_quotes_values_by_double_quotes_alone():
    assert why('{"model": "gpt-5"}', kind="json") is None
    assert why('{"description": "such as `gpt-5`"}', kind="json") == PROSE
