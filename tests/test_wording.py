import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.wording import IN_PLAIN, clipped, counted, dollars, plural, some


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 cases"), (1, "1 case"), (2, "2 cases"), (1204, "1,204 cases")]
)
def test_a_number_has_its_noun(count, said):
    assert counted(count, "case") == said


def test_a_plural_of_its_own():
    assert counted(2, "reply was", "replies were") == "2 replies were"
    assert plural(1, "reply", "replies") == "reply"


@given(st.text(), st.integers(1, 50))
def test_a_text_is_cut_at_its_length_and_says_so(text, longest):
    cut = clipped(text, longest)
    assert len(cut) <= longest
    assert cut == text or (len(text) > longest and cut.endswith("…") and text.startswith(cut[:-1]))


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (1240, "$1,240"),
        (250.75, "$250.75"),
        (12.4, "$12.40"),
        (1.2, "$1.20"),
        (0.188, "$0.188"),
        (0.0123456, "$0.0123"),
        (0.0000123, "$0.0000123"),
        (0.00000042, "$0.00000042"),
        (0.25, "$0.25"),
        (0.1, "$0.10"),
        (0.9999, "$1.00"),
        (0, "$0.00"),
    ],
)
def test_an_amount_keeps_what_tells_two_apart(amount, shown):
    assert dollars(amount) == shown


PACKAGE = Path(__file__).parents[1] / "pytest_modelpin"
NOUNS = ("case", "sample", "night", "test", "day", "file", "request", "report", "minute", "call")
NEVER_ONE = {
    "alarms/alarm.py: silence days",
    "cli/plan.py: most samples",
    "cli/plan.py: takes calls",
    "cli/review_case.py: of samples",
    "cli/status.py: len(made) files",
    "compare/decide.py: len(lost) cases",
    "compare/decide.py: len(members) cases",
    "forge/errors.py: wait / 60 minutes",
    "gate/bound.py: nights nights",
    "gate/evaluation.py: len(flags.all) cases",
    "report/comparison_text.py: samples samples",
    "report/markdown.py: of samples",
    "session/sampling.py: len(tries) samples",
    "upgrade/proposal/body.py: _SHOWN_BY_GITHUB files",
    "upgrade/proposal/changes.py: total cases",
}
"""A condition before them, or what they count, sees to that."""
MANY = {plural(2, noun) for noun in NOUNS} | {"processes", "replies"}


def counted_by_hand(source: str) -> Iterator[str]:
    """Where an f-string puts a number before a noun in the plural, as if it could not be 1."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for number, behind in zip(node.values, node.values[1:], strict=False):
            if isinstance(number, ast.FormattedValue) and isinstance(behind, ast.Constant):
                noun = re.match(r" (\w+)", behind.value)
                if noun and noun[1] in MANY:
                    yield f"{ast.unparse(number.value)} {noun[1]}"


def test_a_number_that_may_be_1_is_counted_in_one_place():
    assert list(counted_by_hand('f"{n} cases, {many(n)} of them"')) == ["n cases"]
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}: {what}"
        for path in PACKAGE.rglob("*.py")
        for what in counted_by_hand(path.read_text("utf-8"))
    }
    assert found == NEVER_ONE


def test_of_many_names_the_first_are_told_and_how_many_there_are_beside():
    assert some(["a", "b"]) == "a, b"
    assert some(list("abcdefg")) == "a, b, c, d, e and 2 more"
    assert some(list("abc"), 1) == "a and 2 more"


def test_a_streak_can_be_read_where_the_terminal_has_no_circles() -> None:
    assert "●●○ “claude” … → é".encode("ascii", IN_PLAIN) == b'**o "claude" ... -> ?'
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", IN_PLAIN)
