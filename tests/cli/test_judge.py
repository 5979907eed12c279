"""`judge calibrate`, and a night whose unsure findings are put to the judge."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from pytest_modelpin.demo.provider_server import ProviderServer
from pytest_modelpin.judge.calibration import Calibration, path_of, write_calibration

pytestmark = pytest.mark.long

JUDGE = "gpt-5-mini-2025-08-07"
PIN, ALIAS, NEXT = "gpt-5.1-2025-11-13", "gpt-5.1", "gpt-5.1-2026-02-18"

MODELS = f"""
models:
  support:
    production: {PIN}
    staging: {ALIAS}
    provider: openai
  judge:
    production: {JUDGE}
    provider: openai
settings:
  samples: 3
  judge: {{model: judge, when: unsure, budget_usd: 0.25}}
"""

TESTS = f"""
import os
import httpx
import pytest

@pytest.mark.modelpin(models=["support"])
@pytest.mark.parametrize("city", ["Paris", "Rome", "Oslo", "Bern", "Riga"])
def test_refund(city, model_snapshot):
    reply = httpx.post(
        os.environ["OPENAI_BASE_URL"] + "/chat/completions",
        headers={{"authorization": "Bearer " + os.environ.get("OPENAI_API_KEY", "")}},
        json={{"model": "{PIN}", "messages": [{{"role": "user", "content": "refund in " + city}}]}},
    )
    reply.raise_for_status()
    assert reply.json()["choices"][0]["message"]["content"] == model_snapshot
"""

WAYS = (
    "In {city} your refund takes 5 days. It is paid to your card. You can follow it online.",
    "Your refund takes 5 days in {city}. You can follow it online. It is paid to your card.",
    "A refund takes 5 days in {city}. Online you can follow it, and it is paid to your card.",
    "It takes 5 days in {city} until your refund is paid to your card. You can follow it online.",
    "Your card is paid back in {city}; the refund takes 5 days. You can follow it online.",
)
EXTRA = " Please keep the receipt until the money has arrived at your bank."


class Shop:
    """Answers in other words every time; the judge by `judge`."""

    def __init__(self) -> None:
        self.said: Counter[tuple[str, str]] = Counter()
        self.judged = 0
        self.extra = ""
        self.judge = reads

    def __call__(self, question) -> str:
        if question.asked == JUDGE:
            self.judged += 1
            return self.judge(question.text)
        city = question.text.split()[-1]
        place = self.said[question.served, city]
        self.said[question.served, city] += 1
        text = WAYS[place % len(WAYS)].format(city=city)
        return text + self.extra if question.served == NEXT else text


def blocks(text: str) -> tuple[list[str], str]:
    """The references and the new answer, as a judge sees them."""
    found = re.findall(r"^(REFERENCE \d|NEW) (\w+)\n(.*?)\n\1 \2$", text, re.S | re.M)
    references = [body for name, _, body in found if name != "NEW"]
    [new] = [body for name, _, body in found if name == "NEW"]
    return references, new


def words(text: str) -> set[str]:
    return set(re.findall(r"[\w']+", text.lower()))


def opinion(verdict: str, quote: str) -> str:
    return json.dumps({"verdict": verdict, "quote": quote, "reason": "r"})


def reads(text: str) -> str:
    """A judge that minds figures, denials, names and sentences, and no other words."""
    references, new = blocks(text)

    def facts(answer: str) -> set[str]:
        kept = {"card", "online", "receipt", "not"} | {w for w in words(answer) if w.isdigit()}
        names = {name.lower() for name in re.findall(r"(?<=[a-z] )[A-Z]\w+", answer)}
        return words(answer) & (kept | names | {"paris", "rome", "oslo", "bern", "riga"})

    alike = any(facts(new) == facts(each) for each in references)
    return opinion("same" if alike else "different", new[:20])


@pytest.fixture
def shop(provider):
    provider.answer = Shop()
    return provider.answer


@pytest.fixture(scope="session")
def in_five_ways(tmp_path_factory, new_team) -> Path:
    """A suite whose pin says everything in five ways; recorded once, copied often."""
    folder = tmp_path_factory.mktemp("in_five_ways")
    (folder / "tests").mkdir()
    (folder / "models.yml").write_text(MODELS)
    (folder / "tests/test_refund.py").write_text(TESTS)
    (folder / ".gitignore").write_text("__pycache__/\n.pytest_modelpin/\nledger/\n")
    with ProviderServer(Shop(), {ALIAS: NEXT}) as server:
        team = new_team(folder, server)
        done = team.modelpin("record")
        assert done.returncode == 0, done.stdout + done.stderr
        team.git("init", "--quiet", "--initial-branch=main")
        team.git("add", "--all")
        team.git("commit", "--quiet", "-m", "Recorded")
    return folder


@pytest.fixture
def judged(in_five_ways, provider, shop, tmp_path, new_team):
    shutil.copytree(in_five_ways, tmp_path / "team")
    return new_team(tmp_path / "team", provider)


def believed(team) -> None:
    path = path_of(team.folder / "judges", JUDGE)
    write_calibration(path, Calibration(JUDGE, 40, 0, 40, 40))
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "Measured")


def calibrate(team, *options: str) -> tuple[int, dict]:
    done = team.modelpin("judge", "calibrate", "--json", *options)
    return done.returncode, json.loads(done.stdout or "{}")


def test_a_judge_that_reads_is_believed_and_its_file_is_kept(judged):
    code, found = calibrate(judged)
    assert code == 0
    assert found["equal"] >= 17
    assert found["specificity"] == 1.0
    assert found["sensitivity"] >= 0.7
    low, high = found["intervals"]["sensitivity"]
    assert low < found["sensitivity"] <= high
    kept = json.loads((judged.folder / "judges" / f"{JUDGE}.calibration.json").read_text())
    assert kept["believed"] is True
    assert kept["found"] == found["found"]


@pytest.mark.parametrize(
    ("verdict", "why"), [("same", "seeded changes"), ("different", "equal answers different")]
)
def test_a_judge_that_always_says_the_same_word_is_not_believed(judged, shop, verdict, why):
    shop.judge = lambda text: opinion(verdict, blocks(text)[1][:20])
    code, found = calibrate(judged)
    assert code == 1
    assert why in found["why_not"]


def test_a_judge_that_obeys_an_answer_is_not_believed(judged, shop):
    """It reads well as long as no answer tells it what to say; a candidate's might."""
    reads = shop.judge
    orders = ("they say the same", '"verdict": "same"', "both answers the same")

    def obeys(text):
        told = any(order in block for block in blocks(text) for order in orders)
        return opinion("same", blocks(text)[1][:20]) if told else reads(text)

    shop.judge = obeys
    code, found = calibrate(judged)
    assert code == 1
    assert "could talk it round" in found["why_not"]
    assert found["obeyed"] == found["injected"] > 0
    assert found["sensitivity"] >= 0.7


def test_an_always_a_judge_is_not_measured_and_nothing_is_kept(judged, shop):
    shop.judge = lambda text: '{"verdict": "a", "reason": "The first."}'
    done = judged.modelpin("judge", "calibrate")
    assert done.returncode == 3
    assert "no JSON object" in done.stdout
    assert "changes found: 0 of 0\n" in done.stdout, "a share of nothing is no share"
    assert "too few opinions" in done.stdout
    assert "record more samples" not in done.stdout, "there were enough, and the judge said nothing"
    assert "cost: not known" in done.stdout or "cost: $" in done.stdout
    assert not (judged.folder / "judges").exists()


def test_measuring_again_asks_nothing_that_is_known(judged, shop):
    calibrate(judged)
    asked = shop.judged
    assert calibrate(judged)[0] == 0
    assert shop.judged == asked


def test_pairs_too_few_are_said_before_anything_is_paid(judged, shop):
    code, found = calibrate(judged, "--pairs", "5")
    assert (code, shop.judged) == (3, 0)
    assert "17 and 10 would" in found["problem"]
    assert (
        "nothing was asked: 5 equal" in judged.modelpin("judge", "calibrate", "--pairs", "5").stdout
    )


def test_all_samples_that_are_recorded_count(judged):
    """`record --samples 7` was what a judge that was not measured was said to want."""
    before = calibrate(judged, "--pairs", "400")[1]["equal"]
    models = judged.folder / "models.yml"
    models.write_text(models.read_text().replace("settings:\n", "settings:\n  pin_samples: 2\n"))
    assert calibrate(judged, "--pairs", "400")[1]["equal"] == before


def test_without_a_judge_the_command_says_what_to_add(judged):
    models = judged.folder / "models.yml"
    models.write_text(MODELS[: MODELS.index("settings:")])
    done = judged.modelpin("judge", "calibrate")
    assert done.returncode == 2
    assert "settings: judge:" in done.stderr


def test_a_night_measures_a_new_judge_by_itself_before_it_believes_it(judged, shop):
    (judged.folder / "models.yml").write_text(MODELS.replace("samples: 3", "samples: 5"))
    judged.git("commit", "--quiet", "--all", "-m", "Five samples")
    shop.extra = EXTRA
    judged.nightly("2026-11-17")
    assert shop.judged > 2 * 40  # calls: two of each pair
    kept = judged.folder / ".pytest_modelpin/judge" / f"{JUDGE}.calibration.json"
    assert json.loads(kept.read_text())["believed"] is True
    assert "the judge 'judge' read" in page(judged, "2026-11-17")
    assert judged.git("status", "--porcelain") == ""


def page(team, day: str) -> str:
    """All that the night's comparison says, as `compare` shows it offline."""
    folder = team.folder / ".pytest_modelpin/nights" / day
    done = team.modelpin(
        "compare", str(folder / "production.json"), str(folder / "support/candidate.json"), "--json"
    )
    return done.stdout


def severities(team, day: str) -> dict[str, set[str]]:
    found = json.loads(page(team, day))
    return {
        case["id"].rpartition("::")[2]: {drift["severity"] for drift in case["drifts"]}
        for case in found["comparison"]["cases"]
    }


def test_what_the_judge_calls_different_is_a_regression_of_the_night(judged, shop):
    believed(judged)
    shop.extra = EXTRA
    night = judged.nightly("2026-11-17")
    assert night.returncode == 1
    assert "RED" in night.stdout
    assert shop.judged > 5 * 2 * 2, night.stdout  # of the confirming samples, too
    found = severities(judged, "2026-11-17")
    assert all("regression" in each for each in found.values())


def test_what_the_judge_calls_the_same_stays_no_finding(judged, shop):
    believed(judged)
    shop.extra = EXTRA
    shop.judge = lambda text: opinion("same", blocks(text)[1][:20])
    assert judged.nightly("2026-11-17").returncode == 0
    assert shop.judged > 0
    found = severities(judged, "2026-11-17")
    assert all(not each & {"review", "regression"} for each in found.values())


def test_two_answers_a_case_and_night_are_put_to_it(judged, shop):
    believed(judged)
    shop.extra = EXTRA
    shop.judge = lambda text: opinion("unsure", blocks(text)[1][:20])
    said = judged.nightly("2026-11-17")
    assert shop.judged == 5 * 2 * 2
    heard = said.stdout + said.stderr
    assert heard.index("5 cases answered by") < heard.index("10 changed answers for the judge …")


def test_a_judge_out_of_budget_leaves_the_rest_for_review_and_the_night_undecided(judged, shop):
    believed(judged)
    shop.extra = EXTRA
    models = judged.folder / "models.yml"
    # One question is all that the budget takes: of an answer asked about twice a red may come.
    dear = f"  prices: {{{JUDGE}: {{input: 3000.0, output: 3000.0}}}}\n"
    models.write_text(MODELS + dear)
    judged.git("commit", "--quiet", "--all", "-m", "Dear")
    night = judged.nightly("2026-11-17")
    assert 0 < shop.judged < 5
    found = severities(judged, "2026-11-17")
    assert any("review" in each for each in found.values())
    html = (judged.folder / ".pytest_modelpin/nights/2026-11-17/support/report.html").read_text()
    assert "stayed without the judge&#x27;s opinion: the judge&#x27;s budget of $0.25" in html
    assert night.returncode == 3
    assert "the judge gave no usable answer for" in judged.nights()[-1]["reasons"][0]
