"""What a judge said of which answers: one file a version of the judge, so that nothing is asked
twice and a replay asks nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from pytest_modelpin.files import safe_name
from pytest_modelpin.judge.difference import WORDING, Meant, Opinion
from pytest_modelpin.redaction.written import write_redacted

FOLDER = Path(".pytest_modelpin", "judge")
"""Below the folder that pytest runs in; git-ignored, since all of it can be asked again."""

_SCHEMA = 1


class OpinionFile:
    """The opinions of one version of the judge."""

    def __init__(self, folder: Path, version: str) -> None:
        self.path = folder / f"{safe_name(version)}.json"
        self._version = version
        self._known = self._read()

    def get(self, key: str) -> Opinion | None:
        """What was said of the reading with this key; None where it was not asked."""
        return self._known.get(key)

    def add(self, opinions: Mapping[str, Opinion]) -> None:
        """Keep more of them; what another process wrote meanwhile stays. Raises OSError."""
        if not opinions:
            return
        self._known = {**self._read(), **self._known, **opinions}
        document = {
            "schema": _SCHEMA,
            "judge": self._version,
            "wording": WORDING,
            "opinions": {
                key: {"meant": each.meant, "quote": each.quote, "reason": each.reason}
                for key, each in sorted(self._known.items())
            },
        }
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        write_redacted(self.path, text.encode("utf-8", "backslashreplace").decode())

    def _read(self) -> dict[str, Opinion]:
        """None of a file that is torn or somebody else's: it is asked again, that is all."""
        try:
            document = json.loads(self.path.read_bytes())
            if (document["schema"], document["judge"]) != (_SCHEMA, self._version):
                return {}
            return {
                str(key): Opinion(each["meant"], str(each["quote"]), str(each["reason"]))
                for key, each in document["opinions"].items()
                if each["meant"] in get_args(Meant)
            }
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return {}
