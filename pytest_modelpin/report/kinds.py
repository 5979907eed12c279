"""What each kind of drift means, in a line for a legend."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_modelpin.drift.drift import DriftKind

MEANINGS: Mapping[DriftKind, str] = {
    "identical": "nothing differs",
    "whitespace": "only blanks, line ends or indentation differ",
    "wording": "the same said in other words",
    "order": "the same parts in another order",
    "fence": "JSON or code put into a Markdown fence, or taken out of one",
    "unparseable": "JSON or XML that no parser reads any more",
    "keys": "a key lost, added or renamed",
    "type": "another JSON type, such as a string for a number",
    "enum": "a value outside the known set",
    "shape": "nested otherwise: a list for an object, an object flattened",
    "number": "an amount, date, time, unit, id or version changed",
    "negation": "turned round: yes for no, allowed for denied",
    "refusal": "one side declines to answer",
    "truncated": "cut off before its end",
    "empty": "nothing where there was something",
    "length": "much longer or shorter",
    "language": "another language",
    "format": "laid out otherwise: headings, lists, an opening courtesy",
    "content": "something said only on one side",
    "tools": "other tools called, or with other arguments",
    "tokens": "more or fewer output tokens",
    "cost": "dearer or cheaper",
    "latency": "slower or faster",
    "finish_reason": "ended for another reason",
}
