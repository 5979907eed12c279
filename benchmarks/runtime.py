"""What the runtime costs an application: look-ups, routes, observations, import, counting.

    python benchmarks/runtime.py [--observations N]
    python benchmarks/runtime.py --write    # also into docs/runtime-figures.md

Times are processor time, so that a busy machine says the same.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from marked import DOCS, circumstances, put

from modelpin_runtime import LivePins, load
from modelpin_runtime.observations import observation

IMPORTS = 25
YML = """\
models:
  claude:
    production: claude-a
    fallback: [claude-c]
    canary: {model: claude-b, percent: 20}
"""


def per_second(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return times / (time.process_time() - began)


def import_milliseconds(folder: Path) -> tuple[float, int]:
    """Importing and loading beyond PyYAML's own import, and how many modules of ours that takes.

    The least of many, taken in turn: on a busy machine each is longer than it has to be.
    """
    ours = "from modelpin_runtime import load; load('models.yml')['claude']"
    cached = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def run(code: str) -> str:
        return subprocess.run([sys.executable, "-c", code], cwd=folder, env=cached, check=True,
                              capture_output=True, text=True).stdout  # fmt: skip

    run(ours)
    least = dict.fromkeys((ours, "import yaml"), 1e9)
    for _ in range(IMPORTS):
        for code in least:
            measured = f"import time; b = time.process_time(); {code}; print(time.process_time()-b)"
            least[code] = min(least[code], 1000 * float(run(measured)))
    counted = f"{ours}; import sys; print(sum(m.startswith('modelpin_') for m in sys.modules))"
    return least[ours] - least["import yaml"], int(run(counted))


def write_observations(folder: Path, count: int) -> None:
    """Many observations, made from a few thousand different ones."""
    rng = random.Random(1)
    folder.mkdir()
    block = []
    for n in range(5000):
        canary = rng.random() < 0.05
        block.append(json.dumps(observation(
            name="claude", id="claude-b" if canary else "claude-a",
            role="canary" if canary else "pin", at=1e9 + n * 20, seconds=rng.random(),
            error="APIError" if rng.random() < 0.01 else None, cost_usd=rng.random() / 100,
        )))  # fmt: skip
    text = "\n".join(block) + "\n"
    for number in range(10):
        with (folder / f"{number}.jsonl").open("w") as file:
            for _ in range(count // len(block) // 10):
                file.write(text)


def observe_microseconds(pins: LivePins) -> float:
    """Of the thread that calls; another one writes."""
    began = time.thread_time()
    for _ in range(20_000):
        pins.observe("claude", "claude-a", seconds=1.0, input_tokens=10, output_tokens=20)
    return (time.thread_time() - began) / 20_000 * 1e6


def counting(folder: Path) -> tuple[int, float, float, int]:
    """Requests counted, seconds on the clock, of the processor, and megabytes, in a new process."""
    code = (
        "import resource, sys; from pytest_modelpin.production.canary import count\n"
        f"c = count({str(folder)!r}, 'claude', 'claude-a', 'claude-b')\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(c.pin + c.canary, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)"
    )
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    seen, used, megabytes = done.stdout.split()
    return int(seen), time.perf_counter() - began, float(used), int(megabytes)


def measured(folder: Path, count: int) -> list[str]:
    """The table's rows, with the bar of each."""
    (folder / "models.yml").write_text(YML)
    pins = load(folder / "models.yml", environment={}, observations=folder / "seen")
    lookups = per_second(lambda: pins["claude"], 1_000_000)
    routes = per_second(lambda: pins.route("claude", key="user-1"), 300_000)
    observe = observe_microseconds(pins)
    pins.flush()
    milliseconds, modules = import_milliseconds(folder)
    rows = [
        f"| look-ups a second | {lookups:,.0f} | ≥ 1,000,000 |",
        f"| routes a second | {routes:,.0f} | ≥ 300,000 |",
        f"| `observe`, where it is called | {observe:.1f} µs | ≤ 20 µs |",
        f"| import and load, beyond PyYAML's own import | {milliseconds:.1f} ms | ≤ 15 ms |",
        f"| modules of ours that are loaded | {modules} | ≤ 25 |",
    ]
    if count:
        write_observations(folder / "many", count)
        seen, clock, used, megabytes = counting(folder / "many")
        rows += [
            f"| counting {seen:,} observations from JSON lines | {used:.1f} s, shared by the "
            f"cores; {clock:.1f} s on the clock | < 10 s on two cores |",
            f"| memory of that, interpreter and all | {megabytes} MB | < 1,000 MB |",
        ]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--observations", type=int, default=10_000_000)
    parser.add_argument("--write", action="store_true", help="write docs/runtime-figures.md")
    arguments = parser.parse_args()
    when = circumstances()
    with tempfile.TemporaryDirectory() as made:
        rows = measured(Path(made), arguments.observations)
    head = ["| processor time | measured | bar |", "|---|--:|--:|"]
    block = "\n".join([when, "", *head, *rows])
    print(block)
    if arguments.write:
        put(DOCS / "runtime-figures.md", "runtime.py", block)


if __name__ == "__main__":
    main()
