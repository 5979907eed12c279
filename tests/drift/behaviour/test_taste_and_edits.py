"""Small edits that are meant, and differences that are a matter of taste."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.compare import drifts
from pytest_modelpin.drift.programs.program_code import same_but_for_taste


def above_info(before: str, after: str) -> list[str]:
    return [drift.kind for drift in drifts(before, after) if drift.severity != "info"]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("Return it within 30 days if unused.", "Return it within 30 days.", "content"),
        ("Add salt, pepper and basil.", "Add salt and basil.", "content"),
        ("Contact us by email or phone.", "Contact us by email.", "content"),
        ("Only admins can delete users.", "Admins can delete users.", "content"),
        ("All customers get a refund.", "Some customers get a refund.", "content"),
        ("You need at least 3 items.", "You need at most 3 items.", "content"),
        ("You must wear a helmet.", "You may wear a helmet.", "content"),
        ("Return it within 30 days of delivery.", "Return it within 30 days of order.", "content"),
        ("Refunds go to your credit card.", "Refunds go to your debit card.", "content"),
        ("The distance is 5 km.", "The distance is 5.", "content"),
        (
            "We offered to send our audit report.",
            "They offered to send their audit report.",
            "content",
        ),
        (
            "It rises in the Black Forest and crosses ten countries before the Black Sea.",
            "It rises in the Black Forest and crosses ten countries before the Caspian Sea.",
            "content",
        ),
        ("The call is at 3 pm EST.", "The call is at 3 pm PST.", "number"),
        ("It starts at 14:00 UTC.", "It starts at 14:00.", "content"),
        ("Run it with --force first.", "Run it with --soft first.", "content"),
        ('print("You have 3 tries left")', 'print("You have 5 tries left")', "number"),
        ("positive", "Positive", "enum"),
        ("approved", "The request is approved.", "enum"),
        ('{"due": "2026-03-01"}', '{"due": "March 1, 2026"}', "format"),
        ('{"status": "OPEN"}', '{"status": "open"}', "enum"),
        ("a:\n  b: 1\n  c: 2\n", "a:\n  b: 1\n  c: 3\n", "number"),
        ("```yaml\na: 1\n```", "```yaml\na: '1'\n```", "type"),
    ],
)
def test_a_small_edit_that_is_meant_is_found(before: str, after: str, kind: str) -> None:
    assert kind in above_info(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os\nimport sys\nprint(os.name)", "import sys\nimport os\nprint(os.name)"),
        ("import numpy as np\nprint(np.pi)", "import numpy\nprint(numpy.pi)"),
        ("def f(x):\n    return x\n", 'def f(x):\n    """Same."""\n    return x\n'),
        ("SELECT a FROM t WHERE x = 1 AND y = 2", "SELECT a FROM t WHERE y = 2 AND x = 1"),
        ("SELECT u.a FROM users u", "SELECT x.a FROM users AS x"),
        ("a:\n  b: [1, 2]\n  c: x\n", "a:\n  c: x\n  b:\n    - 1\n    - 2\n"),
        (
            "def f(a):\n    n = 0\n    n += a\n    return n",
            "def f(b):\n    t = 0\n    t = t + b\n    return t",
        ),
        (
            "with open(p, 'w') as f:\n    f.write(x + '\\n')",
            "with open(p, mode='w') as h:\n    h.write(f'{x}\\n')",
        ),
        ("def f(a: int) -> int:\n    return a", "def f(a):\n    return a"),
        ("const a = 1;\nlog(a);", "const b = 1;\nlog(b);"),
        ("// Adds.\nfunction f(a) {\n  return a;\n}", "function f(b) {\n  // adds\n  return b;\n}"),
        (
            "SELECT name FROM users WHERE age > 5",
            "-- grown\nselect u.name from users as u where u.age > 5",
        ),
        (
            "Run this:\n\n```sh\ngrep -rn x src\n```",
            "Run this:\n\n```sh\ngrep --recursive --line-number x src\n```",
        ),
        (
            "Search it with:\n\ngrep -r -i x /var",
            "Search it with:\n\ngrep --recursive --ignore-case x /var",
        ),
        (
            "Add this:\n\n```yaml\non:\n  push: [main]\n```",
            'Add this:\n\n```yaml\non:\n  push:\n    - "main"  # only\n```',
        ),
        ("First:\n\n```\nls\ncd x\n```", "First:\n\n```\nls\n```\n\n```\ncd x\n```"),
        (
            "```sql\nSELECT a FROM t\n```",
            "This gives you all of a:\n\n```sql\nSELECT a FROM t\n```",
        ),
        ("if len(a) == 0:\n    b()", "if not a:\n    b()"),
        ("if not a is None:\n    b()", "if a is not None:\n    b()"),
        (
            "r = []\nfor x in d:\n    if x > 0:\n        r.append(x * 2)",
            "r = [y * 2 for y in d if y > 0]",
        ),
        ("if c:\n    x = 1\nelse:\n    x = 2", "x = 1 if c else 2"),
        ("def f(a):\n    b = a + 1\n    return b", "def f(a):\n    return a + 1"),
        (
            "def f(a):\n    if a:\n        return 1\n    return 2",
            "def f(a):\n    return 1 if a else 2",
        ),
        ("total = sum([p.x for p in ps])", "t = sum(p.x for p in ps)"),
        (
            "```js\nconst n = u.map(function (x) { return x.n; });\n```",
            "```js\nconst n = u.map(y => y.n);\n```",
        ),
        ("SELECT a FROM t ORDER BY a ASC", "select a from t order by a"),
        ("SELECT a FROM t WHERE a <> 1", "SELECT a FROM t WHERE a != 1"),
        ("SELECT a FROM t WHERE b IN (1, 2)", "SELECT a FROM t WHERE b = 1 OR b = 2"),
        ("SELECT a FROM t INNER JOIN u ON t.x = u.y", "SELECT a FROM t JOIN u ON u.y = t.x"),
        ("```sh\nmkdir -p x && cd x\n```", "```sh\nmkdir -p x\ncd x\n```"),
        (
            "```sh\ncurl -X POST -d 'a b' http://x.y\n```",
            "```sh\ncurl --request POST http://x.y --data 'a b'\n```",
        ),
        ("## Sales\n\nSales rose 4% in May.", "**Sales:** In May, sales went up by 4%."),
        ("It starts at 14:00 GMT.", "It starts at 14:00 UTC."),
        ("All files are kept.", "Every file is kept."),
    ],
)
def test_what_is_a_matter_of_taste_is_no_change(before: str, after: str) -> None:
    assert above_info(before, after) == []


@pytest.mark.parametrize(
    ("before", "after", "sql"),
    [
        ("x = 1\ny = x\n", "y = x\nx = 1\n", False),
        ("from a import b as c\nc()\n", "from a import d as c\nc()\n", False),
        ("SELECT a FROM t WHERE x = 1 OR y = 2", "SELECT a FROM t WHERE y = 2 AND x = 1", True),
        (
            "SELECT a FROM t WHERE x BETWEEN 1 AND 5",
            "SELECT a FROM t WHERE x BETWEEN 5 AND 1",
            True,
        ),
        ("SELECT u.a FROM users u", "SELECT u.a FROM admins u", True),
        ("SELECT a FROM t ORDER BY a DESC", "SELECT a FROM t ORDER BY a ASC", True),
        ("SELECT a FROM t WHERE b = 1 OR b = 2", "SELECT a FROM t WHERE b IN (1, 3)", True),
        (
            "SELECT a FROM t WHERE c = 3 AND b = 1 OR b = 2",
            "SELECT a FROM t WHERE c = 3 AND b IN (1, 2)",
            True,
        ),
        ("if len(a) == 1:\n    b()", "if not a:\n    b()", False),
        ("r = [1]\nfor x in d:\n    r.append(x)", "r = [x for x in d]", False),
        ("if c:\n    x = 1\nelse:\n    y = 2", "x = 1 if c else 2", False),
        ("curl -X POST -d a http://x.y", "curl -X PUT -d a http://x.y", False),
        ("mkdir -p x && cd x", "mkdir -p x || cd x", False),
        ("SELECT a FROM t LEFT JOIN u ON x = y", "SELECT a FROM t JOIN u ON x = y", True),
        ("SELECT t.a FROM t JOIN u ON t.x = u.x", "SELECT u.a FROM t JOIN u ON t.x = u.x", True),
        ("def f(a, b):\n    return a - b", "def f(a, b):\n    return b - a", False),
        ("def f(a):\n    return a", "def g(a):\n    return a", False),
        ("def f(a):\n    return a + LIMIT", "def f(a):\n    return a + a", False),
        ("x.write(a + 'b')", "x.write('b' + a)", False),
        ("grep -r x src", "grep --invert-match x src", False),
        ("cp -a x -b y", "cp -b x -a y", False),
        ("kill -9 x", "kill -15 x", False),
        ("rm -r x", "rm -r y", False),
        ("a: 1\nb:\n  - c", "a: 1\nb:\n  - d", False),
        ("SELECT 'A' FROM t", "SELECT 'a' FROM t", True),
    ],
)
def test_what_a_program_does_differently_is_no_taste(before: str, after: str, sql: bool) -> None:
    assert not same_but_for_taste(before, after, sql=sql)


@given(st.text(max_size=200), st.text(max_size=200), st.booleans())
def test_no_program_raises(before: str, after: str, sql: bool) -> None:
    assert same_but_for_taste(before, before, sql=True)
    assert same_but_for_taste(before, after, sql=sql) in (True, False)


REWRITTEN = (
    "Rome was founded in 753 BC. It grew along the Tiber. Its senate ruled for centuries. "
    "Trade made it rich. Roads led to every province.",
    "Few cities have shaped Europe like this one. Legends speak of twins and a wolf. Later came "
    "emperors. In 476 the western part fell. Tourists now fill its squares.",
)


def test_prose_that_was_rewritten_as_a_whole_is_one_finding_with_a_summary() -> None:
    above = [drift for drift in drifts(*REWRITTEN) if drift.severity != "info"]
    assert [(drift.kind, drift.severity) for drift in above] == [("content", "review")]
    assert "753 BC" in str(above[0].before) or "753" in str(above[0].before)
    assert "476" in str(above[0].after)


def test_a_changed_figure_in_a_reworded_text_is_no_regression() -> None:
    before = "The oven has to be at 180 °C. Bake it for 40 minutes."
    after = "Heat up your oven to 200 °C first. Then it needs to be in there for about an hour."
    assert all(drift.severity != "regression" for drift in drifts(before, after))


def test_a_code_block_within_a_code_block_raises_nothing() -> None:
    before = "````md\n```py\nx = 1\n```\n````"
    after = "```md\n```py\n# only a comment\n```\n```"
    assert drifts(before, after)
    assert drifts(after, before)
    assert drifts("```\n# a\n```", "```\nx = 1\n```")


STAYS = " The office answers questions by mail."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The supplier indemnifies the buyer.", "The buyer indemnifies the supplier."),
        ("First stop the job, then save it all.", "First save it all, then stop the job."),
        ("You need a permit unless you stay briefly.", "You need a permit if you stay briefly."),
        ("The tumour is unlikely to grow again.", "The tumour is likely to grow again."),
        ("Ce refus ne constitue pas une faute.", "Ce refus constitue toutefois une faute."),
        ("Die Frist endet spätestens am Montag.", "Die Frist beginnt frühestens am Montag."),
        ("The job runs as `0 3 * * 1` at night.", "The job runs as `0 3 1 * *` at night."),
    ],
)
def test_the_one_sentence_that_changed_in_a_text_that_stands(before: str, after: str) -> None:
    prefix = "Under clause nine, " if before.startswith("The supplier") else ""
    found = drifts(prefix + before + STAYS, prefix + after + STAYS)
    assert any(drift.severity != "info" for drift in found)


def test_a_text_said_anew_with_the_same_figures_is_wording() -> None:
    before = (
        "Acme sold its paint division to Borealis in 2019, and Borealis kept all 240 employees."
    )
    after = (
        "In 2019 Borealis bought the paint division from Acme. "
        "None of the 240 employees was let go by the new owner."
    )
    assert all(drift.severity == "info" for drift in drifts(before, after))


LEASE = (
    "For more than 10,000 euros, two people have to sign. Statements come by post. On Fridays, the "
    "branch shuts earlier. We pay 2.5% on your savings. The card expires in June 2028.",
    "Friday is a short day at the branch. You receive statements in the mail. Two signatures are "
    "due from {} on. The card runs out in {}. The interest rate is 2.5%.",
)


@pytest.mark.parametrize(
    ("amount", "expiry", "found"),
    [
        ("10,000 euros", "June 2028", set()),
        ("50,000 euros", "June 2028", {"Two signatures are due from 50,000 euros on."}),
        ("10,000 euros", "July 2027", {"The card runs out in July 2027."}),
        ("10,000 dollars", "June 2028", set()),  # it may be another amount altogether
        ("50,000 euros", "July 2027", set()),
    ],
)
def test_the_one_figure_that_changed_in_a_text_that_was_rewritten_is_for_review(
    amount: str, expiry: str, found: set[str]
) -> None:
    told = drifts(LEASE[0], LEASE[1].format(amount, expiry))
    assert {drift.after for drift in told if drift.kind == "number"} == found
    assert {drift.severity for drift in told if drift.kind == "number"} <= {"review"}


CONTACT = (
    "Your contact is Ms. Okafor. Statements come by post. Two people have to sign. The card can be "
    "used abroad. Savings are paid interest.",
    "You receive statements in the mail. A second signature is needed. Abroad, the card works too. "
    "Interest is paid on savings. The account is managed by {}.",
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Ms. Okafor", set()),
        ("Ms. Lindqvist", {"The account is managed by Ms. Lindqvist."}),
        ("Ms. Lindqvist or Mr. Vega", set()),  # it may be told of somebody else
        ("our team", set()),
    ],
)
def test_the_one_name_that_changed_in_a_short_text_that_was_rewritten_is_for_review(
    name: str, found: set[str]
) -> None:
    told = [d for d in drifts(CONTACT[0], CONTACT[1].format(name)) if d.severity != "info"]
    assert {drift.after for drift in told} == found
    assert {drift.severity for drift in told} <= {"review"}


def test_the_figure_that_changed_where_two_sentences_became_one_is_for_review() -> None:
    before = "The customer asks where the parcel is. It was due on Monday."
    after = "A customer wants to know where their parcel is, which should have come on {}."
    assert {d.severity for d in drifts(before, after.format("Monday"))} == {"info"}
    told = [d for d in drifts(before, after.format("Tuesday")) if d.severity != "info"]
    assert [(d.kind, d.severity, d.before) for d in told] == [
        ("number", "review", "It was due on Monday.")
    ]


BACK = (
    "It can come back to us for 14 days.",
    "Print with --label before.",
    "We repay your card.",
)


@pytest.mark.parametrize(
    ("after", "gone"),
    [
        ("You are paid back by card. Send us the parcel within 14 days, using --label.", set()),
        ("You are paid back by card. Send us the parcel, using --label.", {BACK[0]}),
        ("You are paid back by card. Send us the parcel within 14 days.", {BACK[1]}),
    ],
)
def test_a_figure_or_flag_that_is_gone_from_a_short_text_said_anew_is_for_review(
    after: str, gone: set[str]
) -> None:
    told = [drift for drift in drifts(" ".join(BACK), after) if drift.severity != "info"]
    assert {drift.before for drift in told} == gone
    assert {(drift.kind, drift.severity) for drift in told} <= {("content", "review")}


OTHERS = ("The kiln is in the yard.", "Bring your own clay.")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # two names that changed places, more than once
        (
            "Ines will fire Marek's bowls on Friday, and Marek pays for the gas.",
            "Marek will fire Ines's bowls on Friday, and Ines pays for the gas.",
        ),
        # a condition that led the sentence, and a sentence of which little is left
        ("If the lid is hot, wear the long gloves.", "Wear the long gloves."),
        ("Let the shelves cool for a night before you empty the kiln.", "Empty the kiln."),
        # how much, how often, how sure, by when
        ("Glaze each bowl twice.", "Glaze each bowl once."),
        ("Both doors stay shut.", "One of the doors stays shut."),
        ("You get half of the fee back.", "You get all of the fee back."),
        ("The bowls have to be collected by Friday.", "The bowls have to be collected."),
    ],
)
def test_one_edit_beside_sentences_that_stand_is_meant(before: str, after: str) -> None:
    one, other = (" ".join([OTHERS[0], each, OTHERS[1]]) for each in (before, after))
    assert above_info(one, other)


def test_names_that_change_places_across_sentences_are_found() -> None:
    before = "Ines brings the clay. Marek sweeps the floor. Tea is at four."
    after = "Marek brings the clay. Ines sweeps the floor. Tea is at four."
    assert set(above_info(before, after)) == {"content"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Wait until the cone bends.", "Wait till the cone bends."),
        ("Everything is fired, apart from the lids.", "Everything is fired, except for the lids."),
        ("Ines and Marek sweep the floor.", "Marek and Ines sweep the floor."),
    ],
)
def test_a_word_for_the_same_beside_sentences_that_stand_is_wording(
    before: str, after: str
) -> None:
    one, other = (" ".join([OTHERS[0], each, OTHERS[1]]) for each in (before, after))
    assert above_info(one, other) == []


YARD = "Members park behind the barn. The pump is tested in spring. Dogs stay on a leash."


def test_a_sentence_of_which_a_shorter_text_said_anew_has_no_word_is_lost() -> None:
    anew = "Members can park at the barn's back. A dog needs a leash."
    found = [each for each in drifts(YARD, anew) if each.severity != "info"]
    assert [each.before for each in found] == ["The pump is tested in spring."]
    same = f"{anew} Each spring sees a test of the pump."
    assert above_info(YARD, same) == []


def test_a_half_in_one_character_is_the_half() -> None:
    assert above_info("Pour in 1 1/2 oz rum.", "Pour in 1 ½ oz rum.") == []
