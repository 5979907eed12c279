"""What logical models are called: by their family, and by their use where several are of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import PurePosixPath
from string import ascii_lowercase
from typing import TYPE_CHECKING

from modelpin_runtime.registry.models import RESERVED
from pytest_modelpin.providers import identify

if TYPE_CHECKING:
    from pytest_modelpin.adopt.logical_models import Chosen

DATE = re.compile(r"-(?:20\d\d-\d\d-\d\d|20\d{6}|0\d\d|2[3-9]\d\d)$")
"""The date at the end of an id."""

_GENERIC = frozenset(
    re.findall(
        "[a-z]+",
        """app apps main config configs settings setting client clients llm llms model models api
        core base init src lib common util utils helper helpers service services default conftest
        test tests testing unit integration live examples example docs src notebooks index
        constant constants env environment values variables type types list data
        docker compose dockerfile openai anthropic google gemini bedrock azure gpt claude
        langchain litellm llamaindex instructor chat completion completions response responses
        the my id ids name names code ai primary production prod standard
        ask build clear create get load make new run select set start update use with""",
    )
)
"""Words that say nothing of what a model is used for."""

_NAMED_USE = re.compile(
    r"([A-Za-z_]{1,60}?)_?model(?:_id|_name)?\b|\bmodel_([A-Za-z_]+)", re.IGNORECASE
)


def names_of(
    chosen: Sequence[Chosen], lines: Callable[[str, int], str], taken: set[str]
) -> list[str]:
    """A name for each: its family's, with its use where several are of that family."""
    families = ["-".join(family_of(one.production)[:1]) for one in chosen]
    wider = ["-".join(family_of(one.production)) for one in chosen]
    kinds = frozenset(word for name in wider for word in name.split("-"))
    uses = [_uses(one.places, lines, _GENERIC | kinds) for one in chosen]
    used = {name.lower() for name in (*taken, *RESERVED, "models", "settings")}
    used |= {id for one in chosen for id in (one.production, one.was or "")}
    names = []
    for one, family, wide, used_for in zip(chosen, families, wider, uses, strict=True):
        vendor = identify(one.production, one.provider).provider or "model"
        embeds = is_of_embeddings(one.production)
        ideas = ["embedder"] if embeds else []
        # `text` would be the family of text-embedding-3-small.
        ideas += [family] if families.count(family) == 1 and not embeds else []
        ideas += [wide] if wider.count(wide) == 1 else []
        ideas += [f"{word}-{use}" for use in used_for for word in (family, wide)]
        ideas += [vendor] if families.count(family) == 1 else []
        ideas += [f"{word}-{letters}" for word in (wide, vendor) for letters in _ORDINALS]
        name = next(each for each in ideas if each not in used and not _is_an_id(each))
        used.add(name)
        names.append(name)
    return names


def _is_an_id(name: str) -> bool:
    """Whether a provider has, or could have, a model of that name: Cohere has a `command`."""
    return identify(name).kind != "unknown"


# Letters, as a number would make an id of a name: `claude-2` is one.
_ORDINALS = [f"{a}{b}" for a in ("", *ascii_lowercase) for b in ascii_lowercase]


def _uses(
    places: Sequence[str], lines: Callable[[str, int], str], generic: Collection[str]
) -> list[str]:
    """What the model is used for: by the variables that hold it, then by its files and folders.

    The first tells most; the others are for where another model of the family has that one. A
    model's own kind is no use: a file of tests for Sonnet names Opus, too.
    """
    telling = partial(_telling, generic=generic)
    ours = [place for place in places if not is_of_tests(place)] or list(places)
    named, nearest, wider = list[str](), list[str](), list[str]()
    for place in ours:
        path, _, line = place.rpartition(":")
        held = _NAMED_USE.finditer(lines(path, int(line)))
        named += [telling(found[1] or found[2] or "") for found in held]
        file = PurePosixPath(path)
        parts = map(telling, (file.stem, *reversed(file.parent.parts)))
        first, *others = list(filter(None, parts)) or [""]
        nearest.append(first)
        wider += others
    return list(dict.fromkeys(filter(None, (*named, *nearest, *wider))))


def _telling(words: str, generic: Collection[str]) -> str:
    parts = re.findall("[a-z]{3,}", words.lower())
    return "-".join([word for word in parts if word not in generic][:2])


def family_of(model: str) -> list[str]:
    """The words of an id without its versions and sizes: `gpt-4o-mini-2024-07-18` is `gpt`, `mini`,
    `llama3.1:8b` is `llama`.

    Where it begins with none, as `o3-pro` does, its provider stands for it.
    """
    pieces = re.findall(r"[a-z0-9]+", model_part(model).lower())
    words = [re.match(r"[a-z]{2,}|[a-z]$", piece) for piece in pieces]
    named = [word[0] for word in words if word]
    return named if words and words[0] else [identify(model).provider or "model", *named]


def line_of(model: str) -> list[str]:
    """What a model shares with its next version: its words, with what stands before a number, as in
    `qwen3-32b`, and its size.
    """
    name = model_part(model).lower()
    return re.findall(r"(?<![a-z0-9])[a-z]+", name) + _SIZE.findall(name)


_SIZE = re.compile(r"(?<![a-z0-9])(?:\d+x)?\d+(?:\.\d+)?[bm](?![a-z0-9])", re.IGNORECASE)
"""How many parameters a model has: `8b`, `8x7B`, `1.5b`. Another size is no newer version."""


def model_part(model: str) -> str:
    """The id without route, geography, vendor, Bedrock's revision and Ollama's tag.

    Of a tuned model, the one that it was made of: `ft:gpt-4o-2024-08-06:org::id`.
    """
    name = model.rsplit("/", 1)[-1]
    name = re.sub(r"-v\d+(?::\d+)?(?::\w+)?$", "", name)
    first, colon, rest = name.removeprefix("ft:").partition(":")
    routed = colon and identify(rest).provider is not None
    return re.sub(r"^(?:[a-z\-]+\.)+", "", rest if routed else first)


def is_of_embeddings(id: str) -> bool:
    """Whether a model embeds texts, which is compared by the neighbours that they keep."""
    return re.search("embed", id, re.IGNORECASE) is not None


_OF_TESTS = re.compile(r"(?:^|[/_.-])(?:tests?|testing|conftest)(?=[/_.:-]|$)")
"""A word of a path: `latest.py` is none."""


def is_of_tests(place: str) -> bool:
    """Whether a file, or a place in one, is of tests."""
    return _OF_TESTS.search(place) is not None


def version_of(id: str) -> tuple[int, ...]:
    """The numbers of an id but for its date and size: 4, 5 of `claude-sonnet-4-5-20250929`."""
    name = _SIZE.sub("", DATE.sub("", model_part(id)))
    return tuple(int(digits) for digits in re.findall(r"\d+", name) if len(digits) < 6)
