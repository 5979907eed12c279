"""How near a live night comes to what its provider allows: `python benchmarks/lookahead.py`.

Plain, synchronous tests of one call each run against the embedded provider, in a process of its
own, with 2 seconds a reply. Written into docs/lookahead.md; `--quick` measures less and writes
nothing. Exits with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pytest_modelpin.demo.provider_server import ProviderServer

LATENCY = 2.0  # seconds
JOBS = 50
PIN = "gpt-4o-2024-08-06"
DOCUMENT = Path(__file__).parent.parent / "docs" / "lookahead.md"

MODELS = f"models:\n  support:\n    production: {PIN}\n    staging: gpt-4o\n    provider: openai\n"
TESTS = f"""
import os
import httpx
import pytest

CLIENT = httpx.Client(timeout=60)

@pytest.mark.parametrize("number", range({{tests}}))
def test_answer(number):
    message = {{{{"role": "user", "content": f"Question {{{{number}}}}?"}}}}
    reply = CLIENT.post(
        os.environ["PROVIDER_URL"] + "/v1/chat/completions",
        headers={{{{"authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}}}},
        json={{{{"model": "{PIN}", "messages": [message]}}}},
    )
    reply.raise_for_status()
    assert reply.json()["choices"][0]["message"]["content"] == f"Question {{{{number}}}}?"
"""


@dataclass(frozen=True)
class Measured:
    """One run of pytest against the provider."""

    seconds: float
    """From the first request to the last test's end, as the run report has it."""
    megabytes: float
    passed: int
    lost: int
    requests: int
    refused: int
    accepted_span: float
    """Seconds from the first accepted request to the last."""
    notes: list[str]


def provide(line: Connection, latency: float, rate: int | None) -> None:
    """Run the provider until told to stop; then send when each accepted request arrived."""
    accepted: list[float] = []

    def answer(question: Any) -> str:
        accepted.append(time.monotonic())
        return str(question.text)

    aliases = {"gpt-4o": "gpt-4o-2024-11-20"}
    with ProviderServer(answer, aliases=aliases) as server:
        line.send(server.url)
        line.recv()
        server.latency, server.rate_limit = latency, rate
        server.requests.clear()
        accepted.clear()
        line.send(None)
        line.recv()
        refused = sum(request.status == 429 for request in server.requests)
        line.send((len(server.requests), refused, accepted[-1] - accepted[0] if accepted else 0.0))


def measure(
    tests: int, samples: int, *, latency: float = LATENCY, rate: int | None = None, jobs: int = JOBS
) -> Measured:
    """Record `tests` tests, then run them live with so many samples."""
    context = get_context("spawn")
    here, there = context.Pipe()
    provider = context.Process(target=provide, args=(there, latency, rate))
    provider.start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "models.yml").write_text(MODELS)
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "test_night.py").write_text(TESTS.format(tests=tests))
        environment = {
            **os.environ,
            "PROVIDER_URL": here.recv(),
            "OPENAI_API_KEY": "sk-benchmark-0123456789",
        }
        run_pytest(folder, environment, "--model-record=new")
        here.send("slow")
        here.recv()
        megabytes = run_pytest(
            folder,
            environment,
            "--model=candidate",
            f"--model-samples={samples}",
            f"--model-jobs={jobs}",
            "--model-report=run.json",
        )
        run = json.loads((folder / "run.json").read_text())
    here.send("stop")
    requests, refused, span = here.recv()
    provider.join()
    outcomes = [sample["outcome"] for case in run["cases"] for sample in case["samples"]]
    return Measured(
        seconds=run["seconds"],
        megabytes=megabytes,
        passed=outcomes.count("passed"),
        lost=len(outcomes) - outcomes.count("passed"),
        requests=requests,
        refused=refused,
        accepted_span=span,
        notes=run["notes"],
    )


def run_pytest(folder: Path, environment: dict[str, str], *options: str) -> float:
    """Run pytest there; returns the process's peak memory in megabytes."""
    quiet = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--no-header", "--tb=line"]
    code = (
        "import resource, sys, pytest\n"
        "code = pytest.main(sys.argv[1:])\n"
        "print('PEAK', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
        "sys.exit(code)\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code, *quiet, *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"PEAK (\d+)", process.stdout)
    if process.returncode or found is None:
        raise SystemExit(process.stdout[-3000:] + process.stderr[-3000:])
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return int(found[1]) / unit


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure less, write nothing")
    quick = parser.parse_args().quick
    tests, many = (50, 500) if quick else (200, 3334)

    night = measure(tests, 3)
    limit = tests * 3 * LATENCY / JOBS
    rows = [
        (
            f"{tests} cases × 3 samples, {LATENCY:g} s a reply, {JOBS} jobs",
            f"{night.seconds:.1f} s: {night.seconds / limit:.2f} × the limit of {limit:.0f} s",
            "≤ 1.25 ×",
            night.seconds <= 1.25 * limit and night.lost == 0,
        )
    ]
    limited = measure(tests, 3, rate=20)
    used = (tests * 3 - 1) / limited.accepted_span / 20
    rows.append(
        (
            f"the same, the provider allowing 20 requests a second ({limited.refused} refused)",
            f"{limited.lost} samples lost, {used:.0%} of the allowed rate used",
            "none lost, ≥ 90 %",
            limited.lost == 0 and used >= 0.9,
        )
    )
    big = measure(many, 3, latency=0.05)
    rows.append(
        (
            f"{many * 3:,} requests",
            f"{big.megabytes:.0f} MB at most, {big.seconds:.0f} s",
            "< 500 MB",
            big.megabytes < 500 and big.lost == 0,
        )
    )
    table = "\n".join(
        ["| what | measured | bar |", "|---|---|---|"]
        + [f"| {what} | {figure} | {bar} |" for what, figure, bar, _ in rows]
    )
    print(table)
    for measured in (night, limited, big):
        print(measured)
    if not quick:
        text = DOCUMENT.read_text()
        start, end = "<!-- measured -->\n", "<!-- /measured -->"
        before, rest = text.split(start)
        DOCUMENT.write_text(f"{before}{start}{table}\n{end}{rest.split(end)[1]}")
    return 0 if all(met for *_, met in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
