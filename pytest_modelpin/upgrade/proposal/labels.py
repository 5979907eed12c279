"""The labels that the bot puts on its pull requests and issues."""

from __future__ import annotations

from pytest_modelpin.forge.pulls_and_issues import Label

MODEL_PIN = Label("model-pin", "1d76db", "Moves the pinned version of a model")
TWO_THINGS = Label(
    "two things at once", "d93f0b", "Moves a model and changes prompts or tests: hard to judge"
)
DASHBOARD = Label("model-pin-dashboard", "c5def5", "The state of all model pins")
ALARM = Label("model-pin-alarm", "b60205", "A model pin needs somebody")
