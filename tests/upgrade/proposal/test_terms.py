"""Every term of a pull request leads to the part of the documentation that explains it."""

import re
from pathlib import Path

import pytest

from pytest_modelpin.errors import SITE
from pytest_modelpin.upgrade.proposal.body import TERMS, explained

DOCS = Path(__file__).parents[3] / "docs"


def slug(heading: str) -> str:
    """As the site's Markdown makes it."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


@pytest.mark.parametrize("address", TERMS.values())
def test_each_address_is_a_heading_of_the_documentation(address):
    page, _, anchor = address.removeprefix(SITE).partition("#")
    text = (DOCS / f"{page.strip('/')}.md").read_text("utf-8")
    headings = [slug(heading) for heading in re.findall(r"^#{1,4} (.+)$", text, re.M)]
    assert not anchor or anchor in headings


def test_they_are_one_line_of_links():
    assert explained().count("](https://") == len(TERMS)
    assert "\n" not in explained()
