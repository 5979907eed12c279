"""Variables by which a program may write to the repository or speak for the team, who gets them;
and what this process gives its children alone.
"""

from __future__ import annotations

from collections.abc import Mapping

TOKENS = frozenset(
    {
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "GH_ENTERPRISE_TOKEN",
        "GITHUB_ENTERPRISE_TOKEN",
        "INPUT_TOKEN",
        "ACTIONS_RUNTIME_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "MODELPIN_SLACK_WEBHOOK",
    }
)
"""What writes to the repository, gets further tokens, or posts in a team's name."""

RUNNER_FILES = frozenset(
    {"GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"}
)
"""Files by which a step tells GitHub Actions its outputs, and later steps their environment.

Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

_ADDRESSES = frozenset(
    {
        "ACTIONS_RUNTIME_URL",
        "ACTIONS_RESULTS_URL",
        "ACTIONS_CACHE_URL",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
    }
)


def for_tests(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what writes to the repository or speaks for the team.

    Nor with `MODELPIN_<NAME>`: a night is about the pin that models.yml holds, not about the one
    that somebody's environment has put in its place.
    """
    kept_back = TOKENS | RUNNER_FILES | _ADDRESSES
    return {
        name: value
        for name, value in environment.items()
        if name not in kept_back and not name.startswith("MODELPIN_")
    }


def without_tokens(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for programs that run what a test may have left, as git runs hooks."""
    return {name: value for name, value in environment.items() if name not in TOKENS}


secrets_of_children: dict[str, None] = {}
"""What this process gives its children alone, and is as secret as what its environment holds. Kept
here, where a replay that starts a child need not load what takes secrets out."""
