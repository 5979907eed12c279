"""The text of the files that `init` writes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_modelpin.providers import identify

_DATE = re.compile(r"-(?:20\d\d-\d\d-\d\d|20\d{6}|0\d\d|2[3-9]\d\d)$")

_HEAD = """\
# The versions of the models that this repository uses: the pin that users get, and the candidate
# that is tried every night. Every key: https://github.com/pytest-modelpin/pytest-modelpin
models:
"""

_EXAMPLE = """\
  # No model id was found in the code. Fill in the one that you use:
  claude:
    production: claude-sonnet-4-5-20250929  # the pin
    staging: claude-sonnet-4-5              # the candidate: an alias, or the next id to try
"""

WORKFLOW = """\
name: Model nightly
on:
  schedule:
    - cron: "37 3 * * *"      # off the hour: at :00 GitHub delays schedules and drops some
  workflow_dispatch:

permissions: {}

concurrency:
  group: model-nightly
  cancel-in-progress: false

jobs:
  nightly:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    permissions:
      contents: write         # the ledger's branch and the bump's
      pull-requests: write    # the pull request
      issues: write           # its label, the dashboard
      statuses: write         # the streak, shown on the commit
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
          fetch-depth: 0 # all of history: a rollback finds the version before there
      - uses: actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0
        with:
          python-version: "3.13"
      - run: python -m pip install -r requirements.txt   # whatever installs your tests
      - uses: pytest-modelpin/pytest-modelpin@main       # better: a full commit SHA
        env:                                             # the keys that your SDKs look for
          OPENAI_API_KEY: ${{ secrets.OPENAI_API_KEY }}
          ANTHROPIC_API_KEY: ${{ secrets.ANTHROPIC_API_KEY }}
          GEMINI_API_KEY: ${{ secrets.GEMINI_API_KEY }}
"""


def registry_text(ids: Sequence[str]) -> str:
    """A models.yml with one logical model for each id; an example where there is none."""
    if not ids:
        return _HEAD + _EXAMPLE
    return _HEAD + "\n".join(
        _model(name, model) for name, model in zip(_names(ids), ids, strict=True)
    )


def _model(name: str, model: str) -> str:
    alias = _alias(model)
    floating = identify(model).kind == "floating"
    hint = f"  # floating: `pytest-modelpin resolve {name}` says what to pin" if floating else ""
    lines = [f"  {name}:", f"    production: {_scalar(model)}{hint}"]
    if alias != model or floating:
        lines.append(f"    staging: {_scalar(alias)}")
    return "\n".join(lines) + "\n"


def _alias(model: str) -> str:
    """The id without its date, which most providers point at the newest version of the line."""
    undated = _DATE.sub("", model)
    latest = undated != model and identify(model).provider == "mistral"
    return f"{undated}-latest" if latest else undated


def _scalar(model: str) -> str:
    return model if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]*", model) else f'"{model}"'


def _names(ids: Sequence[str]) -> list[str]:
    """A short name for each id, after its family and never an id itself.

    The family's words where no other id shares them, such as `claude-sonnet`; else with the
    version, marked by a `v` that no provider writes: `gpt-v4o`, `gpt-v4-1`.
    """
    shorter = [
        [_family(model)[:1], _family(model), _versioned(_DATE.sub("", model)), _versioned(model)]
        for model in ids
    ]
    columns = list(zip(*shorter, strict=True))
    names: list[str] = []
    for row in shorter:
        distinct = (
            words for words, column in zip(row, columns, strict=True) if column.count(words) == 1
        )
        name = "-".join(next(distinct, row[-1]))
        names.append(f"{name}-{len(names) + 1}" if name in names else name)
    return names


def _family(model: str) -> list[str]:
    """The words of an id without its versions: `gpt-4o-mini-2024-07-18` is `gpt`, `mini`."""
    return [word for word in _words(model) if word.isalpha()] or [_provider(model)]


def _versioned(model: str) -> list[str]:
    words = _words(model)
    first = next((n for n, word in enumerate(words) if not word.isalpha()), len(words))
    if first == 0:
        return [_provider(model), *words]
    return [*words[:first], *(f"v{word}" for word in words[first : first + 1]), *words[first + 1 :]]


def _provider(model: str) -> str:
    return identify(model).provider or "model"


def _words(model: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Za-z0-9]+", model.rsplit("/", 1)[-1])]
