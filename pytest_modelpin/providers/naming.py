"""Rules by which a provider spells its model ids, and what an id's spelling therefore says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from pytest_modelpin.providers.provider import Kind, ModelId

YEAR = r"20\d\d"
MONTH = r"(?:0[1-9]|1[0-2])"
DAY = r"(?:0[1-9]|[12]\d|3[01])"

_MOVES_BY_NAME = re.compile(r"(?:.*[-:@/~])?latest(?::.*)?")


class Rule(NamedTuple):
    """If an id is spelled like `pattern` (whole id, regular expression), it is of `kind`."""

    kind: Kind
    pattern: str
    says: str
    """The rule as a sentence for the user."""


class Naming(NamedTuple):
    """One provider's naming rules. The first rule that fits decides; no rule is `unknown`.

    Patterns are compiled at the first use: most runs ask about one provider's ids only.
    """

    provider: str
    claims: str
    """Regular expression of the ids that can only be this provider's."""
    rules: tuple[Rule, ...]
    otherwise: str
    """What to tell the user about an id that no rule covers."""

    def owns(self, model: str) -> bool:
        """Whether the id's spelling is this provider's own."""
        return re.fullmatch(self.claims, model) is not None

    def identify(self, model: str) -> ModelId:
        """What the spelling says; asked about another provider's id, most often `unknown`."""
        for kind, pattern, says in self.rules:
            if re.fullmatch(pattern, model):
                return ModelId(model, self.provider, kind, says)
        return moving_by_name(model, self.provider) or ModelId(
            model, self.provider, "unknown", self.otherwise
        )


def moving_by_name(model: str, provider: str | None) -> ModelId | None:
    """`…-latest` and the like say themselves that they move, whoever names them so."""
    if not _MOVES_BY_NAME.fullmatch(model):
        return None
    return ModelId(model, provider, "floating", "An id that ends in `latest` moves by its name.")


def of_vendor(model: str, inner: str, vendor: Callable[[str], ModelId], provider: str) -> ModelId:
    """What the vendor's own rules say about `inner`, which `provider` sells as `model`."""
    found = vendor(inner)
    return ModelId(model, provider, found.kind, found.rule)
