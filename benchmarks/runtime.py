"""What the runtime costs an application: look-ups, routes, observations, import, counting.

    python benchmarks/runtime.py [--observations N]

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

from modelpin_runtime import load
from modelpin_runtime.observations import observation

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


def import_milliseconds(folder: Path) -> tuple[float, float]:
    """Importing and loading, and of that PyYAML's own import; the least of nine."""
    ours = "from modelpin_runtime import load; load('models.yml')['claude']"
    times = []
    cached = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-c", ours], cwd=folder, env=cached, check=True)
    for code in (ours, "import yaml"):
        measured = f"import time; b = time.process_time(); {code}; print(time.process_time() - b)"
        runs = [
            float(subprocess.run([sys.executable, "-c", measured], cwd=folder, env=cached,
                                 check=True, capture_output=True, text=True).stdout)
            for _ in range(9)
        ]  # fmt: skip
        times.append(1000 * min(runs))
    return times[0], times[1]


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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--observations", type=int, default=10_000_000)
    count = parser.parse_args().observations
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "models.yml").write_text(YML)
        pins = load(folder / "models.yml", environment={}, observations=folder / "seen")
        print(f"look-ups a second        {per_second(lambda: pins['claude'], 1_000_000):>12,.0f}")
        routes = per_second(lambda: pins.route("claude", key="user-1"), 300_000)
        print(f"routes a second          {routes:>12,.0f}")
        began = time.perf_counter()
        for _ in range(20_000):
            pins.observe("claude", "claude-a", seconds=1.0, input_tokens=10, output_tokens=20)
        print(f"observe, us a call       {(time.perf_counter() - began) / 20_000 * 1e6:>12.1f}")
        pins.flush()
        ours, yaml = import_milliseconds(folder)
        print(f"import and load, ms      {ours:>12.1f} (PyYAML alone {yaml:.1f})")
        if count:
            write_observations(folder / "many", count)
            code = (
                "import resource, sys; from pytest_modelpin.production.counts import count\n"
                f"c = count({str(folder / 'many')!r}, 'claude', 'claude-a', 'claude-b')\n"
                "used = resource.getrusage(resource.RUSAGE_SELF)\n"
                "print(c.pin + c.canary, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)"
            )
            began = time.perf_counter()
            done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True,
                                  text=True)  # fmt: skip
            seen, used, megabytes = done.stdout.split()
            took = time.perf_counter() - began
            said = f"{took:>8.1f} s, {float(used):.1f} s of processor time, {megabytes} MB"
            print(f"counting {int(seen):,}   {said}")


if __name__ == "__main__":
    main()
