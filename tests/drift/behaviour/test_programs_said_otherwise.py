"""Programs, queries and settings that say the same otherwise, and those that say something else."""

from __future__ import annotations

import pytest

from pytest_modelpin.compare import drifts
from pytest_modelpin.drift.programs.python_programs import read_python

Pair = tuple[str, str]

FEE = "def fee(member, total):\n    if member and total > 20:\n        return 0\n    return 5"
TURNED = "def fee(member, total):\n    if {}:\n        return 5\n    return 0"
HAS = "def has(xs, y):\n  for x in xs:\n    if x == y:\n      return True\n  return False"
TOML = '[db]\nhost = "localhost"\nport = 5432\n'

SAME: list[Pair] = [
    (FEE, TURNED.format("not member or total <= 20")),
    ("def cut(a):\n    if a is None:\n        raise KeyError('no')\n    b = a + 1\n"
     "    return b * 2",
     "def cut(a):\n    if a is not None:\n        b = a + 1\n        return b * 2\n"
     "    else:\n        raise KeyError('no')"),
    ("def first(xs):\n    if len(xs) == 0:\n        return None\n    return xs[0]",
     "def first(xs):\n    if xs:\n        return xs[0]\n    return None"),
    ("def odd(n):\n    if n % 2 == 0:\n        return False\n    return True",
     "def odd(n):\n    return n % 2 != 0"),
    ("def adult(age):\n    return age >= 18 and age <= 30",
     "def adult(age):\n    return 18 <= age <= 30"),
    ("for x in xs:\n    if x < 0:\n        continue\n    print(x)\n    save(x)",
     "for x in xs:\n    if x >= 0:\n        print(x)\n        save(x)"),
    ("def squares(xs):\n    return [x * x for x in xs if x > 0]",
     "def squares(xs):\n    out = []\n    for x in xs:\n        if x > 0:\n"
     "            out.append(x ** 2)\n    return out"),
    ("def total(items):\n    n = 0\n    for i in items:\n        n += i.price\n    return n",
     "def total(items):\n    return sum(i.price for i in items)"),
    (HAS, "def has(xs, y):\n    return any(x == y for x in xs)"),
    ("def twice(d):\n    made = {}\n    for k in d:\n        made[k] = d[k] * 2\n    return made",
     "def twice(d):\n    return {k: d[k] * 2 for k in d}"),
    ("function area(w, h) {\n  return w * h;\n}", "const area = (w, h) => w * h;"),
    ("function hi(who) {\n  return 'Hi ' + who + '!';\n}", "const hi = who => `Hi ${who}!`;"),
    ("async function load(url) {\n  const res = await fetch(url);\n  return res.json();\n}",
     "const load = async (url) => {\n  const response = await fetch(url);\n"
     "  return response.json();\n};"),
    ("for (let i = 0; i < n; i++) {\n  console.log(i);\n}",
     "for (let j = 0; j < n; j += 1) {\n  console.log(j);\n}"),
    ("SELECT name FROM users WHERE age >= 18 AND age <= 30",
     "SELECT name FROM users WHERE age BETWEEN 18 AND 30"),
    (TOML, "# database\n[db]\nport = 5432   # default\nhost = 'localhost'\n"),
    ("DB_HOST=localhost\nDB_PORT=5432", '# settings\nDB_PORT=5432\nDB_HOST="localhost"'),
    (f"Set this:\n\n```toml\n{TOML}```",
     "Set this:\n\n```toml\n[db]\nport = 5432  # default\nhost = 'localhost'\n```"),
    ("with open('a.txt') as f:\n    print(f.read())",
     "with open('a.txt', 'r') as file:\n    print(file.read())"),
    ("kept = [x for x in xs if x is not None]",
     "kept = list(filter(lambda x: x is not None, xs))"),
    ("def total(n):\n    return sum(range(1, n + 1))",
     "def total(n):\n    s = 0\n    for i in range(1, n + 1):\n        s += i\n    return s"),
    ("if (user != null && user.active) {\n  run();\n}", "if (user?.active) {\n  run();\n}"),
    ("SELECT dept, COUNT(*) FROM staff GROUP BY dept ORDER BY COUNT(*) DESC",
     "SELECT dept, COUNT(*) AS total\nFROM staff\nGROUP BY dept\nORDER BY total DESC;"),
    ("```bash\ndu -h . | sort -rh | head -n 9\n```", "```bash\ndu -h . | sort -rh | head -9\n```"),
    (r"^\d{4}-\d{2}$", r"^[0-9]{4}-[0-9]{2}$"),
    (r"Use `^\d{5}$` to match five digits.", r"The pattern `^[0-9]{5}$` matches five digits."),
    (r"Use `^[\w.\-]+@\w+\-\d{2}$` for it.", r"Use `^[\w.-]+@\w+-[0-9]{2}$` for it."),
    ("KEY=\"a b\"  # the key\nPORT=1", "PORT=1\nKEY='a b'"),
    ("same = not a is b\nempty = not len(xs) > 0", "same = a is not b\nempty = not xs"),
    ("while len(xs) > 0 and not (a and b):\n    xs.pop()",
     "while xs and (not a or not b):\n    xs.pop()"),
    ("def some(xs):\n    return len(xs) > 0",
     "def some(xs):\n    if not xs:\n        return False\n    return True"),
    # a command that stood in a sentence as code stands in a block
    ("Check the size with `du -sh logs`. Rank the results with `sort -h`.",
     "Check the size with this command:\n\n```bash\ndu -sh logs\n```\n\n"
     "Rank the results with `sort -h`."),
]  # fmt: skip

OTHER: list[Pair] = [
    ("def total(n):\n    return sum(range(1, n + 1))",
     "def total(n):\n    s = 0\n    for i in range(1, n):\n        s += i\n    return s"),
    (r"^[A-Z]{2}\d{6}$", r"[A-Z]{2}\d{6}"),
    (r"Use `^\d{6}$`. It matches six digits.", r"You can use `^\d{6}`. It matches six digits."),
    ("SELECT dept, COUNT(*) AS n FROM staff GROUP BY dept ORDER BY n DESC",
     "SELECT dept, COUNT(*) FROM staff GROUP BY dept ORDER BY dept DESC"),
    ("for (let i = 0; i < n; i++) {\n  console.log(i);\n}",
     "for (let j = 0; j <= n; j += 1) {\n  console.log(j);\n}"),
    (FEE, TURNED.format("not member and total <= 20")),
    (FEE, TURNED.format("not member or total < 20")),
    ("def adult(age):\n    return age >= 18 and age <= 30",
     "def adult(age):\n    return 18 < age <= 30"),
    (HAS, "def has(xs, y):\n    return all(x == y for x in xs)"),
    ("function hi(who) {\n  return 'Hi ' + who;\n}", "const bye = who => `Hi ${who}`;"),
    ("function hi(who) {\n  return 'Hi ' + who;\n}", "const hi = who => `Hello ${who}`;"),
    ("SELECT name FROM users WHERE age >= 18 AND age < 30",
     "SELECT name FROM users WHERE age BETWEEN 18 AND 30"),
    (TOML, "[db]\nport = 5433\nhost = 'localhost'\n"),
    (TOML, "[db]\nhost = 'localhost'\n"),
    ("DB_HOST=localhost\nDB_PORT=5432", "DB_PORT=5432\nDB_HOST=example.org"),
    ('{"host": "localhost"}', '{"host": "example.org"}'),
    ("```bash\ngrep -n 9 a.log\n```", "```bash\ngrep -9 a.log\n```"),
    # what is asked whether it holds is not what is given back
    ("def some(xs):\n    return len(xs) > 0", "def some(xs):\n    return xs"),
    ("def some(xs):\n    if not xs:\n        return False\n    return True",
     "def some(xs):\n    return xs"),
    ("function next() {\n  return i++;\n}", "function next() {\n  return i += 1;\n}"),
    # a hyphen inside a class is a range unless it is escaped
    (r"Use `^[a\-z]{3}$` for it.", r"Use `^[a-z]{3}$` for it."),
    (r"^[+\-*]{3}$", r"^[+-*]{3}$"),
    # a text made of one value is no longer that value; values alone are added up
    ("def f(x):\n    return f'{x}'", "def f(x):\n    return x"),
    ("function f(a, b) { return `${a}${b}`; }", "function f(a, b) { return a + b; }"),
    ("function f(a) { return `${a}`; }", "function f(a) { return a; }"),
    # what is set twice is a list, and what goes on behind a quoted value is a program
    ("[Service]\nExecStartPre=/bin/one\nExecStartPre=/bin/two\nRestart=always",
     "[Service]\nExecStartPre=/bin/two\nRestart=always"),
    ("name = 'a' if x else 'b'\nother = 'c'", "name = 'a' if y else 'd'\nother = 'c'"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), SAME)
def test_what_says_the_same_is_for_information(before: str, after: str) -> None:
    assert {drift.severity for drift in drifts(before, after)} == {"info"}


@pytest.mark.parametrize(("before", "after"), OTHER)
def test_what_says_something_else_is_above_info(before: str, after: str) -> None:
    assert {drift.severity for drift in drifts(before, after)} - {"info"}


def test_a_setting_that_is_gone_is_a_key_that_is_gone() -> None:
    (found,) = drifts(TOML, "[db]\nhost = 'localhost'\n")
    assert (found.kind, found.severity, found.where) == ("keys", "regression", "$.db.port")


def test_equations_are_no_settings() -> None:
    assert {d.where for d in drifts("x = 4\ny = 5", "y = 5, x = 4")}.isdisjoint({"$.x", "$.y"})


def test_a_number_too_long_to_be_read_raises_nothing() -> None:
    digits = "1" * 5000
    settings, turned = f"a = {digits}\nb = 2", f"b = 2\na = {digits}"
    assert {drift.severity for drift in drifts(settings, turned)} == {"info"}
    assert {drift.severity for drift in drifts(settings, f"b = 3\na = {digits}")} - {"info"}


def test_a_loop_that_looks_up_what_it_found_is_no_comprehension() -> None:
    loop = "out = []\nfor x in xs:\n    if x not in out:\n        out.append(x)"
    assert read_python(loop) != read_python("out = [x for x in xs if x not in out]")
    assert read_python(loop) == read_python(loop.replace("out", "seen"))


def test_a_program_is_told_in_the_same_words_by_every_python() -> None:
    """How alike two programs are is counted in these words; each Python dumps a tree in others."""
    arguments = "arguments(posonlyargs=[], args=[arg(arg='$0')], kwonlyargs=[], kw_defaults=[], "
    call = "Call(func=Name(id='print', ctx=Load()), args=[Name(id='$0', ctx=Load())], keywords=[])"
    assert read_python("def f(x: int) -> None:\n    return print(x)") == (
        f"Module(body=[FunctionDef(name='f', args={arguments}defaults=[]), "
        f"body=[Return(value={call})], decorator_list=[])], type_ignores=[])"
    )


def test_nothing_that_is_returned_is_no_lack_of_a_value() -> None:
    assert "Constant(value=None)" in str(read_python("def f():\n    return None, 1"))
