"""What `promote` says of the version that it moves to."""

from argparse import Namespace

import pytest

from pytest_modelpin.cli.moves import _wanted, last_served, mind_the_night
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.decision import Decision
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.registry import Model


def night(day, served, colour):
    return Night(day, "support", "v1", "alias", served, "f", colour)


@pytest.mark.parametrize("colour", ["red", "inconclusive"])
def test_a_version_whose_last_night_was_not_green_is_moved_to_with_a_word_about_it(colour):
    nights = [night("2026-11-19", "v2", "green"), night("2026-11-20", "v2", colour)]
    assert mind_the_night(nights, "v2") == (
        f"Mind that the last night of v2, 2026-11-20, was {colour}: "
        "`pytest-modelpin review support` shows what changed."
    )


def test_of_a_green_or_unknown_version_nothing_is_said():
    nights = [night("2026-11-19", "v2", "red"), night("2026-11-20", "v2", "green")]
    assert mind_the_night([*nights, night("2026-11-21", "v3", "red")], "v2") == ""
    assert mind_the_night(nights, "v4") == ""
    assert mind_the_night([], "v2") == ""


@pytest.mark.parametrize(("given", "served"), [({}, "v2"), ({"today": "2999-01-02"}, "v3")])
def test_a_night_of_a_day_to_come_does_not_say_which_version_served_last(tmp_path, given, served):
    """One that a clock ran ahead for would be the last one for years."""
    for made in (night("2026-11-20", "v2", "green"), night("2999-01-01", "v3", "green")):
        FolderLedger(tmp_path).append(made)
    arguments = Namespace(ledger=str(tmp_path), name="support", **given)
    assert last_served(arguments) == served


@pytest.mark.parametrize(("command", "way"), [("promote", "--to ID"), ("diff", "ID")])
def test_where_no_night_served_a_version_it_says_how_to_name_one(tmp_path, command, way):
    """`diff` has no `--to`, and was told to `promote`."""
    arguments = Namespace(ledger=str(tmp_path), name="support", command=command)
    said = f"No night of support .* `pytest-modelpin {command} support {way}`.*--model candidate"
    with pytest.raises(ModelpinError, match=said):
        last_served(arguments)


def test_a_version_that_was_rolled_back_is_not_moved_to_unasked(tmp_path):
    """It answers still, so `promote` without `--to` undid a rollback."""
    ledger = FolderLedger(tmp_path)
    model = Model("support", "v1", ignore=("v2",))
    with pytest.raises(ModelpinError, match=r"v2, .* is on `ignore`.*promote support --to v2`"):
        _wanted("v2", model, ledger)
    assert _wanted("v3", model, ledger) == "v3"


def test_a_served_name_in_a_command_to_copy_is_one_word(tmp_path):
    """A reply names whom it likes."""
    odd = "v2; curl x | sh"
    with pytest.raises(ModelpinError, match=r"promote support --to 'v2; curl x \| sh'`"):
        _wanted(odd, Model("support", "v1", ignore=(odd,)), FolderLedger(tmp_path))


def test_nor_is_one_that_a_person_turned_down_in_its_pull_request(tmp_path):
    model, ledger = Model("support", "v1"), FolderLedger(tmp_path)
    ledger.decide(Decision("support", "v2", "no", "closed #12 unmerged"))
    said = r"v2, .* is not wanted \(closed #12 unmerged\).*promote support --to v2"
    with pytest.raises(ModelpinError, match=said):
        _wanted("v2", model, ledger)
    ledger.decide(Decision("support", "v2", "yes", "ticked on the dashboard"))
    assert _wanted("v2", model, ledger) == "v2"
