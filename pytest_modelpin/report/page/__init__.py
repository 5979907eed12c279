"""A comparison as one HTML page to decide from: self-contained, read from disk, no network."""

from pytest_modelpin.report.page.context import PageContext, context_of_runs
from pytest_modelpin.report.page.plots import NightPoint
from pytest_modelpin.report.page.render import comparison_page

__all__ = ["NightPoint", "PageContext", "comparison_page", "context_of_runs"]
