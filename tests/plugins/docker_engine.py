"""A real Docker engine: the machine's own, or one that is started for the test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

IMAGE = "pytest-modelpin-empty"
"""Holds nothing: no registry is asked, and what a container runs is mounted from this machine."""
_STARTS = 60  # seconds, at most


@dataclass(frozen=True)
class Docker:
    """An engine that runs, and how this machine's Python runs in a container of it."""

    gateway: str
    """The IPv4 address of this machine on the bridge that containers have by default."""

    def python(self, script: Path) -> list[str]:
        """What follows `docker run`'s own options: mounts, the image and its command."""
        system = [folder for folder in ("/usr", "/lib", "/lib64") if Path(folder).exists()]
        places = dict.fromkeys((*system, sys.base_prefix, sys.prefix, str(script.parent)))
        mounts = [f"--volume={place}:{place}:ro" for place in places]
        return ["--rm", *mounts, IMAGE, sys.executable, str(script)]


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Docker]:
    """Docker with an image that holds nothing; skips where there is none, fails in CI."""
    with tempfile.TemporaryDirectory(prefix="docker-", ignore_cleanup_errors=True) as folder:
        engine = None
        if not _answers():
            engine = _started(Path(folder))
            monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/socket")
        try:
            _wait(engine)
            _import_image(Path(folder))
            yield Docker(_gateway())
        finally:
            subprocess.run(["docker", "rmi", "--force", IMAGE], capture_output=True, check=False)
            if engine is not None:
                engine.terminate()
                engine.wait(_STARTS)


def _answers() -> bool:
    if shutil.which("docker") is None:
        return False
    asked = ["docker", "version", "--format", "{{.Server.Version}}"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _started(folder: Path) -> subprocess.Popen[bytes]:
    """An engine of its own, all of it below `folder`; the socket's path has to be short."""
    if None in (shutil.which("docker"), shutil.which("dockerd")) or os.geteuid() != 0:
        reason = "no Docker engine answers, and none can be started (`make setup` installs it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    command = [
        "dockerd",
        f"--host=unix://{folder}/socket",
        f"--data-root={folder}/data",
        f"--exec-root={folder}/exec",
        f"--pidfile={folder}/pid",
        "--storage-driver=vfs",
    ]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


def _wait(engine: subprocess.Popen[bytes] | None) -> None:
    until = time.monotonic() + _STARTS
    while not _answers():
        if engine is None or engine.poll() is not None or time.monotonic() > until:
            pytest.fail("the Docker engine does not start", pytrace=False)
        time.sleep(0.2)


def _import_image(folder: Path) -> None:
    layer = folder / "layer.tar"
    with tarfile.open(layer, "w") as archive:
        place = tarfile.TarInfo("tmp")
        place.type, place.mode = tarfile.DIRTYPE, 0o777
        archive.addfile(place)
    subprocess.run(["docker", "import", layer, IMAGE], check=True, capture_output=True)


def _gateway() -> str:
    asked = ["docker", "network", "inspect", "bridge"]
    told = json.loads(subprocess.run(asked, check=True, capture_output=True).stdout)
    gateway: str = told[0]["IPAM"]["Config"][0]["Gateway"]
    return gateway
