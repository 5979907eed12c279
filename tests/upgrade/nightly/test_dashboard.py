"""The dashboard issue, and the page of one night."""

import dataclasses
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.alarms.alarm import Alarm
from pytest_modelpin.alarms.status import Status
from pytest_modelpin.errors import ForgeError
from pytest_modelpin.forge.pulls_and_issues import Pull
from pytest_modelpin.ledger.decision import Decision, accepted_cases, unwanted
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.upgrade.nightly.dashboard import (
    Overview,
    carry_out_ticks,
    read_dashboard,
    render,
    survey,
    write_dashboard,
)
from pytest_modelpin.upgrade.nightly.github_status import read_wishes
from pytest_modelpin.upgrade.nightly.shared_names import project_of
from pytest_modelpin.upgrade.proposal import Marker, PinMove, Tick, keep, mark, ticked

ROW = Status(
    name="claude",
    pin="claude-sonnet-4-5-20250929",
    kind="pinned",
    overridden=None,
    candidate="claude-sonnet-4-5",
    served="claude-sonnet-4-5-20251101",
    last_validated=date(2026, 11, 2),
    streak=2,
    needed=3,
    verdict="green",
    last_night=date(2026, 11, 20),
    retires=date(2026, 11, 30),
    retires_in_days=10,
    run_url="https://github.com/acme/app/actions/runs/7",
)
PULL = Pull(
    12, "https://github.com/acme/app/pull/12", "n", "t", "", "main", "modelpin/claude", "s", "a",
    True, False, False, frozenset(),
)  # fmt: skip
PINS = Pins({"claude": Model("claude", "v1")}, Settings(), Path("models.yml"))
WORDS = st.text(min_size=1, max_size=20)
HOSTILE = "@octocat fixes #1 | <b>\n- [x] <!-- rollback claude -->"


MOVE = mark(Marker((PinMove("claude", "v2", "v1"),)))


@pytest.fixture
def overview():
    def build(**fields) -> Overview:
        refused = Decision("claude", "v2", "no", "closed #3 unmerged")
        plain = Overview(
            rows=(ROW,),
            unwanted={"claude": {"v2": refused}},
            previous={"claude": "claude-sonnet-4-20250514"},
            day=date(2026, 11, 20),
        )
        return dataclasses.replace(plain, **fields)

    return build


class TestText:
    @pytest.mark.parametrize(
        "shown",
        [
            "**claude**",
            "`claude-sonnet-4-5-20250929`",
            "`claude-sonnet-4-5`",
            "`claude-sonnet-4-5-20251101`",
            "2026-11-02",
            "[🟢 green](https://github.com/acme/app/actions/runs/7) ●●○<br>2026-11-20",
            "⏳ **2026-11-30 (10 days)**",
            "[#12](https://github.com/acme/app/pull/12)",
        ],
    )
    def test_a_row_shows(self, overview, shown):
        assert shown in render(overview(pulls={"claude": PULL}))

    @pytest.mark.parametrize(
        ("fields", "shown"),
        [
            ({"served": None}, "- Served: unknown\n"),
            ({"last_validated": None}, "- Validated: never\n"),
            ({"verdict": None}, "| none yet |"),
            ({"retires": None, "retires_in_days": None}, "no date known"),
            ({"retires_in_days": -3}, "**retired** on 2026-11-30"),
            ({"retires_in_days": 1}, "(1 day)"),
            ({"overridden": "x"}, "overridden by the environment"),
            ({"served_retires": date(2027, 1, 2)}, "1101` (retires 2027-01-02)"),
        ],
    )
    def test_what_is_missing_is_said(self, overview, fields, shown):
        assert shown in render(overview(rows=(dataclasses.replace(ROW, **fields),)))

    def test_the_last_night_says_why_what_it_cost_and_where_the_rest_is(self, overview):
        row = dataclasses.replace(ROW, reasons=("`a` is worse.", "And more."), cost_usd=0.1234)
        assert (
            "- Last night: `a` is worse. · <span>$</span>0.12 "
            f"· [run]({ROW.run_url}) · [report]({ROW.run_url}#artifacts)\n"
        ) in render(overview(rows=(row,)))

    def test_no_cell_of_the_first_table_is_wide(self, overview):
        table = render(overview(pulls={"claude": PULL})).split("\n\n")[1]
        shown = [re.sub(r"\]\(.*?\)|[`*\[]", "", line) for line in table.splitlines()]
        assert max(map(len, shown)) < 80

    def test_of_many_models_only_the_red_ones_are_unfolded(self, overview):
        red = dataclasses.replace(ROW, name="red", verdict="red")
        text = render(overview(rows=(ROW, ROW, red, ROW)))
        assert re.findall(r"<details open><summary><code>(\w+)", text) == ["red"]
        assert text.count("<details>") == 3

    def test_an_open_pull_request_can_be_made_anew_and_ignored_from_here(self, overview):
        marked = dataclasses.replace(
            PULL, body=mark(Marker((PinMove("claude", ROW.pin, "claude-sonnet-4-5-20251101"),)))
        )
        text = render(overview(pulls={"claude": marked}))
        assert ticked(text.replace("[ ]", "[x]"))[1:3] == (
            Tick("again", "claude"),
            Tick("ignore", "claude", "claude-sonnet-4-5-20251101"),
        )

    def test_alarms_are_listed(self, overview):
        alarm = Alarm("retiring", "urgent", "claude", "It retires soon.", "Do this.")
        assert "- 🔴 **claude**: It retires soon. Do this." in render(overview(alarms=(alarm,)))
        assert "### Alarms" not in render(overview())

    def test_ignored_versions_are_listed(self, overview):
        assert "- claude: `v8`, `v9`" in render(overview(ignored={"claude": ("v9", "v8")}))

    def test_all_boxes_are_empty_at_first(self, overview):
        text = render(overview())
        assert text.count("- [ ] ") == 3
        assert ticked(text) == ()

    def test_a_rollback_is_offered_only_where_there_is_a_version_before(self, overview):
        assert "Roll " not in render(overview(previous={}))

    def test_many_models_stay_within_githubs_limit(self, overview):
        assert len(render(overview(rows=(ROW,) * 1000))) <= 65_536

    def test_hostile_names_stay_within_their_row_and_tick_nothing(self, overview):
        row = dataclasses.replace(ROW, name=HOSTILE, served=HOSTILE, candidate=HOSTILE)
        text = render(overview(rows=(row,), previous={HOSTILE: HOSTILE}))
        assert ticked(text) == ()
        prose = re.sub(r"(`+).*?\1|<code>.*?</code>", "", text)
        assert "@octocat" not in prose
        assert "fixes #1" not in prose


class TestTicks:
    def tick(self, text: str, words: str) -> str:
        return text.replace(f"- [ ] <!-- {words} -->", f"- [x] <!-- {words} -->")

    def test_ticked_boxes_are_read(self, overview):
        text = render(overview())
        for words in ("retry claude", "want claude v2", "rollback claude"):
            text = self.tick(text, words)
        assert ticked(text) == (
            Tick("retry", "claude"),
            Tick("want", "claude", "v2"),
            Tick("rollback", "claude"),
        )

    def test_a_body_saved_by_a_browser_is_read_too(self, overview):
        text = self.tick(render(overview()), "retry claude").replace("\n", "\r\n")
        assert ticked(text.replace("[x]", "[X]")) == (Tick("retry", "claude"),)

    def test_what_else_a_person_wrote_is_passed_over(self):
        assert ticked("- [x] buy milk\n- [x] <!-- drop tables -->\n<!-- retry claude -->") == ()

    @given(st.builds(Tick, st.just("want"), WORDS, WORDS))
    def test_any_name_and_version_survive_the_way_through_a_box(self, tick):
        refused = {tick.name: {tick.version: Decision(tick.name, tick.version, "no", "x")}}
        row = dataclasses.replace(ROW, name=tick.name, candidate=None)
        text = render(Overview((row,), unwanted=refused))
        assert ticked(keep(text, [tick])) == (tick,)


@pytest.mark.counterpart
class TestIssue:
    def test_there_is_one_issue(self, github, overview):
        for _ in range(2):
            write_dashboard(github.connect(), overview())
        (issue,) = github.issues()
        assert issue["title"] == "Model pins"
        assert [label["name"] for label in issue["labels"]] == ["model-pin-dashboard"]

    def test_nothing_is_sent_where_nothing_has_changed(self, github, overview):
        write_dashboard(github.connect(), overview())
        github.log.clear()
        write_dashboard(github.connect(), overview())
        assert github.log == [("GET", f"/repos/{github.name}/issues")]

    def test_it_is_kept_current(self, github, overview):
        write_dashboard(github.connect(), overview())
        write_dashboard(github.connect(), overview(day=date(2026, 11, 21)))
        assert "2026-11-21" in github.issues()[0]["body"]

    def test_a_tick_is_read_obeyed_and_cleared(self, github, overview, ledger):
        ledger().decide(Decision("claude", "v2", "no", "closed #3 unmerged"))
        write_dashboard(github.connect(), overview())
        body = github.issues()[0]["body"].replace("[ ]", "[x]")
        github.person("PATCH", "/issues/1", {"body": body})
        ticks = ticked(read_dashboard(github.connect()).body)
        assert carry_out_ticks(ticks, ledger()) == (
            Tick("retry", "claude"),
            Tick("rollback", "claude"),
        )
        assert unwanted(ledger().decisions("claude")) == {}
        write_dashboard(github.connect(), overview(unwanted={}), handled=ticks)
        assert ticked(github.issues()[0]["body"]) == ()

    def test_a_tick_made_meanwhile_is_kept_for_the_next_run(self, github, overview):
        write_dashboard(github.connect(), overview())
        body = github.issues()[0]["body"].replace("[ ]", "[x]", 1)
        github.person("PATCH", "/issues/1", {"body": body})
        write_dashboard(github.connect(), overview(day=date(2026, 11, 21)))
        assert ticked(github.issues()[0]["body"]) == (Tick("retry", "claude"),)

    def test_a_ticked_box_accepts_the_changes_it_was_shown_with(
        self, github, overview, ledger, night
    ):
        ledger().append(night(served="v2", held=("tests/test_a.py::test_a",)))
        row = dataclasses.replace(ROW, served="v2")
        shown = survey(github.connect(), ledger(), PINS, [row])
        assert "Accept what `v2` changed" in render(shown)
        ticks = ticked(render(shown).replace("[ ] <!-- accept", "[x] <!-- accept"))
        assert carry_out_ticks(ticks, ledger()) == ()
        assert accepted_cases(ledger().decisions("claude"), "v2") == {"tests/test_a.py::test_a"}
        assert "Accept what" not in render(survey(github.connect(), ledger(), PINS, [row]))

    def test_what_came_after_the_box_was_shown_is_not_accepted_with_it(self, github, ledger, night):
        ledger().append(night(served="v2", held=("tests/test_a.py::test_a",)))
        row = dataclasses.replace(ROW, served="v2")
        text = render(survey(github.connect(), ledger(), PINS, [row]))
        ticks = ticked(text.replace("[ ] <!-- accept", "[x] <!-- accept"))
        later = night("2026-11-21", served="v2", held=("tests/test_b.py::test_b",))
        ledger().append(later)
        carry_out_ticks(ticks, ledger())
        assert ledger().decisions("claude") == ()

    def test_a_version_that_is_ignored_is_not_proposed_again(self, ledger):
        assert carry_out_ticks([Tick("ignore", "claude", "v7")], ledger()) == ()
        assert unwanted(ledger().decisions("claude"))["v7"].because == "ticked on the dashboard"

    def test_a_tick_for_a_version_nobody_refused_changes_nothing(self, ledger):
        assert carry_out_ticks([Tick("want", "claude", "v7")], ledger()) == ()
        assert ledger().decisions("claude") == ()

    def test_one_that_a_person_closed_stays_closed_and_current(self, github, overview):
        write_dashboard(github.connect(), overview())
        github.person("PATCH", "/issues/1", {"state": "closed"})
        write_dashboard(github.connect(), overview(day=date(2026, 11, 21)))
        (issue,) = github.issues()
        assert issue["state"] == "closed"
        assert "2026-11-21" in issue["body"]

    def test_a_lost_answer_opens_no_second_one(self, github, overview):
        github.fault("POST", "/issues", after=True)
        with pytest.raises(ForgeError, match="may have taken effect"):
            write_dashboard(github.connect(), overview())
        write_dashboard(github.connect(), overview())
        assert len(github.issues()) == 1

    def test_a_strangers_issue_is_none_whoever_labelled_it(self, github, overview, ledger):
        ledger().decide(Decision("claude", "v2", "no", "closed #3 unmerged"))
        forged = {"title": "Model pins", "body": "- [x] <!-- want claude v2 -->"}
        github.person("POST", "/issues", forged | {"labels": ["model-pin-dashboard"]}, "octocat")
        assert read_wishes(github.connect(), ledger()) == ((), ())
        assert "v2" in unwanted(ledger().decisions("claude"))
        assert write_dashboard(github.connect(), overview()).number == 2

    def test_of_two_opened_at_once_one_stays_open(self, github, overview):
        def faster():
            write_dashboard(github.connect(), overview())

        github.fault("POST", "/issues", action=faster)
        write_dashboard(github.connect(), overview())
        assert [issue["state"] for issue in github.issues()] == ["open", "closed"]
        assert write_dashboard(github.connect(), overview()).number == 1

    def test_issues_that_are_switched_off_are_one_line(self, github, overview):
        github.fault("POST", "/issues", status=410, message="Issues are disabled for this repo")
        with pytest.raises(ForgeError, match="settings#features"):
            write_dashboard(github.connect(), overview())


def test_a_rollback_that_is_open_is_shown_and_has_no_box_that_only_a_bump_obeys(overview):
    """Ticked, it closed nothing, and kept the version that the pin was to go back to away."""
    going_back = dataclasses.replace(PULL, branch="modelpin/claude-rollback", body=MOVE)
    text = render(overview(pulls={"claude": going_back}))
    assert "[#12](https://github.com/acme/app/pull/12)" in text
    assert "#12 anew" not in text
    assert "Close #12" not in text


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_a_bump_and_a_rollback_the_bump_is_shown(monkeypatch, newest_first, tmp_path):
    going_back = dataclasses.replace(PULL, number=11, branch="modelpin/claude-rollback", body=MOVE)
    pulls = [dataclasses.replace(PULL, body=MOVE), going_back]
    found = pulls if newest_first else pulls[::-1]
    monkeypatch.setattr("pytest_modelpin.upgrade.nightly.dashboard.open_pulls", lambda _: found)
    shown = survey(None, FolderLedger(tmp_path), PINS, ()).pulls
    assert shown["claude"].number == 12


@pytest.mark.counterpart
def test_each_project_of_a_repository_has_a_dashboard_of_its_own(github, overview, ledger):
    """They shared one, and each night wrote it anew without the other's pins and boxes."""
    other = "triage/models.yml"
    for _ in range(2):
        write_dashboard(github.connect(), overview())
        write_dashboard(github.connect(), overview(project=other))
    first, second = github.issues()
    assert (first["title"], second["title"]) == ("Model pins", "Model pins: triage/models.yml")
    body = second["body"].replace("- [ ] <!-- retry", "- [x] <!-- retry")
    github.person("PATCH", "/issues/2", {"body": body})
    assert read_wishes(github.connect(), ledger()) == ((), ())
    ticks, _ = read_wishes(github.connect(), ledger(), other)
    assert [tick.wish for tick in ticks] == ["retry"]


def test_a_models_yml_at_the_top_is_the_repositorys():
    assert [project_of(file) for file in ("", "models.yml", "config/models.yml")] == ["", "", ""]
    assert project_of("triage/models.yml") == "triage/models.yml"
