"""Program text compared by its tokens: layout and comments don't matter, names and operators do;
and regular expressions, in one of the spellings that match the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from pytest_modelpin.drift.drift import Drift, DriftKind, drift_of
from pytest_modelpin.drift.figures.numbers import unmatched
from pytest_modelpin.drift.figures.quantities import quantities
from pytest_modelpin.drift.programs.program_tokens import (
    MOST_TOKENS,
    Token,
    anonymous,
    plain_script,
    read_tokens,
    renamed,
)
from pytest_modelpin.drift.programs.python_programs import read_python
from pytest_modelpin.drift.programs.shell_and_sql import is_command, read_query, same_commands
from pytest_modelpin.drift.text.documents import read_settings, read_yaml, unfenced

_LONGEST = 50_000  # characters of a program that is parsed

_FEWEST_REWRITTEN = 15  # tokens; in a shorter program any change may be the one that matters
_AS_LONG = 0.5  # a program's length over the other's, below which something is left out
_NEARLY_THE_SAME = 0.9  # share of what is left of both once taste is left out
_KEPT = 0.75  # share of tokens that stay, in their order, below which a program is another one

_SQL = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(?:select\b.{1,2000}?\bfrom|insert\s+into|update\s+\S+\s+set|delete\s+from"
    r"|create\s+(?:or\s+replace\s+)?(?:temp\w*\s+|unique\s+)?(?:table|view|index|function)|alter\s+table|drop\s+table"
    r"|with\s+\w+\s+as\s*\()\b",
    re.IGNORECASE | re.DOTALL,
)
_CODE_LINE = re.compile(
    r"^\s*(?:(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*[:({]|import\s+[\w.{*]+|from\s+[\w.]+\s+import\b|@\w+"
    r"|(?:export\s+)?(?:async\s+)?function\b[\s\w]*\(|(?:export\s+)?(?:const|let|var)\s+[\w{\[]+.*=|#include\b|#!/"
    r"|(?:public|private|protected|static)\s+[\w<>\[\]]+|fn\s+\w+|func\s+\w+|package\s+\w+|use\s+\w+::|return\b[^.]*;?$"
    r"|(?:if|for|while|switch)\s*\(.*\)\s*\{?$|(?:if|for|while|elif|with)\s.+:$|[\w.]+\(.*\);?$|[\w.\[\]]+\s*[-+*/]?=[^=].*;?$|[}\])]+[;,]?$)"
)
_DENIALS = frozenset(("not", "!", "!=", "!==", "<>", "isnt"))
_TRUTHS = frozenset(("true", "false", "==", "!=", "===", "!==", "<>", "="))


def is_sql(text: str) -> bool:
    """Whether a text is an SQL statement."""
    return bool(_SQL.match(text))


@lru_cache(maxsize=256)  # of the texts of a case, each is held against several
def looks_like_code(text: str) -> bool:
    """Whether a text without fences is a program: SQL, or most of its lines read like code."""
    if is_sql(text) or is_command(text) or is_pattern(text):
        return True
    lines = [line for line in text.splitlines() if line.strip()][:60]
    while lines and lines[0].lstrip().startswith(("//", "/*", "#!")):
        lines.pop(0)
    if not lines or not _CODE_LINE.match(lines[0]):
        return False
    return 2 * sum(bool(_CODE_LINE.match(line)) for line in lines) >= len(lines)


def same_but_for_taste(before: str, after: str, *, sql: bool) -> bool:
    """Whether two programs that are written differently do the same for certain."""
    if max(len(before), len(after)) > _LONGEST:
        return False
    if sql:
        return read_query(before) == read_query(after)
    if is_pattern(before) and is_pattern(after):
        return plain_pattern(before) == plain_pattern(after)
    one = read_python(before)
    if one is not None and one == read_python(after):
        return True
    return same_commands(before, after) or _same_documents(before, after)


def _same_documents(before: str, after: str) -> bool:
    """Whether both are YAML, of which JSON is a part, or set the same names, and say the same."""
    if (settings := read_settings(before, after)) is not None:
        return bool(settings[0].value == settings[1].value)
    one, other = (read_yaml(f"```yaml\n{text}\n```") for text in (before, after))
    return one is not None and other is not None and one.value == other.value


def compare_code(before: str, after: str, where: str = "") -> list[Drift]:
    """How two programs differ: at most one finding of each kind, at the first line concerned."""
    sql = is_sql(before)
    one, other = read_tokens(before, sql=sql), read_tokens(after, sql=sql)
    told_one = [token.text for token in one if token.sort != "comment"]
    told_other = [token.text for token in other if token.sort != "comment"]
    if told_one != told_other and (
        same_but_for_taste(before, after, sql=sql)
        or (not sql and renamed(_arrows(before), _arrows(after)))
    ):
        return [drift_of("wording", where, None, None)]
    if told_one == told_other:
        comments = [t.text for t in one if t.sort == "comment"] == [
            t.text for t in other if t.sort == "comment"
        ]
        if comments and _indents(before) != _indents(after) and not sql and "{" not in before:
            # Where braces don't, indentation says what belongs to what.
            return [drift_of("whitespace", where, before, after, "review")]
        if comments and "".join(before.split()) == "".join(after.split()):
            return [drift_of("whitespace", where, None, None)]
        return [drift_of("wording", where, None, None)]
    return _differences(
        [token for token in one if token.sort != "comment"],
        [token for token in other if token.sort != "comment"],
        before.splitlines(), after.splitlines(), where,
    )  # fmt: skip


def _arrows(program: str) -> list[Token]:
    return read_tokens(plain_script(program), sql=False)


def _indents(text: str) -> list[int]:
    """Each line's depth in the order in which depths appear, so that 2 and 4 spaces are alike."""
    depths: list[int] = []
    levels: list[int] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        indent = len(line.expandtabs(4)) - len(line.lstrip())
        while levels and levels[-1] > indent:
            levels.pop()
        if not levels or levels[-1] < indent:
            levels.append(indent)
        depths.append(len(levels))
    return depths


def _differences(
    one: list[Token], other: list[Token], lines: list[str], lines_after: list[str], where: str
) -> list[Drift]:
    from rapidfuzz.distance import Levenshtein

    if len(one) > MOST_TOKENS or len(other) > MOST_TOKENS:
        return [drift_of("content", where)]
    if _rewritten(one, other) and not _edited(lines, lines_after):
        return [drift_of("content", where, _line(lines, 1), _line(lines_after, 1), "info")]
    drifts: dict[DriftKind, Drift] = {}
    edits = Levenshtein.opcodes([t.text for t in one], [t.text for t in other])
    for edit in edits:
        if edit.tag == "equal":
            continue
        gone = one[edit.src_start : edit.src_end]
        new = other[edit.dest_start : edit.dest_end]
        kind = _kind(gone, new)
        if kind not in drifts:
            line, line_after = _line_of(one, edit.src_start), _line_of(other, edit.dest_start)
            place = f"{where}, line {line}" if where else f"line {line}"
            drifts[kind] = drift_of(kind, place, _line(lines, line), _line(lines_after, line_after))
    return list(drifts.values())


def _edited(lines: list[str], lines_after: list[str]) -> bool:
    """Whether little is left of the difference once both are without what is taste."""
    from rapidfuzz.distance import Indel

    one, other = "\n".join(lines), "\n".join(lines_after)
    if max(len(one), len(other)) > _LONGEST:
        return False
    plain, plain_after = read_python(one), read_python(other)
    if plain is not None and plain_after is not None:
        told, told_after = _WORD.findall(plain), _WORD.findall(plain_after)
    else:
        told, told_after = map(anonymous, (plain_script(one), plain_script(other)))
    if max(len(told), len(told_after)) > MOST_TOKENS:
        return False
    return Indel.normalized_similarity(told, told_after) >= _NEARLY_THE_SAME


_WORD = re.compile(r"[\w$]+")


def _rewritten(one: list[Token], other: list[Token]) -> bool:
    """Whether a program was written anew with the same strings and figures, about as long.

    Whoever changes what a program does changes a token or two of it. Of one that is another
    throughout nothing can be said by its tokens but that a literal is lacking; 0 and 1 come and go
    with the way a loop is written.
    """
    from rapidfuzz.distance import Indel

    shorter, longer = sorted((len(one), len(other)))
    if shorter < _FEWEST_REWRITTEN or shorter < _AS_LONG * longer:
        return False
    if _literals(one) != _literals(other):
        return False
    return Indel.normalized_similarity([t.text for t in one], [t.text for t in other]) < _KEPT


def _literals(tokens: list[Token]) -> list[str]:
    return sorted(
        token.text
        for token in tokens
        if token.sort == "string" or (token.sort == "number" and token.text not in ("0", "1"))
    )


@lru_cache(maxsize=1024)
def literal_values(text: str) -> frozenset[str]:
    """The literals of a program but 0 and 1, and the names of the arguments that it names."""
    sql = is_sql(text)
    tokens = [token for token in read_tokens(unfenced(text)[0], sql=sql) if token.sort != "comment"]
    found = {repr(text) for text in _literals(tokens)}
    depth = 0
    for place, token in enumerate(tokens[:MOST_TOKENS]):
        depth += (token.text == "(") - (token.text == ")")
        following = tokens[place + 1].text if place + 1 < len(tokens) else ""
        before = tokens[place - 1].text if place else ""
        if depth > 0 and not sql and token.sort == "word" and following == "=" and before in "(,":
            found.add(f"{token.text}=")
        elif token.text.lower() in (_CLAUSES if sql else _CONSTANTS):
            found.add(token.text.lower())
    return frozenset(found)


_CLAUSES = frozenset(
    """distinct union all limit offset desc count sum avg min max having not null left right full or
    true false""".split()  # noqa: SIM905
)
"""Words of a query for which no other stands."""
_CONSTANTS = frozenset(("true", "false", "none", "null", "nil", "undefined"))


def _line_of(tokens: list[Token], at: int) -> int:
    """The line of the token at a place, or of the last before it; 1 where there is none at all."""
    return tokens[min(at, len(tokens) - 1)].line if tokens else 1


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def _kind(gone: list[Token], new: list[Token]) -> DriftKind:
    words = [token.text.lower() for token in (*gone, *new)]
    if gone and new and all(token.sort == "number" for token in (*gone, *new)):
        return "number"
    if words and all(word in _DENIALS or word in _TRUTHS for word in words):
        if len(words) == 1 and words[0] not in _DENIALS:
            return "content"
        return "negation"
    strings = all(token.sort == "string" for token in (*gone, *new))
    if gone and new and strings and all(" " in token.text for token in (*gone, *new)):
        told, told_after = ([q for t in side for q in quantities(t.text)] for side in (gone, new))
        left = unmatched(told, told_after)
        return "number" if left.before and left.after else "wording"
    return "content"


_LONGEST_PATTERN = 500  # characters of a line that may be a pattern
_MARKS = re.compile(r"\\[dwsbDWSB]|\[\^?[\w\\][^\]\n]*\]|\(\?[:=!<P]|[^\\]\{\d+(?:,\d*)?\}")
_ANCHORED = re.compile(r"^\^.*|.*[^\\]\$$")
_SPELLED: Sequence[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = (
    (re.compile(r"\[0-9\]"), r"\\d"),
    (re.compile(r"\[(?:a-zA-Z|A-Za-z)0-9_\]"), r"\\w"),
    (re.compile(r"\[\\d\]"), r"\\d"),
    (re.compile(r"\[\\w\]"), r"\\w"),
    (re.compile(r"\[a-zA-Z"), "[A-Za-z"),
    (re.compile(r"\{1,\}"), "+"),
    (re.compile(r"\{0,\}"), "*"),
    (re.compile(r"\{0,1\}"), "?"),
    (re.compile(r"\{1\}"), ""),
    (re.compile(r"\\([/@#%&=:;,\"'_~!])"), r"\1"),
    (re.compile(r"(\\[^-]|\[\^?(?:\\.|[^\]\\])*\])|\\-"), lambda found: found[1] or "-"),
    (re.compile(r"(?<=\[)\\-|\\-(?=\])"), "-"),  # anywhere else in a class it would be a range
    (re.compile(r"\[\.\]"), r"\\."),
    (re.compile(r"\[([A-Za-z0-9@_-])\]"), r"\1"),
    (re.compile(r"\(\?:"), "("),
)


def is_pattern(text: str) -> bool:
    """Whether a text of one line, without words of its own, is a regular expression."""
    text = text.strip()
    if len(text) > _LONGEST_PATTERN or len(text.split()) != 1:
        return False
    marks = len(_MARKS.findall(text))
    return marks > 1 or (marks == 1 and bool(_ANCHORED.match(text)))


def plain_pattern(text: str) -> str:
    """The pattern with classes, counts and groups spelled in one way, without its delimiters."""
    text = text.strip()
    if len(text) > 1 and text[0] == "/" == text[-1]:
        text = text[1:-1]
    for spelled, plain in _SPELLED:
        text = spelled.sub(plain, text)
    return text


INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
"""Code within a sentence, as Markdown marks it."""


def respelled(before: str, after: str) -> str:
    """The second text with its patterns spelled as the first spells those that match the same."""
    if "`" not in before or "`" not in after:
        return after
    known = {plain_pattern(code): code for code in INLINE.findall(before) if is_pattern(code)}
    for code in INLINE.findall(after) if known else ():
        if is_pattern(code) and code not in before:
            spelled = known.get(plain_pattern(code))
            after = after.replace(f"`{code}`", f"`{spelled}`") if spelled else after
    return after
