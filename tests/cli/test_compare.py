"""`pytest-modelpin compare` on files, as a shell would call it."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_modelpin.cli.command_parser import command_of
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.results.case import Answer, Call, Case, Outcome, Sample
from pytest_modelpin.results.report_file import read, write
from pytest_modelpin.results.run import Asked, Run

PIN = "gpt-4o-2024-08-06"
NEXT = "gpt-4o-2024-11-20"


def suite(which: str, outcome: Outcome = "passed", text: str = "It is $42.") -> Run:
    served = PIN if which == "production" else NEXT
    reply = Reply(text=text, usage=Usage(9, 3), served_model=served, provider="openai")
    sample = Sample(outcome, calls=(Call("gpt", reply, which == "candidate", 1.0),))
    cases = tuple(Case(f"case{n}", (sample,), models=("gpt",)) for n in range(3))
    return Run({"gpt": Asked("gpt", PIN, which, served, "all", (served,))}, cases)


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(suite("production"), tmp_path / "production.json")
    write(suite("candidate"), tmp_path / "green.json")
    write(suite("candidate", "failed", "It is $420."), tmp_path / "red.json")
    write(suite("candidate", "lost"), tmp_path / "lost.json")
    return tmp_path


def command(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command_of("compare").add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["compare", *arguments])
    return int(parsed.run(parsed))


@pytest.mark.usefixtures("reports")
@pytest.mark.parametrize(
    ("candidate", "code", "said"),
    [("green.json", 0, "GREEN"), ("red.json", 3, "INCONCLUSIVE"), ("lost.json", 3, "INCONCLUSIVE")],
)
def test_the_exit_code_is_the_verdicts(
    candidate: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("production.json", candidate) == code
    assert capsys.readouterr().out.startswith(said)


@pytest.mark.usefixtures("reports")
def test_findings_and_figures_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    command("production.json", "red.json")
    printed = capsys.readouterr().out
    assert "number" in printed
    assert "Output tokens a sample" in printed


@pytest.mark.usefixtures("reports")
def test_json_holds_verdict_and_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    command("production.json", "red.json", "--json")
    data = json.loads(capsys.readouterr().out)
    assert data["verdict"]["colour"] == "inconclusive"  # flagged, and nobody asked again
    assert data["verdict"]["flagged"] == ["case0", "case1", "case2"]
    assert data["comparison"]["cases"][0]["drifts"][0]["kind"] == "number"


def test_json_is_strict_whatever_the_answers_hold(
    reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for which, score in (("production", 0.5), ("candidate", float("nan"))):
        run = suite(which)
        odd = Sample(
            "passed",
            calls=run.cases[0].samples[0].calls,
            answers=(Answer("s", None, {"score": score, "name": "\ud800"}),),
        )
        cases = (replace(run.cases[0], samples=(odd,)), *run.cases[1:])
        write(replace(run, cases=cases), reports / f"{which}.json")
    command("production.json", "candidate.json", "--json")
    printed = capsys.readouterr().out
    assert printed.isascii()
    (case, *_) = json.loads(printed, parse_constant=pytest.fail)["comparison"]["cases"]
    assert case["drifts"]


@pytest.mark.usefixtures("reports")
def test_the_same_reports_print_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    command("production.json", "red.json", "--json")
    first = capsys.readouterr().out
    command("production.json", "red.json", "--json")
    assert capsys.readouterr().out == first


def test_the_settings_of_models_yml_apply(reports: Path) -> None:
    (reports / "models.yml").write_text(
        f"models:\n  gpt:\n    production: {PIN}\n    staging: gpt-4o\n"
        'settings:\n  max_token_increase: 0.1\n  ignore: ["number"]\n'
    )
    write(suite("candidate", text="It is $42. " * 9), reports / "long.json")
    assert command("production.json", "long.json") == 0
    longer = suite("candidate")
    samples = tuple(
        replace(
            case,
            samples=tuple(
                replace(
                    sample,
                    calls=tuple(
                        replace(call, reply=replace(call.reply, usage=Usage(90, 3)))
                        for call in sample.calls
                    ),
                )
                for sample in case.samples
            ),
        )
        for case in longer.cases
    )
    write(replace(longer, cases=samples), reports / "dear.json")
    assert command("production.json", "dear.json") == 1


def test_parts_are_merged_into_one_report(reports: Path) -> None:
    whole = suite("candidate")
    for number in range(3):
        write(replace(whole, cases=whole.cases[number : number + 1]), reports / f"{number}.json")
    assert command("--merge", "0.json", "1.json", "2.json", "-o", "merged.json") == 0
    assert read(reports / "merged.json").cases == whole.cases


@pytest.mark.usefixtures("reports")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["production.json"], "Two run reports"),
        (["--merge", "production.json"], "-o run.json"),
        (["production.json", "absent.json"], "absent.json"),
        (["production.json", "green.json", "--name", "claude"], "it names: gpt"),
    ],
)
def test_wrong_usage_is_one_sentence(arguments: list[str], said: str) -> None:
    with pytest.raises(ModelpinError, match=said):
        command(*arguments)


def test_several_models_tried_at_once_ask_for_a_name(reports: Path) -> None:
    run = suite("candidate")
    both = {"gpt": run.selection["gpt"], "mini": replace(run.selection["gpt"], name="mini")}
    write(replace(run, selection=both), reports / "both.json")
    with pytest.raises(ModelpinError, match="--name NAME"):
        command("production.json", "both.json")


@pytest.mark.usefixtures("reports")
def test_several_candidates_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("production.json", "green.json", "red.json") == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("candidate")
    assert [row.split()[1] for row in rows] == ["green", "inconclusive"]


@pytest.mark.usefixtures("reports")
def test_the_one_to_set_is_named_among_those_not_inferior(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command("production.json", "red.json", "green.json", "--pick", "best", "--json") == 0
    assert json.loads(capsys.readouterr().out)["picked"] == NEXT
    assert command("production.json", "red.json", "--pick", "best") == 1
    assert (
        "best of those within the margin: none, since none of them is green"
        in capsys.readouterr().out
    )


@pytest.mark.usefixtures("reports")
def test_a_comparison_says_what_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    command("production.json", "green.json")
    assert "refusals: as on the pin" in capsys.readouterr().out


def test_diff_asks_which_model_is_meant_only_where_several_have_a_candidate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one = f"  {{}}: {{{{production: {PIN}, staging: {NEXT}}}}}\n"
    (tmp_path / "models.yml").write_text(f"models:\n{one.format('a')}{one.format('b')}")
    parser = argparse.ArgumentParser()
    command_of("diff").add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["diff"])
    with pytest.raises(ModelpinError, match=r"Name the logical model: .* These have one: a, b\."):
        parsed.run(parsed)


def test_a_page_that_cannot_be_written_says_what_to_name(reports: Path) -> None:
    (reports / "file").write_text("")
    with pytest.raises(ModelpinError, match="Name another place with --html"):
        command("production.json", "green.json", "--html", "file/page.html")
