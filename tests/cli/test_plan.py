"""`plan`: what a night would take, before it; read from recordings, and nothing is sent."""

import json

import pytest

from pytest_modelpin import demo
from pytest_modelpin.cli.plan import _columns

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


def test_columns_stay_apart():
    assert "unknown  1,234.5" in _columns(("auto *", "1,234", "unknown", "1,234.5", *["x"] * 3))
