"""The script that follows the documentation's links, on a server of its own."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import yaml
from own_server import Handler, serving

ROOT = Path(__file__).parents[2]
PATH = ROOT / "scripts" / "check_links.py"


class Pages(Handler):
    def do_GET(self):
        if self.path == "/silent":
            self.server.ended.wait(60)
            return
        status, _, to = self.path.strip("/").partition("-")
        to = self.path.strip("/") if to == "circle" else to
        self.server.asked.append(self.path)
        self.send_response(int(status))
        if status in ("301", "302", "308"):
            self.send_header("Location", f"/{to or 200}")
        if status == "429":
            self.send_header("Retry-After", "3600")
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def server():
    with serving(Pages, asked=[], ended=threading.Event()) as pages:
        yield pages.url
        pages.ended.set()


def test_addresses_are_found_once_without_anchors_and_without_what_is_made_up(script):
    found = script.links(
        [
            ("a.md", "[x](https://docs.pytest.org/en/stable/#top), <https://pypi.org>."),
            ("b.md", "https://docs.pytest.org/en/stable/ and https://api.example.com/v1"),
            ("b.md", "```sh\ncurl https://not-followed.org\n```\nhttps://github.com/OWNER/NAME"),
        ]
    )
    assert found == [
        script.Link("https://docs.pytest.org/en/stable/", ("a.md", "b.md")),
        script.Link("https://pypi.org", ("a.md",)),
    ]


def test_gone_is_dead_refused_is_not_told_and_a_move_is_followed(script, server):
    every = [script.Link(f"{server}/{path}", ("a.md",)) for path in (200, 301, 403, 404, 410, 503)]
    found = script.follow_all(every)
    states = {each.link.url.rpartition("/")[2]: each.state for each in found}
    assert states == {
        "200": "there", "301": "there", "403": "not told", "404": "dead", "410": "dead",
        "503": "not told",
    }  # fmt: skip
    lines, code = script.report(found)
    assert code == 1
    assert lines[0] == f"dead      {server}/404  (a.md): HTTP 404"
    assert lines[-1] == "2 there, 2 dead, 2 not told."


def test_a_way_of_several_moves_is_followed_to_its_end(script, server):
    ways = ("301-302-308-200", "302-404", "301-429")
    found = script.follow_all([script.Link(f"{server}/{way}", ("a.md",)) for way in ways])
    assert [each.state for each in found] == ["there", "dead", "not told"]


def test_what_leads_in_a_circle_never_answers_or_asks_to_wait_is_told_and_not_waited_for(
    script, server, monkeypatch
):
    paths = ("301-circle", "429", "200")
    found = script.follow_all([script.Link(f"{server}/{path}", ("a.md",)) for path in paths])
    assert [each.state for each in found] == ["not told", "not told", "there"]
    assert "TooManyRedirects" in found[0].said
    assert found[1].said == "HTTP 429"
    monkeypatch.setattr(script, "SECONDS", 0.2)  # no more than nobody needs
    (silent,) = script.follow_all([script.Link(f"{server}/silent", ("a.md",))])
    assert silent.state == "not told"
    assert "Timeout" in silent.said
    assert script.report([*found, silent])[1] == 0


def test_a_host_or_a_port_where_nobody_is(script, server):
    gone = server.rpartition(":")[0] + ":1"
    paths = [f"{gone}/", "http://nowhere.invalid/", f"{server}/200"]
    found = script.follow_all([script.Link(path, ("a.md",)) for path in paths])
    assert [each.state for each in found][::2] == ["not told", "there"]
    assert found[1].state != "there"


def test_a_page_is_asked_once_for_all_of_its_anchors(script, server, monkeypatch):
    monkeypatch.setattr(script, "EXAMPLES", script.re.compile("made up"))
    text = f"[a]({server}/200#one) [b]({server}/200#two), {server}/200. <{server}/404#three>"
    every = script.links([("a.md", text), ("b.md", f"{server}/200#one")])
    assert [(link.url, link.places) for link in every] == [
        (f"{server}/200", ("a.md", "b.md")),
        (f"{server}/404", ("a.md",)),
    ]
    assert [each.state for each in script.follow_all(every)] == ["there", "dead"]


def test_without_a_network_nothing_is_known(script):
    lines, code = script.report(
        [script.Found(script.Link("https://a.invalid", ("a.md",)), "dead", "ConnectError: …")]
    )
    assert code == 3
    assert lines[-1].endswith("not one was reached, so nothing is known.")
    assert script.report([]) == (["0 there, 0 dead, 0 not told."], 0)


def test_the_project_has_links_and_a_workflow_follows_them_once_a_week(script):
    texts = [(path.name, path.read_text("utf-8")) for path in (ROOT / "docs").glob("*.md")]
    assert len(script.links(texts)) > 10
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "links.yml").read_text("utf-8"))
    assert "python scripts/check_links.py" in str(workflow["jobs"])
    assert workflow[True]["schedule"][0]["cron"].split()[4].isdecimal()
