"""The scripts are no modules of the package: each is loaded from its file."""

from __future__ import annotations

import importlib.util

import pytest


@pytest.fixture(scope="module")
def script(request):
    """The script that the test module names as `PATH`, as a module."""
    path = request.module.PATH
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
