"""pytest-modelpin: an LLM version as an ordinary, tested, pinned dependency."""

from modelpin_runtime import PLACES

__all__ = ["PLACES", "__version__"]

__version__ = "0.1.0"
