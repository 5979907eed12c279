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


@pytest.mark.long
@given(markers, st.text(max_size=50))
def test_a_marker_is_found_again_in_front_of_any_text(marker, rest):
    assert find(f"{mark(marker)}\n{rest}") == marker


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
        "<!-- pytest-modelpin: {} -->",
        "<!-- pytest-modelpin: [ -->",
        '<!-- pytest-modelpin: {"moves": [["a"]], "state": "due", "drafted": false} -->',
    ],
)
def test_a_body_without_a_whole_marker_in_front_has_none(body):
    assert find(body) is None


def test_a_group_marks_every_members_move(bump):
    group = bump(name="all", members=(bump(name="claude"), bump(name="gpt", old="a", new="b")))
    assert [move.name for move in moves_of(group)] == ["claude", "gpt"]
    assert moves_of(bump())[0].name == "claude"
