"""The suite's fingerprint: equal where prompts and tests are equal, whatever the model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pytest_modelpin.results.case import Case


def fingerprint(cases: Iterable[Case], settings: str = "") -> str:
    """Hash of which cases there are, their tests' files, and what each first asks a model.

    Only the first request of each logical model counts: later ones may quote an earlier answer,
    which differs from version to version without any prompt having changed. `settings` holds
    whatever else a verdict depends on, such as the judge's id.
    """
    digest = hashlib.sha256(settings.encode())
    for case in sorted(cases, key=lambda case: case.id):
        digest.update(f"\n{case.id} {case.source}".encode("utf-8", "surrogatepass"))
        for name, request in sorted(_first_requests(case).items()):
            digest.update(f"\n  {name} {request}".encode())
    return digest.hexdigest()[:16]


def _first_requests(case: Case) -> dict[str, str]:
    first: dict[str, str] = {}
    for sample in case.samples[:1]:
        for call in (*sample.shared, *sample.calls):
            first.setdefault(call.name, call.request)
    return first
