"""Ties that count in any wording: each finds two sentences, of which one says of a thing what the
other says of another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pytest_modelpin.drift.drift import DriftKind
from pytest_modelpin.drift.text.anchors import (
    anchor_changed,
    need_dropped,
    party_exchanged,
)
from pytest_modelpin.drift.text.clauses import (
    denied_instead,
    moment_turned,
)
from pytest_modelpin.drift.text.relations import (
    bound_turned,
    hedged,
    move_turned,
    operation_changed,
    opposite_said,
)
from pytest_modelpin.drift.text.roles import (
    cause_turned,
    order_turned,
    parties_turned,
    way_turned,
)
from pytest_modelpin.drift.text.scopes import (
    base_changed,
    claim_raised,
    compound_changed,
    days_dropped,
    denial_lifted,
    exception_turned,
)
from pytest_modelpin.drift.text.sentences import Sentence

Between = Callable[[Sequence[Sentence], Sequence[Sentence]], tuple[Sentence, Sentence] | None]

TIES: Mapping[Between, DriftKind] = {
    bound_turned: "content",
    move_turned: "number",
    operation_changed: "number",
    denied_instead: "negation",
    cause_turned: "content",
    order_turned: "content",
    way_turned: "content",
    parties_turned: "content",
    exception_turned: "content",
    denial_lifted: "negation",
    base_changed: "content",
    days_dropped: "content",
    claim_raised: "content",
    compound_changed: "content",
    anchor_changed: "content",
    party_exchanged: "content",
    need_dropped: "negation",
    moment_turned: "content",
    opposite_said: "content",
    hedged: "content",
}
"""Each with the kind of drift that it shows, in the order in which they are asked."""
