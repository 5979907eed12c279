"""Drives the service under load through what production does to it, and says what held.

    python drive.py                              # 200 requests a second, for a minute or longer
    python drive.py --rate 40 --seconds 12       # a short form

On this machine alone: the provider is `provider.py`'s. The pin is flipped by an edit of models.yml,
dies, comes back; a worse canary runs until the statistics take it back, a good one until it serves
everybody; then workers are killed at random. Exits with 1 where something did not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import aiohttp
from provider import answer, environment

from pytest_modelpin.demo.provider_server import Fault, ProviderServer, Question

HERE = Path(__file__).parent
OLD, PIN, FALLBACK = "gpt-5-nano-2025-08-07", "gpt-5-mini-2025-08-07", "claude-haiku-4-5-20251001"
WORSE, GOOD = "gpt-5.6-sol", "gpt-5.6-terra"
TICKETS = ("Where is my parcel?", "A wrong charge, and my lawyer knows.", "I lost my password.")
PATIENCE = 240.0
"""Seconds for anything to come about, on however slow a machine."""
WORKERS = 3
BACKLOG = 2_000
OPEN_SECONDS = 0.5
"""Half a second's requests may be under way at once. Where a machine is too slow for the rate, the
rate gives way, and `a_second` says so: in a longer queue each would wait until the SDKs give up."""


def answer_worse(question: Question) -> str:
    """One answer in four of the worse canary is no JSON."""
    told = answer(question)
    worse = question.served == WORSE and random.random() < 0.25
    return f"Sure! Here it is: {told}" if worse else told


@dataclass
class Sent:
    """One request as the client saw it."""

    began: float
    ended: float = 0.0
    status: int = 0
    model: str = ""
    request: str = ""
    broken: int = 0
    """Connections that a killed worker took with it, before an answer came."""


@dataclass
class Load:
    """Requests at an even rate, whether those before are answered or not, as far as the machine
    keeps up; see `OPEN_SECONDS`."""

    url: str
    rate: float
    sent: list[Sent] = field(default_factory=list)
    processes: set[int] = field(default_factory=set)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        tasks: set[asyncio.Task[None]] = set()
        began = time.monotonic()
        connector = aiohttp.TCPConnector(limit=0, force_close=True)  # to either worker
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:
            for number in range(10**9):
                await asyncio.sleep(max(0.0, began + number / self.rate - time.monotonic()))
                while len(tasks) >= self.rate * OPEN_SECONDS:
                    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if self._stop.is_set():
                    break
                task = asyncio.create_task(self._one(client, number))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await asyncio.gather(*tasks)

    async def _one(self, client: aiohttp.ClientSession, number: int) -> None:
        seen = Sent(time.monotonic())
        self.sent.append(seen)
        ticket = {"user": f"user-{number % 997}", "text": TICKETS[number % len(TICKETS)]}
        while time.monotonic() < seen.began + PATIENCE:
            try:
                async with client.post(self.url + "/triage", json=ticket) as reply:
                    seen.status = reply.status
                    if reply.status == 200:
                        content = await reply.json()
                        seen.model, seen.request = content["model"], content["request"]
                        self.processes.add(int(reply.headers["x-process"]))
                    break
            except TimeoutError:
                break
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
                seen.broken += 1  # as a load balancer does: to another worker
        seen.ended = time.monotonic()

    def stop(self) -> None:
        self._stop.set()

    def since(self, moment: float, model: str) -> list[Sent]:
        """Answers of a model to requests that began after a moment."""
        return [each for each in self.sent if each.began > moment and each.model == model]

    def last(self, model: str, moment: float) -> float:
        """How long after a moment a request still began that this model answered."""
        return max((each.began - moment for each in self.since(moment, model)), default=0.0)


class Service:
    """The service's own supervisor and its workers on one listening socket, in a folder of its own.

    The supervisor forks another worker where one dies. Workers that were started anew took 2.6
    seconds of a processor each for importing the SDKs: killed every two seconds, they left too
    little of two cores to answer 200 requests a second, and each request waited behind them.
    """

    def __init__(self, folder: Path, provider: str) -> None:
        self.folder = folder
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        variables = {name: value for name, value in environment(provider).items()
                     if not name.startswith("MODELPIN_")}  # fmt: skip
        variables |= {"MODELPIN_OBSERVATIONS": str(folder / "seen"), "CAPTURED_SHARE": "0.05",
                      "MODELPIN_BREAKERS": str(folder / "breakers")}  # fmt: skip
        self._log = (folder / "service.log").open("wb")
        descriptor = self._socket.fileno()
        self._supervisor = subprocess.Popen(
            [sys.executable, "-m", "service.prefork", f"--workers={WORKERS}", f"--fd={descriptor}"],
            cwd=folder, env=variables, pass_fds=(descriptor,), stdout=self._log, stderr=self._log,
        )  # fmt: skip

    @property
    def ended(self) -> bool:
        return self._supervisor.poll() is not None

    def said(self) -> str:
        return (self.folder / "service.log").read_text("utf-8", "replace").strip()[-500:]

    def close(self) -> None:
        self._supervisor.terminate()
        self._supervisor.wait(PATIENCE)
        self._socket.close()
        self._log.close()

    def write(self, production: str, canary: str = "") -> float:
        """Write models.yml as an editor does; gives the moment."""
        text = f"models:\n  triage:\n    production: {production}\n    fallback: [{FALLBACK}]\n" + (
            f"    canary: {canary}\n" if canary else ""
        )
        new = self.folder / "models.yml.new"
        new.write_text(text)
        new.replace(self.folder / "models.yml")
        return time.monotonic()

    def says(self, text: str) -> bool:
        return text in (self.folder / "models.yml").read_text()

    def watch_canary(self) -> subprocess.Popen[bytes]:
        """`pytest-modelpin canary`, looking every second and writing what it decides."""
        return subprocess.Popen(
            [sys.executable, "-m", "pytest_modelpin", "canary", "triage", "--apply",
             "--observations", "seen", "--watch", "1"],
            cwd=self.folder, stdout=self._log, stderr=self._log,
        )  # fmt: skip


async def until(condition: Callable[[], bool], what: str) -> float:
    """Wait for something to come about; gives the moment."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() > began + PATIENCE:
            raise TimeoutError(f"after {PATIENCE:g} seconds still waiting until {what}")
        await asyncio.sleep(0.01)
    return time.monotonic()


async def drive(folder: Path, rate: float, seconds: float) -> dict[str, float]:
    """Play all of it; the figures."""
    figures: dict[str, float] = {}
    unit = seconds / 60
    with ProviderServer(answer_worse) as provider:
        service = Service(folder, provider.url)
        load = Load(service.url, rate)
        running = None
        try:
            await _up(service)
            began = time.monotonic()
            running = asyncio.create_task(load.run())
            await asyncio.sleep(5 * unit)
            await _flip(service, load, figures)
            await _outage(provider, load, figures, 12 * unit)
            await _worse_canary(service, load, figures)
            await _good_canary(service, load, figures)
            left = max(began + seconds - time.monotonic(), 10 * unit)
            await _kills(service, load, figures, left)
            figures["seconds"] = time.monotonic() - began
        finally:
            load.stop()
            if running is not None:
                await running
            service.close()
        figures["dead_model_tries"] = sum(each.status == 503 for each in provider.requests)
    return {**figures, **_summary(load, folder / "seen")}


async def _up(service: Service) -> None:
    began = time.monotonic()
    async with aiohttp.ClientSession() as client:
        while time.monotonic() < began + PATIENCE:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with client.get(service.url + "/openapi.json"):
                    return
            if service.ended:
                raise RuntimeError(f"The service ended: {service.said()}")
            await asyncio.sleep(0.1)
    raise TimeoutError(f"It did not answer within {PATIENCE:g} seconds: {service.said()}")


async def _flip(service: Service, load: Load, figures: dict[str, float]) -> None:
    await until(lambda: bool(load.processes), "a worker answers")
    written = service.write(PIN)
    await until(lambda: bool(load.since(written, PIN)), "the new pin answers")
    await until(lambda: time.monotonic() > written + 1.5, "whoever was slow has looked")
    figures["flip_seconds"] = load.last(OLD, written)


async def _outage(
    provider: ProviderServer, load: Load, figures: dict[str, float], seconds: float
) -> None:
    """Half of it answered by 503, half of it broken off in the middle of the reply."""
    began = time.monotonic()
    for fault in (Fault(503, message="overloaded"), Fault(disconnect_after=0)):
        provider.outages[PIN] = fault
        await asyncio.sleep(seconds / 2)
    await until(lambda: bool(load.since(began, FALLBACK)), "the fallback answers")
    provider.outages.clear()
    ended = time.monotonic()
    figures["outage_seconds"] = ended - began
    figures["outage_fallback_answers"] = len(load.since(began, FALLBACK))
    figures["back_after_seconds"] = (
        await until(lambda: bool(load.since(ended, PIN)), "the pin answers again") - ended
    )


async def _worse_canary(service: Service, load: Load, figures: dict[str, float]) -> None:
    steps = "percent: 20, steps: [20, 50, 100], min_requests: 400, min_hours: 0"
    began = service.write(PIN, f"{{model: {WORSE}, {steps}}}")
    watching = service.watch_canary()
    try:
        taken_back = await until(lambda: not service.says(WORSE), "the worse canary is taken back")
    finally:
        watching.terminate()
        watching.wait()
    await until(lambda: time.monotonic() > taken_back + 2.5, "whoever was slow has looked")
    figures["worse_canary_seconds"] = taken_back - began
    figures["worse_canary_answers"] = len(load.since(began, WORSE))
    figures["rollback_seconds"] = load.last(WORSE, taken_back)


async def _good_canary(service: Service, load: Load, figures: dict[str, float]) -> None:
    steps = "percent: 10, steps: [10, 50, 100], min_requests: 100, min_hours: 0"
    began = service.write(PIN, f"{{model: {GOOD}, {steps}}}")
    watching = service.watch_canary()
    try:
        done = await until(lambda: service.says("percent: 100"), "the good canary serves all")
    finally:
        watching.terminate()
        watching.wait()
    figures["good_canary_seconds"] = done - began
    service.write(GOOD)  # the pin's move, which `promote` would make with its evidence
    await until(lambda: bool(load.since(done, GOOD)), "the new pin answers")


async def _kills(service: Service, load: Load, figures: dict[str, float], seconds: float) -> None:
    killed: set[int] = set()
    end = time.monotonic() + seconds
    while time.monotonic() < end or not killed:
        load.processes -= killed
        await until(lambda: bool(load.processes - killed), "a worker answers")
        victim = random.choice(sorted(load.processes - killed))
        os.kill(victim, signal.SIGKILL)
        killed.add(victim)
        await asyncio.sleep(random.uniform(0.5, 4.0))
    await until(lambda: bool(load.processes - killed), "a worker answers")
    figures["kills"] = len(killed)


def _summary(load: Load, seen: Path) -> dict[str, float]:
    took = [each.ended - each.began for each in load.sent]
    acknowledged = {each.request for each in load.sent if each.status == 200}
    observed = {
        json.loads(line).get("request")
        for file in seen.glob("*.jsonl")
        for line in file.read_text().splitlines()
    }
    return {
        "requests": len(load.sent),
        "a_second": len(load.sent) / (load.sent[-1].began - load.sent[0].began),
        "failed": sum(each.status != 200 for each in load.sent),
        "broken_by_kills": sum(each.broken for each in load.sent),
        "acknowledged": len(acknowledged),
        "lost_observations": len(acknowledged - observed),
        "median_ms": 1000 * median(took),
        "p99_ms": 1000 * quantiles(took, n=100)[98],
    }


BARS = {
    "failed": ("requests that failed", 0),
    "lost_observations": ("acknowledged observations lost", 0),
    "flip_seconds": ("seconds until an edit was in force everywhere", 1.0),
    "rollback_seconds": ("seconds until a rollback was in force everywhere", 2.0),
}
"""What each may be at most."""


def copied(folder: Path) -> Path:
    """The service in a folder that may be written to, on the pin before."""
    skipped = shutil.ignore_patterns("__pycache__", ".pytest*", "seen")
    shutil.copytree(HERE, folder, dirs_exist_ok=True, ignore=skipped)
    path = folder / "models.yml"
    path.write_text(path.read_text().replace(PIN, OLD))
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=60.0, help="at least so long")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        figures = asyncio.run(drive(copied(Path(made)), options.rate, options.seconds))
    for name, value in figures.items():
        print(f"{name:28} {value:>12,.3f}".rstrip("0").rstrip("."))
    missed = [told for name, (told, most) in BARS.items() if figures[name] > most]
    if figures["a_second"] < 0.95 * options.rate:
        missed.append(f"{options.rate:g} requests a second")
    print("; ".join(f"MISSED: {told}" for told in missed) or "every bar is met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
