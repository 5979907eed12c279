"""pytest's way to the plugin, with pytest-modelpin installed and without it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution, entry_points
from pathlib import Path

import pytest_modelpin.plugin


def test_pytest_finds_the_plugin() -> None:
    (entry,) = entry_points(group="pytest11", name="modelpin")
    assert entry.load() is pytest_modelpin.plugin


def test_pytest_reads_the_short_list_of_files_alone() -> None:
    (entry,) = entry_points(group="pytest11", name="modelpin")
    assert entry.dist is not None
    assert entry.dist.name == "pytest-modelpin-runtime"
    assert "pytest11" not in {each.group for each in distribution("pytest-modelpin").entry_points}


def test_with_the_runtime_alone_pytest_runs_and_has_no_options_of_ours(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import sys\n"
        "def pytest_configure(config):\n"
        "    assert not hasattr(config.option, 'model')\n"
        "    assert config.pluginmanager.has_plugin('modelpin')\n"
        "    assert 'pytest_modelpin' not in sys.modules\n"
    )
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")
    # Finds no package of that name, as where only the runtime is installed.
    hidden = (
        "import sys, pytest\n"
        "class Hides:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'pytest_modelpin':\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Hides())\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider']))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", hidden],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout
