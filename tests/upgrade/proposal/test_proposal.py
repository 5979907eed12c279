from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.upgrade.proposal import Marker, PinMove, find, mark, moves_of, remark

texts = st.text(max_size=40) | st.sampled_from(["-->", "--><b>", "<!-- x -->", "a\nb", '"}'])
markers = st.builds(
    Marker,
    st.lists(st.builds(PinMove, texts, texts, texts), max_size=3).map(tuple),
    st.sampled_from(["due", "red", "closed"]),
    st.booleans(),
)


MOVED = Marker((PinMove("claude", "a", "b"),))


@pytest.mark.long
@given(markers, st.text(max_size=50))
def test_a_marker_is_found_again_in_front_of_any_text(marker, rest):
    assert find(f"{mark(marker)}\n{rest}") == marker


@pytest.mark.parametrize("above", ["Closes #3.\n\n", "Closes #3.\r\n", "```\nx\n```\n"])
def test_a_marker_is_found_below_what_a_person_wrote_the_first_of_several(above):
    later = mark(Marker((PinMove("claude", "a", "c"),)))
    body = f"{above}{mark(MOVED)}\n\nText.\n{later}"
    assert find(body) == MOVED
    closed = replace(MOVED, state="closed")
    assert remark(body, closed) == f"{above}{mark(closed)}\n\nText.\n{later}"


@given(markers)
def test_a_marker_is_one_comment_that_nothing_in_it_ends(marker):
    inner = mark(marker).removeprefix("<!--").removesuffix("-->")
    assert not set("<>\n") & set(inner)
    assert "--" not in inner.replace(" pytest-modelpin", "")


@given(markers, markers, st.text(max_size=50))
def test_another_marker_leaves_the_text_alone(before, after, rest):
    assert remark(f"{mark(before)}\n{rest}", after) == f"{mark(after)}\n{rest}"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Hello",
        "text first\n<!-- pytest-modelpin: {} -->",
        f"within a line {mark(MOVED)}",
        f"```\n{mark(MOVED)}\n```",
        f"````text\n```\n{mark(MOVED)}\n",
        "<!-- pytest-modelpin: {} -->",
        "<!-- pytest-modelpin: [ -->",
        '<!-- pytest-modelpin: {"moves": [["a"]], "state": "due", "drafted": false} -->',
    ],
)
def test_a_body_without_a_whole_marker_on_a_line_of_its_own_has_none(body):
    assert find(body) is None


def test_a_group_marks_every_members_move(bump):
    group = bump(name="all", members=(bump(name="claude"), bump(name="gpt", old="a", new="b")))
    assert [move.name for move in moves_of(group)] == ["claude", "gpt"]
    assert moves_of(bump())[0].name == "claude"
