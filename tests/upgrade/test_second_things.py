import pytest

from pytest_modelpin.upgrade.proposal.branch_commit import second_things


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("config/models.yml", b"x", []),
        ("tests/__snapshots__/a.txt", b"x", []),
        ("tests/__recordings__/old/a.json", None, []),
        ("app/chat.py", b'MODEL = "claude-sonnet-4-5-20251101"', []),
        ("prompts/system.txt", b"Be brief.", ["prompts/system.txt"]),
        ("tests/test_a.py", None, ["tests/test_a.py"]),
    ],
)
def test_what_does_not_name_the_new_version_is_a_second_thing(bump, path, content, expected):
    assert second_things(bump(files={path: content})) == expected


def test_what_people_added_is_a_second_thing_wherever_the_bump_has_it_not(bump):
    changed = ["models.yml", "tests/__snapshots__/b.txt", "prompts/system.txt"]
    assert second_things(bump(), changed) == ["prompts/system.txt"]
