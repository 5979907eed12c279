"""A container asks at the proxy by the recipe of the docs, with the real SDK."""

import json
import re
import shlex
from pathlib import Path

import pytest

from pytest_modelpin import cli
from pytest_modelpin.demo.provider_server import ProviderServer

PIN = "gpt-4o-2024-08-06"
MODELS = f"models: {{support: {{production: {PIN}, staging: gpt-4o, provider: openai}}}}\n"
APP = f"""
from openai import OpenAI
question = [{{"role": "user", "content": "What is the fee?"}}]
reply = OpenAI().chat.completions.create(model="{PIN}", messages=question)
print(reply.choices[0].message.content)
"""
RECIPE = re.compile(r"^pytest-modelpin proxy (?:.*\\\n)+ *docker run .*$", re.MULTILINE)
DOCS = Path(__file__).parents[3] / "docs" / "processes.md"


def recipe(docker, app):
    """The command of the docs, with this engine's bridge and this program for the reader's own."""
    [found] = RECIPE.findall(DOCS.read_text())
    words = shlex.split(found.replace("\\\n", " ").replace("172.17.0.1", docker.gateway))
    assert words[-1] == "app"
    return [*words[1:-1], *docker.python(app)]


@pytest.mark.long
def test_what_a_container_asks_is_recorded_swapped_and_replayed_with_the_network_cut(
    docker, tmp_path, monkeypatch, capfd
):
    app = tmp_path / "app" / "ask.py"
    app.parent.mkdir()
    app.write_text(APP)
    (tmp_path / "models.yml").write_text(MODELS)
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789abc")
    live = recipe(docker, app)
    replay = [word for word in live if word not in ("--record", "new")]
    with ProviderServer(aliases={"gpt-4o": "gpt-4o-2024-11-20"}) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        assert cli.main(live) == 0, capfd.readouterr()
        assert cli.main([replay[0], "--model", "candidate", *replay[1:]]) == 0
        assert [request.model for request in server.requests] == [PIN, "gpt-4o"]
    said = capfd.readouterr().out
    assert f"This is {PIN}." in said
    assert "This is gpt-4o-2024-11-20." in said
    recorded = (tmp_path / f"tests/__recordings__/{PIN}/test_app/test_flow.json").read_text()
    assert "sk-planted" not in recorded
    [exchange] = json.loads(recorded)["exchanges"]
    assert exchange["request"]["url"] == f"{server.url}/v1/chat/completions"
    monkeypatch.delenv("OPENAI_API_KEY")  # the server is gone, too
    assert cli.main(replay) == 0, capfd.readouterr()
    assert f"This is {PIN}." in capfd.readouterr().out
