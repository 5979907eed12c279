"""The ledger as a static site: an overview, a page for each logical model, and a badge."""

from pytest_modelpin.report.site.site import ModelPage, NightRow, VersionRow, site

__all__ = ["ModelPage", "NightRow", "VersionRow", "site"]
