"""What to do, why, and what to press: the page's first lines."""

from __future__ import annotations

from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.report.page.context import PageContext


def decision(verdict: Verdict, context: PageContext) -> tuple[str, str]:
    """What to do, in a few words, and why, in a sentence."""
    if verdict.colour == "red":
        if any("confirmed" in reason or "confirm it" in reason for reason in verdict.reasons):
            return "Keep the pin", "Something got worse, and fresh samples confirmed it."
        return "Keep the pin", "It goes beyond what you allow."
    if context.not_proposed:
        fine = "Nothing got worse beyond chance; " if verdict.colour == "green" else ""
        return "Nothing to move", f"{fine}{context.not_proposed}."
    if context.replayed:
        return "To be read", "These are recorded answers: only fresh ones, asked at night, decide."
    if verdict.colour == "inconclusive":
        return "Nothing decided", "This comparison alone can't tell whether the candidate is worse."
    if not verdict.bump_due:
        return "Keep watching", "Nothing got worse beyond chance tonight; it takes more nights."
    if context.held:
        return "Read, then move the pin", "No test got worse, but what the pin always says changed."
    return "Move the pin", "Nothing got worse beyond chance, and that is shown over several nights."


def what_to_press(verdict: Verdict, name: str, context: PageContext) -> str:
    """What the reader can do now, as a sentence or two with commands between backticks."""
    review = f"`pytest-modelpin review {name}`"
    night = f"`pytest-modelpin nightly {name}`"
    if verdict.colour == "red":
        return (
            f"Nothing moves by itself. Where a change is wanted after all, accept it by {review}; "
            "a version that you will never take goes on `ignore:` in models.yml."
        )
    if context.not_proposed and verdict.colour != "inconclusive":
        return "Nothing to press."
    if not context.nights:  # two runs side by side, of no night of the ledger
        return f"One look moves no pin: {night} asks again, confirms what changed, and counts it."
    if verdict.colour == "inconclusive":
        return f"Nothing to press: the next night asks again, or {night} does now."
    if not verdict.bump_due:
        return f"Nothing to press yet. What changed so far is read by {review}."
    alone = f" (without GitHub: `git diff HEAD...{context.branch}`)" if context.branch else ""
    if context.held:
        return f"Read what changed and accept it by {review}, then merge the pull request{alone}."
    return f"Read the pull request and merge it{alone}."
