"""`plan`: what a night would take, before it; read from recordings, and nothing is sent."""

import json
from dataclasses import replace

import pytest

from pytest_modelpin import demo
from pytest_modelpin.cli import main
from pytest_modelpin.cli.plan import _columns, _Plan
from pytest_modelpin.ledger import Night
from pytest_modelpin.registry import load
from tests.cli.test_compare import NEXT, PIN, suite

PRICES = "settings:\n  samples: 2\n  prices:\n" + "".join(
    f"    {version}: {{input: 1.0, output: 4.0}}\n" for version in (demo.PIN, demo.NEXT)
)


@pytest.fixture
def priced(team):
    models = team.folder / "models.yml"
    models.write_text(models.read_text() + "\n" + PRICES)
    team.server.close()
    return team


@pytest.mark.long
def test_the_table_fits_a_terminal_and_names_the_cheapest(priced):
    done = priced.modelpin("plan")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("support: 4 cases; pin ")
    assert max(map(len, lines)) <= 80
    assert lines[0].endswith(" sample of each")
    assert lines[1] == f"candidate {demo.ALIAS}; its price is known once it has answered"
    assert "      2 * " in done.stdout
    assert "     0.0 " not in done.stdout, "no night takes no time"
    unpriced = priced.folder / "models.yml"
    unpriced.write_text(unpriced.read_text().replace(PRICES, ""))
    narrow = priced.modelpin("plan", COLUMNS="80")
    assert max(map(len, narrow.stdout.splitlines())) <= 80, narrow.stdout
    assert "Cheapest until a bump: `samples: " in lines[-1]


@pytest.mark.long
def test_a_script_reads_what_a_person_does(priced):
    done = priced.modelpin("plan", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)["support"]
    assert (plan["cases"], plan["nights_so_far"]) == (4, 0)
    by_samples = {option["samples"]: option for option in plan["options"]}
    assert list(by_samples) == [2, "auto", 1, 3, 5, 8]
    assert by_samples[2]["calls"] == 8  # every case calls once and passes always
    assert by_samples[8]["calls"] == 32
    drops = [by_samples[samples]["drop"] for samples in (1, 2, 3, 5, 8)]
    assert drops == sorted(drops, reverse=True)
    assert by_samples["auto"]["nights"] == 3


@pytest.mark.long
def test_a_suite_without_recordings_says_what_to_run(priced):
    for path in (priced.folder / "tests" / "__recordings__").rglob("*.json"):
        path.unlink()
    done = priced.modelpin("plan")
    assert done.returncode == 2
    assert "pytest-modelpin record" in done.stderr


def test_a_suite_of_which_nothing_is_recorded_is_not_even_run(tmp_path, monkeypatch, capsys):
    """It may take half an hour, and hold no answer to plan with."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.yml").write_text(
        f"models:\n  gpt:\n    production: {PIN}\n    staging: gpt-4o\n"
    )
    (tmp_path / "test_a.py").write_text(
        "import pathlib\ndef test_a(): pathlib.Path('ran').touch()\n"
    )
    assert main(["plan"]) == 2
    assert "pytest-modelpin record" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()


def test_of_a_candidate_that_the_pin_itself_serves_no_nights_are_counted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.yml").write_text(
        f"models:\n  gpt:\n    production: {PIN}\n    staging: gpt-4o\n"
    )
    served = Night("2026-01-02", "gpt", PIN, "gpt-4o", PIN, "f", "green")
    pins = load(tmp_path / "models.yml")
    plan = _Plan(pins, pins.models["gpt"], suite("production"), [served], [])
    (said,) = plan.lines()
    assert f"the candidate gpt-4o is served by the pin itself ({PIN})" in said
    assert "nothing to move" in said
    assert "set `staging:`" in said
    told = plan.as_json()
    assert told["nothing_to_move"]
    assert told["cheapest"] is None
    assert {option["nights"] for option in told["options"]} == {None}
    moved = _Plan(pins, pins.models["gpt"], suite("production"), [replace(served, served=NEXT)], [])
    assert not moved.as_json()["nothing_to_move"]
    assert (
        "Cheapest until a bump" in " ".join(moved.lines()) or "None of these" in moved.lines()[-1]
    )


def test_columns_stay_apart():
    assert "unknown  1,234.5" in _columns(("auto *", "1,234", "unknown", "1,234.5", *["x"] * 3))
