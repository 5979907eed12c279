"""Pins that are recorded in calls beside questions alone, such as batches."""

from pathlib import Path

import pytest

from pytest_modelpin.recordings.beside_questions import nothing_to_compare

PIN, OTHER = "claude-haiku-4-5-20251001", "gpt-5-mini-2025-08-07"
BATCH = '{"requests": [{"params": {"model": "%s"}}]}'


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"anthropic": BATCH % PIN}, (PIN,)),
        ({"anthropic": BATCH % PIN, PIN: "{}"}, ()),
        ({"anthropic": BATCH % f"{PIN}-more"}, ()),
        ({"anthropic": BATCH % OTHER, "openai": BATCH % PIN}, (PIN, OTHER)),
        ({OTHER: BATCH % PIN}, ()),  # another version's, which quotes it
        ({}, ()),
    ],
)
def test_a_pin_is_asked_beside_alone_where_only_its_provider_s_folder_names_it(
    tmp_path: Path, files: dict[str, str], found: tuple[str, ...]
) -> None:
    for version, text in files.items():
        file = tmp_path / "tests" / "__recordings__" / version / "test_a" / "test_b.json"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    said = nothing_to_compare(tmp_path, (PIN, OTHER))
    if found:
        assert said.startswith(f"Of {', '.join(found)} only calls beside the question are recorded")
        assert "Have a test ask one of these questions by itself" in said
    else:
        assert said == ""
