"""Where each term of a pull request's text is explained."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_modelpin.errors import SITE
from pytest_modelpin.report.escape import link

KINDS = f"{SITE}drift/#the-kinds"

TERMS: Mapping[str, str] = {
    "this text": f"{SITE}reading/#the-pull-request",
    "green, red, inconclusive": f"{SITE}verdict/#the-colours",
    "passes": f"{SITE}verdict/#what-a-sample-has-to-do-to-pass",
    "when a bump is due, and the margin": f"{SITE}verdict/#when-a-bump-is-due",
    "kinds of change": KINDS,
    "accepting a change": f"{SITE}verdict/#accepting-a-change",
    "going back": f"{SITE}rollback/",
    "settings": f"{SITE}values/#settings",
}
"""By what the link says: an address of the documentation."""


def terms() -> str:
    """All of them as one line of Markdown."""
    return f"Explained: {' · '.join(link(term, url) for term, url in TERMS.items())}."
