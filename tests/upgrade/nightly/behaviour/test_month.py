"""A month on the emulator: thirty nights, and every day what a careful maintainer would want."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.alarms.alarm import alarms
from pytest_modelpin.alarms.pin_facts import PinFacts
from pytest_modelpin.alarms.status import status
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.decision import Decision, unwanted
from pytest_modelpin.ledger.nights import streak
from pytest_modelpin.ledger.store import BRANCH, BranchLedger
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.nightly.dashboard import (
    carry_out_ticks,
    read_dashboard,
    survey,
    write_dashboard,
)
from pytest_modelpin.upgrade.nightly.github_status import write_alarms
from pytest_modelpin.upgrade.proposal import ticked
from pytest_modelpin.upgrade.proposal.pull_request import open_or_update, update_open_pull_request

pytestmark = [pytest.mark.long, pytest.mark.counterpart]

FIRST = date(2026, 11, 1)
V1, V2, V3 = (
    f"claude-{version}-2026{month}01" for version, month in ((1, "01"), (2, "06"), (3, "10"))
)


class Month:
    """The repository, the provider, and the nightly in between."""

    def __init__(self, github) -> None:
        self.github = github
        self.pin = V1
        self.previous: str | None = None
        self.served = V2
        self.retires = date(2027, 2, 27)
        self.today = FIRST - timedelta(days=1)
        self.said: list[str | None] = []
        self.costs: list[int] = []
        github.commit({"models.yml": self.registry(V1)})

    def registry(self, pin: str) -> str:
        return f"models:\n  claude:\n    production: {pin}\n    staging: claude\n"

    @property
    def pins(self) -> Pins:
        model = Model(
            "claude",
            self.pin,
            "claude",
            last_validated=FIRST,
            provider="anthropic",
            previous=self.previous,
            retires=self.retires,
        )
        return Pins({"claude": model}, Settings(alarm="issue"), Path("models.yml"))

    def night(self, colour: str = "green") -> str | None:
        """One nightly, as the command line plays it; gives what it said about the bump."""
        self.today += timedelta(days=1)
        before = len(self.github.log)
        forge = self.github.connect()
        ledger = BranchLedger(forge, self.github.slept.append)
        context = UpgradeContext(forge, ledger, self.pins.settings)
        dashboard = read_dashboard(forge)
        ticks = ticked(dashboard.body) if dashboard else ()
        carry_out_ticks(ticks, ledger)
        tonight = self._measured(colour)
        ledger.append(tonight)
        going = streak(ledger.read("claude"))
        if colour == "green" and going.length >= 3 and tonight.served != self.pin:
            bump = self._bump(going, tonight)
            said = open_or_update(context, bump).sentence
        else:
            said = update_open_pull_request(context, "claude", [tonight])
        nights = {"claude": ledger.read("claude")}
        facts = PinFacts(self.pins, nights, self.today, lambda model, provider: None)
        rung = alarms(facts)
        overview = survey(forge, ledger, self.pins, status(facts), rung, self.today)
        write_dashboard(forge, overview, handled=ticks)
        write_alarms(forge, rung)
        self.said.append(said)
        self.costs.append(len(self.github.log) - before)
        return said

    def nights(self, *colours: str) -> list[str | None]:
        return [self.night(colour) for colour in colours]

    def merge(self, number: int, version: str) -> None:
        self.github.merge(number)
        self.previous, self.pin = self.pin, version

    def tick(self, words: str) -> None:
        issue = next(one for one in self.github.issues() if one["title"] == "Model pins")
        body = issue["body"].replace(f"- [ ] <!-- {words}", f"- [x] <!-- {words}")
        self.github.person("PATCH", f"/issues/{issue['number']}", {"body": body})

    def pulls(self) -> list[str]:
        """Each pull request as `number state`, oldest first."""
        states = []
        for pull in self.github.pulls():
            state = "merged" if pull["merged_at"] else pull["state"]
            states.append(f"{pull['number']} {'draft' if pull['draft'] else state}")
        return states

    def _measured(self, colour: str) -> Night:
        day = str(self.today)
        served = None if colour == "inconclusive" else self.served
        reasons = ("Two cases broke.",) if colour == "red" else ()
        return Night(
            day, "claude", self.pin, "claude", served, "f1", colour, reasons, at=f"{day}T03:00"
        )

    def _bump(self, going, tonight: Night) -> Bump:
        new = tonight.served
        files = {
            "models.yml": self.registry(new).encode(),
            f"tests/__recordings__/{new}/test_a/test_a.json": b"{}\n",
        }
        return Bump("claude", self.pin, new, files, going, Verdict("green", True))


@pytest.fixture
def month(github):
    return Month(github)


def test_a_month(github, month):
    # Nights 1-3: the alias answers from V2; the third green night in a row opens the bump.
    assert month.nights("green", "green") == [None, None]
    assert github.pulls() == []
    opened = month.night()
    assert opened.startswith("Opened pull request #")
    (first,) = (pull["number"] for pull in github.pulls())

    # Nights 4-5: one green, one red. It becomes a draft, with one comment that says why.
    month.night()
    assert "a draft" in month.night("red")
    assert month.pulls() == [f"{first} draft"]
    assert len(github.comments(first)) == 1

    # Nights 6-12: a week of outage turns nothing red and nothing green.
    assert month.nights(*["inconclusive"] * 7) == [None] * 7
    assert month.pulls() == [f"{first} draft"]
    assert len(github.comments(first)) == 1

    # Nights 13-15: three greens anew bring it back.
    month.nights("green", "green", "green")
    assert month.pulls() == [f"{first} open"]

    # A person has looked and does not want V2. Night 16 notes it; night 17 stays silent.
    github.close(first)
    assert "closed #" in month.night()
    month.night()
    assert month.pulls() == [f"{first} closed"]

    # Night 18: somebody ticks its box, and it is proposed again.
    month.tick("want")
    assert month.night().startswith("Opened pull request #")
    second = github.pulls()[-1]["number"]

    # Night 19: a person commits on the branch; from then on it is theirs, said once.
    theirs = github.commit({"prompts/system.txt": "Be brief."}, "modelpin/claude")
    assert "not the bot's" in month.night()
    assert github.head("modelpin/claude") == theirs
    month.night()
    assert len(github.comments(second)) == 1
    labels = {label["name"] for label in github.pulls()[-1]["labels"]}
    assert "two things at once" in labels

    # They merge it. Night 21: the pin is what answers; there is nothing to do.
    month.merge(second, V2)
    assert month.night() is None
    assert github.files()["models.yml"].decode() == month.registry(V2)

    # Nights 22-24: the alias rolls over a second time; the third green opens the next bump.
    month.served = V3
    month.nights("green", "green")
    assert month.night().startswith("Opened pull request #")
    third = github.pulls()[-1]["number"]
    assert month.pulls() == [f"{first} closed", f"{second} merged", f"{third} open"]
    month.merge(third, V3)

    # V3 disappoints in production: rolled back, and not proposed again (nights 25-28).
    month.pin, month.previous = V2, V1
    github.commit({"models.yml": month.registry(V2)})
    ledger = BranchLedger(github.connect())
    ledger.decide(Decision("claude", V3, "no", "rolled back on 2026-11-24"))
    month.nights("green", "green")
    assert "rolled back" in month.night()
    month.night()
    assert len(github.pulls()) == 3

    # Nights 29-30: the pin's retirement has come within 90 days, and one issue says so.
    titles = [issue["title"] for issue in github.issues()]
    assert titles == ["Model pins"]
    month.nights("green", "green")
    assert month.today == date(2026, 11, 30)

    # The books.
    dashboard, alarm = github.issues()
    assert "●●●" in dashboard["body"]
    assert "retires in 89 days" in alarm["body"]
    assert month.pulls() == [f"{first} closed", f"{second} merged", f"{third} merged"]
    assert [len(github.comments(number)) for number in (first, second, third)] == [1, 1, 0]
    assert github.files(BRANCH)["claude.jsonl"].count(b"\n") == 30
    assert list(unwanted(BranchLedger(github.connect()).decisions("claude"))) == [V3]
    # Requests: of a quiet night, of the dearest one, and of the month.
    assert (min(month.costs), max(month.costs), sum(month.costs)) == (12, 31, 517)


def test_an_alias_that_rolls_over_under_an_open_bump_closes_it_and_starts_over(github, month):
    month.nights("green", "green", "green")
    month.served = V3
    assert "answers from" in month.night()
    assert month.pulls()[0].endswith("closed")
    month.night()
    assert month.night().startswith("Opened pull request #")
    assert github.pulls()[-1]["title"] == f"Move claude from {V1} to {V3}"


def test_a_streak_that_ends_between_commit_and_pull_request_leaves_nothing_open(github, month):
    month.nights("green", "green")
    github.fault("POST", "/pulls", status=403, message="not permitted to create pull requests")
    assert "is ready, but" in month.night()
    assert month.night("red") is None
    assert github.pulls() == []
    month.nights("green", "green")
    assert month.night().startswith("Opened pull request #")
    assert len(github.pulls()) == 1


def test_a_retirement_rings_once_and_is_counted_down(github, month):
    month.retires = date(2027, 1, 30)
    for left in (90, 89, 88):
        month.night()
        _, alarm = github.issues()
        assert f"retires in {left} days" in alarm["body"]
        assert alarm["state"] == "open"


def test_a_pin_that_was_put_back_by_hand_is_proposed_again_on_the_merged_branch(github, month):
    month.nights("green", "green", "green")
    month.merge(github.pulls()[0]["number"], V2)
    month.pin, month.previous = V1, None
    github.commit({"models.yml": month.registry(V1)})
    assert month.night().startswith("Opened pull request #")
    assert github.files("modelpin/claude")["models.yml"].decode() == month.registry(V2)
    assert github.person("GET", "/compare/main...modelpin/claude")["behind_by"] == 0
