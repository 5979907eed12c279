from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from modelpin_runtime import load, pins
from modelpin_runtime.errors import RegistryError
from modelpin_runtime.source import AddressSource

YML = "models: {claude: {production: claude-a}}\n"


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
