from __future__ import annotations

import os
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from modelpin_runtime import load, pins
from modelpin_runtime.errors import RegistryError
from modelpin_runtime.source import AddressSource

YML = "models: {claude: {production: claude-a}}\n"


class Cut(str):
    """A text whose last ten bytes never arrive."""

    def encode(self):
        return super().encode()[:-10]


def until(condition):
    """Wait for what another thread does."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


class Store(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.headers.get("If-None-Match"))
        text, etag = self.server.content
        if text is None:
            self.send_response(500)
            self.end_headers()
        elif self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.end_headers()
        else:
            self.send_response(200)
            self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

    def log_message(self, *args):
        pass


@pytest.fixture(autouse=True)
def polling_ends(monkeypatch):
    """What a test polls is polled no more once it ends: the port is somebody else's then."""
    begun, start = [], AddressSource.start
    monkeypatch.setattr(AddressSource, "start", lambda self: begun.append(self) or start(self))
    yield
    for source in begun:
        source.stop()


@pytest.fixture
def store(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    monkeypatch.setattr(pins, "CHECK_SECONDS", 0.0)
    with ThreadingHTTPServer(("127.0.0.1", 0), Store) as server:
        server.content, server.asked = (YML, '"1"'), []
        server.url = f"http://127.0.0.1:{server.server_address[1]}/models.yml"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def test_an_address_is_read_and_its_change_is_seen(store, tmp_path):
    source = AddressSource(store.url, tmp_path / "cache")
    assert source.fetch()
    assert not source.fetch()
    assert store.asked == [None, '"1"']
    found = load(store.url, environment={}, cache=tmp_path / "cache")
    assert found["claude"] == "claude-a"
    store.content = YML.replace("claude-a", "claude-b"), '"2"'
    assert source.fetch()
    assert found["claude"] == "claude-b"


def test_an_outage_leaves_the_copy_in_force(store, tmp_path):
    AddressSource(store.url, tmp_path / "cache").fetch()
    store.content = None, ""
    found = load(store.url, environment={}, cache=tmp_path / "cache")
    assert found["claude"] == "claude-a"


def test_without_a_copy_the_file_that_is_here_serves_meanwhile(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.yml").write_text(YML)
    found = load("http://127.0.0.1:9/models.yml", environment={}, cache=tmp_path / "cache")
    assert found["claude"] == "claude-a"


def test_where_nothing_is_to_be_had_it_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    with pytest.raises(RegistryError, match="Nothing came from http://127"):
        load("http://127.0.0.1:9/models.yml", environment={}, cache=tmp_path / "cache")


def test_a_signed_address_is_logged_without_its_signature(store, tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir(exist_ok=True)
    store.content = None, ""
    url = f"{store.url}?X-Amz-Signature=planted-signature"
    with pytest.raises(RegistryError, match=f"Nothing came from {store.url} within") as said:
        load(url, environment={}, cache=tmp_path / "cache")
    assert "HTTP 500" in str(said.value)
    assert "HTTP 500" in caplog.text
    assert "planted" not in str(said.value) + caplog.text


@pytest.mark.parametrize(
    ("text", "said"),
    [("<html>Sign in</html>", "found '<html>"), ("models: {claude: {production: ", "not valid"),
     ("", "models"), ("models: {claude: {production: z, canary: {model: z}}}", "the pin z")],
)  # fmt: skip
def test_what_is_no_models_yml_never_becomes_the_copy(store, tmp_path, text, said):
    """A portal's page took the copy's place, and no process could start any more."""
    cache = tmp_path / "cache"
    AddressSource(store.url, cache).fetch()
    store.content = text, '"2"'
    with pytest.raises(RegistryError, match=said):
        AddressSource(store.url, cache).fetch()
    found = load(store.url, environment={}, cache=cache)
    until(lambda: found.fault)
    assert said in found.fault
    assert found["claude"] == "claude-a"
    assert load(store.url, environment={}, cache=cache)["claude"] == "claude-a"


def test_half_a_file_is_an_outage(store, tmp_path):
    """Half of it can be a good models.yml, of fewer models."""
    source = AddressSource(store.url, tmp_path / "cache")
    source.fetch()
    store.content = Cut(YML + "# and more\n"), '"2"'
    with pytest.raises(OSError, match="ended after 42 of 52"):
        source.fetch()
    assert source.path.read_text() == YML


def test_a_copy_that_was_cut_short_on_disk_is_fetched_anew(store, tmp_path):
    cache = tmp_path / "cache"
    source = AddressSource(store.url, cache)
    source.fetch()
    source.path.write_text("models: {claude: {prod")
    assert load(store.url, environment={}, cache=cache)["claude"] == "claude-a"


def test_an_outage_is_the_pins_fault_until_it_is_over(store, tmp_path, monkeypatch):
    begun = AddressSource.__init__
    monkeypatch.setattr(
        AddressSource, "__init__", lambda self, url, cache: begun(self, url, cache, 0.01)
    )
    found = load(store.url, environment={}, cache=tmp_path / "cache")
    assert found.fault == ""
    store.content = None, ""
    until(lambda: found.fault)
    assert "HTTP 500); the last copy stays" in found.fault
    store.content = YML, '"3"'
    until(lambda: not found.fault)


def test_a_fork_polls_on_whoever_held_the_locks(store, tmp_path):
    """The parent's thread holds one for a moment after each poll; in a child it stays so."""
    source = AddressSource(store.url, tmp_path / "cache", 0.01)
    with source._stop._cond:
        source._pid = -1  # as in a child
        source.start()
        until(lambda: len(store.asked) > 2)
    source.stop()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows' temporary folder is the user's")
def test_a_folder_that_others_may_write_to_holds_no_copy(tmp_path, monkeypatch, caplog):
    """Whoever made it first in a shared /tmp would say which models are asked."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / f"modelpin-{os.getuid()}").mkdir()
    (tmp_path / f"modelpin-{os.getuid()}").chmod(0o777)
    made = AddressSource("http://127.0.0.1:9/models.yml").path.parent
    assert made.name != f"modelpin-{os.getuid()}"
    assert "not this user's alone" in caplog.text
    (tmp_path / f"modelpin-{os.getuid()}").chmod(0o700)
    again = AddressSource("http://127.0.0.1:9/models.yml").path.parent
    assert again.name == f"modelpin-{os.getuid()}"
