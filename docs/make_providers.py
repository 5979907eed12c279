"""Writes docs/providers.md: the doors that tests hold open, after those tests have passed.

python docs/make_providers.py
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "providers.md"
DOORS = ROOT / "tests" / "doors" / "test_doors.py"
OVER_AIOHTTP = DOORS.with_name("test_over_aiohttp.py")
BEDROCK = ROOT / "tests" / "intercept" / "behaviour" / "test_bedrock.py"
EMBEDDING = ROOT / "tests" / "session" / "behaviour" / "test_embedding_wires.py"
CHILDREN = ROOT / "tests" / "session" / "behaviour" / "test_children.py"
PLUGINS = ROOT / "tests" / "plugins"
FRAMEWORKS = ROOT / "tests" / "doors" / "test_frameworks.py"
GROUPS = ("newest", "earlier", "vendors", "judges", "year_old")
"""Of frameworks and SDKs, each with an environment of its own."""
FORMS = ("float", "base64", "int8", "uint8", "binary", "ubinary")
MODES = ("sync", "async", "stream", "tools", "structured")
DISTRIBUTIONS = (
    "openai", "anthropic", "google-genai", "boto3", "litellm", "httpx", "httpx2", "requests",
    "urllib3", "aiohttp", "trio", "starlette",
)  # fmt: skip
OLDEST = (
    "openai", "httpx", "requests", "urllib3", "aiohttp", "pytest", "pytest-xdist", "syrupy",
)  # fmt: skip
HEAD = """\
# Doors

Made by `python docs/make_providers.py`, which runs the tests behind it; CI runs them at each push.

A ✓ is a test that records on the pin, asks the candidate instead of it, and replays with the
server gone and no key in the environment; it looks that the answer is the same, that the version
that served it and the tokens are read, and that no key is in the recordings. A stream is one of a
synchronous or of an asynchronous client. A – is a way that the door does not have or that no test
tries.

"""
NO_VERSION = """
Bedrock's requests are signed: the candidate's is signed anew, which a test checks. Converse, and so
LiteLLM's route, names no version: the id that was asked is the version.

AWS's new SDK (`aws-sdk-bedrock-runtime`, tried by hand at 0.12 with Python 3.13: Converse, its
stream, Invoke) is recorded, replayed and swapped as well. It finds no credentials without a key, so
a replay wants `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` set to any words; and a candidate
wants botocore installed, which signs anew. Its transport for awscrt, which it takes where you name
it, is refused in a replay, and no candidate's case ([what no hook sees](unseen.md)).
"""
EMBEDDERS = """
## Embedding models

As [logical models of their own](how-to.md#an-embedding-model): recorded on the pin, replayed with
nothing asked, the candidate asked in the pin's place, compared by the neighbours that texts keep. A
✓ is a test for a form of vectors; packed bits are compared by how many of them differ. A – is a
form that the provider does not give or that no test tries. requests, urllib3 and aiohttp have tests
of OpenAI's wire, as httpx has of all.

"""
PROCESSES = """
## Processes

What other processes ask is recorded as the test's own. The recordings of each are those of a hook
in the test's process, byte for byte but for the seconds and the provider's clock; they are replayed
with the server gone.

"""
ASIDE = """
Containers, celery workers and whatever else no test starts ask at `pytest-modelpin proxy`, which
has tests of its own. What asks models by another way than these is seen and named:
[docs/unseen.md](unseen.md).

Where a mock or a cassette is active (respx, pytest-httpx, vcrpy), what it answers is no model's
answer, what it lets through to the network is stopped or told of, and models that it leaves alone
are asked as ever: [what is promised](promises.md), each by a test.
"""
OTHERS = """
## Frameworks, and older SDKs

As published, in environments that hold what agrees, each run by pytest as its users would: once to
record, once with `--model candidate`, and once with the network cut and no key. The provider there
takes a request to Bedrock only where its signature holds. On its route to Cohere LiteLLM itself
takes no schema, and breaks on the `event:` lines of Cohere's streams, plugin or none.

"""


def page(versions: str) -> str:
    """The whole page, with this line of versions."""
    doors = loaded(DOORS).DOORS | loaded(OVER_AIOHTTP).DOORS
    rows = [row(door, ways) for door, (_, ways) in doors.items()]
    bedrock = [row(door, ways) for door, ways in loaded(BEDROCK).DOORS.items()]
    processes = "".join(f"- {said}\n" for said in loaded(CHILDREN).DOORS.values())
    others = [
        row(door, ways)
        for group in GROUPS
        for door, (_, ways) in loaded(
            FRAMEWORKS.parent / "frameworks" / f"{group}.py"
        ).DOORS.items()
    ]
    return (
        f"{HEAD}{table(rows)}\n## Bedrock\n\n{table(bedrock)}{NO_VERSION}{OTHERS}"
        f"{table(others)}\n{of_groups()}\n{of_oldest()}{EMBEDDERS}{of_embedders()}{PROCESSES}{processes}{ASIDE}\n{versions}\n"
    )


def table(rows: Iterable[str], columns: Sequence[str] = MODES) -> str:
    """A table with these rows."""
    head = f"| door | {' | '.join(columns)} |\n|---|{':-:|' * len(columns)}\n"
    return head + "".join(f"{each}\n" for each in rows)


def row(door: str, ways: Iterable[str], columns: Sequence[str] = MODES) -> str:
    """One door's row."""
    has = {mode.removeprefix("async ") if mode.endswith("stream") else mode for mode in ways}
    return f"| {door} | {' | '.join('✓' if each in has else '–' for each in columns)} |"


def of_embedders() -> str:
    """The table of embedding models, by the forms in which their vectors come."""
    tests = loaded(EMBEDDING)
    return table(
        [row(door, tests.FORMS.get(wire, ("float",)), FORMS) for wire, door in tests.DOORS.items()],
        FORMS,
    )


def of_groups() -> str:
    """The versions that each group of frameworks holds, a paragraph each."""
    return "\n".join(
        f"{group.replace('_', ' ').capitalize()}: {', '.join(of_group(group))}.\n"
        for group in GROUPS
    )


def of_group(group: str) -> Iterator[str]:
    """Names and versions of what a group is about, as CI installs them."""
    pins = locked(ROOT / ".ci" / "frameworks" / f"{group}.txt")
    for name in loaded(FRAMEWORKS.parent / "frameworks" / f"{group}.py").DISTRIBUTIONS:
        yield f"{name} {pins[name]}"


def of_oldest() -> str:
    """The oldest versions that are tried, as CI installs them."""
    pins = locked(ROOT / ".ci" / "oldest.txt")
    return (
        "The oldest that are tried, on Python 3.11, one test of CI's with all of them: "
        f"{', '.join(f'{name} {pins[name]}' for name in OLDEST)}. There aiohttp's requests are "
        "sent as the tests send them, none ahead; and requests sends a body that comes piece by "
        "piece past urllib3's pool, where it is [not recorded, but seen](unseen.md).\n"
    )


def locked(file: Path) -> dict[str, str]:
    """By name, the versions of a lock file, on the oldest Python."""
    found = re.findall(
        r"^([a-z0-9\-]+)(?:\[.*\])?==([^\s;]+)", file.read_text(encoding="utf-8"), re.MULTILINE
    )
    return dict(reversed(found))


def versions() -> str:
    """Of the libraries, as they are installed here."""
    return "Made with " + ", ".join(f"{name} {version(name)}" for name in DISTRIBUTIONS) + "."


def loaded(path: Path) -> Any:
    """A test module, for what it lists."""
    spec = spec_from_file_location(f"of_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    before = sys.path[:]
    sys.path[:0] = map(str, (path.parent, PLUGINS))  # what they share stands there
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path[:] = before
    return module


def main() -> None:
    """Run the tests, and write the page where all of them passed."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "",
        str(DOORS),
        str(OVER_AIOHTTP),
        str(BEDROCK),
        str(EMBEDDING),
        str(CHILDREN),
        str(FRAMEWORKS),
    ]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("docs/providers.md is left as it was: a test behind it did not pass.")
    PAGE.write_text(page(versions()), encoding="utf-8")


if __name__ == "__main__":
    main()
