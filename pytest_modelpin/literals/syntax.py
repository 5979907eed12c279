"""Model ids in one file's text: which, and on which line.

Only a whole string or value counts as an id, never a word within prose. Some ids are spelled like
other things (`o1`, `org/name`, `name:8b`): they count only where the text says that it is a model.
Of a Jupyter notebook, its code cells are read, each line with its place in the file:
https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from pytest_modelpin.literals import Kind, python_tree
from pytest_modelpin.literals.uses import SAYS_MODEL, asked_values, model_values, no_ids
from pytest_modelpin.providers import PROVIDERS, ModelId, identify, provider_named


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line of a code cell."""

    text: str
    start: int
    """Where it stands in the file's text, as JSON writes it."""
    end: int


def code_cells(text: str) -> Iterator[tuple[CodeLine, ...]]:
    """The lines of each code cell; nothing where the text is no notebook.

    What cells have printed is not code, nor is what stands in Markdown.
    """
    try:
        cells = json.loads(text)["cells"]
        at, ascii_only = 0, False
        for cell in cells:
            source = cell.get("source", ())
            pieces = [source] if isinstance(source, str) else list(source)
            found = []
            for piece in pieces:
                start, end, ascii_only = _place(text, piece, at, ascii_only)
                if start >= 0:
                    found.append(CodeLine(piece, start, end))
                    at = end
            if cell.get("cell_type") == "code":
                yield tuple(found)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return


def _place(text: str, piece: str, after: int, ascii_only: bool) -> tuple[int, int, bool]:
    """Where a piece stands, and how JSON writes it; `ascii_only` is how it wrote the one before."""
    for form in (ascii_only, not ascii_only):
        written = json.dumps(piece, ensure_ascii=form)[1:-1]
        start = text.find(f'"{written}"', after)
        if start >= 0:
            return start + 1, start + 1 + len(written), ascii_only if piece.isascii() else form
    return -1, -1, ascii_only


_ID = r"[A-Za-z~][A-Za-z0-9._]{0,99}[-:/@][A-Za-z0-9._:/@~-]{1,199}|o\d"
"""Bounded: in a megabyte of base64 as URLs have it, each `-` might begin an id that goes on to the
end.
"""

QUOTED = re.compile(rf"""(["'`])({_ID})\1""")
_QUOTED_IN_JSON = re.compile(rf"""(")({_ID})\1""")
"""Other quotes are of the text within: a description in Markdown, or of code."""
VALUE = re.compile(
    rf"""(?:^[ \t]*-\s+|[:=]\s*|[\[{{,]\s*)(["']?)({_ID})\1(?=\s*(?:$|[,\]}}]|\s\#))""",
    re.MULTILINE,
)
"""A value of YAML, TOML or .env, quoted or not."""

_QUOTED_KEY = re.compile(rf"""^[ \t]*(["'])({_ID})\1[ \t]*:\s""", re.MULTILINE)

ANY = re.compile(rf"[\"'`=\s\[{{,:-]({_ID})(?=[\"'`\s,\]}}\\]|$)".encode(), re.MULTILINE)
"""In bytes: whatever one of the others could find, and more; it decides who gets a closer look. In
a notebook's JSON a backslash comes before the quote.
"""

_SHELL = re.compile(
    rf"""(?:=|\s--?[\w-]+[ ]|^[ \t]*(?:ENV|ARG)[ \t]+\w+[ ])(["']?)({_ID})\1(?=$|[\s;|&)\\])""",
    re.MULTILINE,
)
"""What a shell or a Dockerfile sets a variable or an option to."""

_MAGIC = re.compile(r"^\s*[%!?].*")
"""A line of a notebook that is no Python."""

QUOTED_BYTES = re.compile(rf"[\"']((?:\d{{1,8}}-?)?{_ID})[\"']".encode())
"""The same for Python, where ids are always quoted; many times faster. Weights may be of an owner
who begins with a digit (`01-ai/…`).
"""

_COMMENT = {
    "#": re.compile(r"(?:^|\s)#[^\n]*", re.MULTILINE),
    "//": re.compile(r"(?:^|\s)//[^\n]*", re.MULTILINE),
}
_ROUTED = re.compile(r"(?:[a-z][a-z0-9_-]*)[:/](.+)")
"""`openai:gpt-4o` (pydantic-ai), `anthropic/claude-…` (LiteLLM): an id behind its route."""


ROUTE_READERS = ("litellm", "from_provider", "any_llm", "mirascope", "init_chat_model")
"""What tells of who reads `openai/gpt-5.2` as OpenAI's id behind a route: LiteLLM, instructor's
`from_provider`, any-llm, mirascope, LangGraph's templates, which give `init_chat_model` its two
halves."""


def spelling_routes() -> tuple[str, ...]:
    """The providers whose own ids look like LiteLLM's `openai/gpt-5.2`, as OpenRouter's do."""
    return tuple(each.name for each in PROVIDERS if each.claims("openai/gpt-5.2"))


def litellm_routes(sellers: Collection[str], ids: Iterable[str] = ()) -> bool:
    """Whether `openai/gpt-5.2` is a route and an id, not one id of who spells it so: OpenRouter.

    It is one, too, where code that reads routes asks OpenRouter and writes that in front, as one of
    `ids` does: `openrouter/openai/gpt-5.2`.
    """
    if "litellm" not in sellers:
        return False
    return not any(each in sellers for each in spelling_routes()) or any(
        BEHIND_A_SPELLER.match(id.encode()) for id in ids
    )


BEHIND_A_SPELLER = re.compile(
    "(?:{})[/:][a-z][a-z0-9_-]*/[A-Za-z0-9]".format(
        "|".join(prefix for each in PROVIDERS if each.name in spelling_routes()
                 for prefix in each.route_prefixes)
    ).encode()
)  # fmt: skip
"""`openrouter/openai/gpt-5.2`; OpenRouter's own `openrouter/auto` is an id, not one behind it."""


def ids_in(text: str, kind: Kind) -> Iterator[tuple[int, ModelId]]:
    """(line, id) of each id that a file of that kind names, lines counted from 1."""
    match kind:
        case "python":
            yield from in_python(text)
        case "notebook":
            yield from in_notebook(text)
        case "code":
            yield from in_code(text)
        case "json":
            yield from _matches(text, _QUOTED_IN_JSON, "//")
        case "terraform":
            yield from in_code(text, "#")
        case "settings":
            yield from in_settings(text)
        case "shell" | "dockerfile":
            yield from _matches(text, QUOTED, "#")
            yield from _matches(text, _SHELL, "#")


def in_notebook(text: str) -> Iterator[tuple[int, ModelId]]:
    """(line, id) of each id in the code cells of a Jupyter notebook."""
    for cell in code_cells(text):
        lines = [(line, part) for line in cell for part in line.text.splitlines() or [""]]
        source = "\n".join("" if _MAGIC.match(part) else part for _, part in lines)
        for number, found in in_python(source):
            yield text.count("\n", 0, lines[number - 1][0].start) + 1, found


def in_python(text: str) -> Iterator[tuple[int, ModelId]]:
    """(line, id) of each id that is a whole string constant; f-strings are not constants.

    What other strings are held against, as `startswith("gpt-5")` and `"gpt-5" in model` do it, is
    asked of nobody, nor is what a type lists: `Literal["…", "…"]`.
    Where the text is no Python of this version, strings are looked for in it as in other code.
    """
    tree = python_tree(text)
    if tree is None:
        yield from in_code(text, "#")
        return
    nodes = [node for node in ast.walk(tree) if not isinstance(node, _SAYS_NOTHING)]
    models = {id(value) for node in nodes for value in model_values(node)}
    asked = {id(value) for value in asked_values(nodes)}
    pieces = {id(part) for node in nodes for part in no_ids(node)}
    for node in nodes:
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in pieces
        ):
            found = recognise(node.value, says_model=id(node) in models)
            if found is None and id(node) in asked:
                found = weights(node.value)
            if found:
                yield node.lineno, found


_SAYS_NOTHING = (ast.Name, ast.Attribute, ast.arg, ast.expr_context, ast.Expr, ast.alias)
"""Most of a syntax tree, of which nobody asks by itself whether an id stands there."""


def in_code(text: str, comment: str = "//") -> Iterator[tuple[int, ModelId]]:
    """(line, id) of each id that is a whole quoted string: JavaScript, TypeScript."""
    yield from _matches(text, QUOTED, comment)


def in_settings(text: str) -> Iterator[tuple[int, ModelId]]:
    """(line, id) of each id that is a whole value or quoted key: YAML, TOML, .env."""
    yield from _matches(text, VALUE, "#")
    yield from _matches(text, _QUOTED_KEY, "#")


def recognise(text: str, *, says_model: bool = False) -> ModelId | None:
    """The model id that a string is, None where it is none that a known provider would spell so.

    A route in front of it, as pydantic-ai writes it (`openai:`), is no part of the id.
    """
    found, certain = _recognise(text)
    return found if certain or says_model else None


def weights(text: str) -> ModelId | None:
    """Open weights by the name that all of their hosts have for them, `Qwen/Qwen3-32B`.

    It is spelled like a path: only a call that asks by it tells it for an id.
    """
    return identify(text) if _WEIGHTS.fullmatch(text) else None


_WEIGHTS = re.compile(
    r"(?=[\d-]*[A-Za-z])[A-Za-z0-9][\w.-]{1,95}/"
    r"(?![\w.-]*\.(?:py|json|ya?ml|txt|gguf|pt|bin|onnx)\b)"
    r"[A-Za-z0-9][\w.-]{1,95}(?::[a-z][a-z-]*)?"
)


def behind_route(model: ModelId) -> ModelId | None:
    """What `openai/gpt-5.2` asks for where LiteLLM reads it: the vendor's own `gpt-5.2`.

    None where it is no such id. Spelled the same, it is an id of OpenRouter's own elsewhere.
    """
    vendor, slash, id = model.id.partition("/")
    inner = identify(id) if slash else None
    named = provider_named(inner.provider) if inner and inner.provider else None
    return inner if named and vendor in named.route_prefixes else None


_EXAMPLE = re.compile(r"arn:[^:]*:bedrock:[^:]*:(?:123456789012|(\d)\1{11}):")
"""An ARN of an account that nobody has: AWS's own examples, and tests, write it."""


@lru_cache(maxsize=100_000)
def _recognise(text: str) -> tuple[ModelId | None, bool]:
    """The id and whether it can't be anything else."""
    if not re.fullmatch(_ID, text) or _EXAMPLE.match(text):
        return None, False
    found = identify(text)
    routed = _ROUTED.fullmatch(text)
    inner = identify(routed[1]) if routed else None
    if inner is not None and BEHIND_A_SPELLER.match(text.encode()):
        inner = identify(text.split("/", 2)[-1])
    if inner is not None and _certain(inner):
        # With a slash the route is part of what goes over the wire for OpenRouter.
        return (inner if ":" in text.split("/")[0] or found.provider is None else found), True
    if found.provider is None:
        return (_of_host(text), False)
    return found, _certain(found)


def _of_host(text: str) -> ModelId | None:
    """The id behind the route of a host of open-weight models, whose ids have no spelling of their
    own: `groq:openai/gpt-oss-20b`, `ollama/llama3.2`, `together_ai/meta-llama/Llama-3.3-70B`.
    """
    route, _, id = text.partition(":" if ":" in text.split("/")[0] else "/")
    host = None if id.startswith(route) else provider_named(route)  # the image `ollama/ollama:0.6`
    naming = getattr(host, "naming", None)  # a team's own provider lacks it
    return host.identify(id) if host and id and naming and not naming.has_pins else None


def _certain(found: ModelId) -> bool:
    """Whether an id of that spelling is a model's wherever it stands."""
    known = provider_named(found.provider)
    # A team's own provider lacks it.
    kinds = () if known is None else getattr(known, "certain_kinds", ("pinned", "floating"))
    return found.kind in kinds and len(found.id) > 3 and re.search(r"[-\d]", found.id) is not None


_LOOKED_AT = 300
"""Characters of a line ahead of an id in which it may say what the id is: minified code is one line
of a megabyte with thousands of quoted words."""


def _matches(text: str, pattern: re.Pattern[str], comment: str) -> Iterator[tuple[int, ModelId]]:
    text = _COMMENT[comment].sub(_blank, text)
    line_of = _line_counter(text)
    for match in pattern.finditer(text):
        found, certain = _recognise(match[2])
        if found is None:
            continue
        start = match.start(2)
        before = text[max(0, start - _LOOKED_AT) : start].rpartition("\n")[2]
        if not match[1] and _is_clause(match):
            continue
        if certain or SAYS_MODEL.search(before):
            yield line_of(start), found


def _is_clause(match: re.Match[str]) -> bool:
    """Whether a bare word stands between commas of a sentence, not of a list."""
    text, start = match.string, match.start(2)
    if "," not in (match[0][0], text[match.end() : match.end() + 8].lstrip()[:1]):
        return False
    line = text.rfind("\n", 0, start) + 1
    return text.find("[", line, start) < 0 and text.find("{", line, start) < 0


def _blank(match: re.Match[str]) -> str:
    return (
        " " * len(match[0]) if not match[0].startswith("\n") else "\n" + " " * (len(match[0]) - 1)
    )


def _line_counter(text: str) -> Callable[[int], int]:
    """Gives the line of ascending offsets, each character looked at once."""
    seen, line = 0, 1

    def line_of(offset: int) -> int:
        nonlocal seen, line
        line += text.count("\n", seen, offset)
        seen = offset
        return line

    return line_of
