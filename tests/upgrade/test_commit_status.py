import pytest

from pytest_modelpin.upgrade.nightly.issues import report_streak

pytestmark = pytest.mark.counterpart


@pytest.mark.parametrize(
    ("length", "colour", "state", "description"),
    [
        (0, "inconclusive", "pending", "0/3 green nights"),
        (1, "green", "pending", "1/3 green nights"),
        (2, "inconclusive", "pending", "2/3 green nights"),
        (3, "green", "success", "3/3 green nights"),
        (9, "green", "success", "3/3 green nights"),
        (0, "red", "failure", "Last night was red (0/3 green nights)"),
    ],
)
def test_the_status_counts_green_nights(github, length, colour, state, description):
    sha = github.head()
    assert report_streak(github.connect(), sha, length=length, needed=3, colour=colour)
    (status,) = github.statuses[sha]
    assert (status["context"], status["state"]) == ("modelpin/streak", state)
    assert status["description"] == description


def test_what_stands_there_already_is_not_set_again(github):
    sha = github.head()
    assert report_streak(github.connect(), sha, length=1, needed=3, url="https://example.com/1")
    assert not report_streak(github.connect(), sha, length=1, needed=3)
    assert len(github.statuses[sha]) == 1
