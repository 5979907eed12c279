"""Which tests that name a model may ask it."""

import pytest

from pytest_modelpin.adopt.asking_tests import may_ask

ID = "gpt-5.4-mini"

ASKS = [
    f'MODEL = "{ID}"\n',
    f'def test_a(client):\n    assert "42" in client.ask(model="{ID}")\n',
    f'def test_a(monkeypatch):\n    monkeypatch.setenv("REGION", "eu")\n    ask("{ID}")\n',
    f'@pytest.mark.vcr\ndef test_a():\n    assert ask("{ID}").text == "42"\n',
    f'import mock\n\ndef test_a():\n    ask("{ID}")\n',
    f'def test_a(client:\n    mock("{ID}")\n',  # no Python
]

ASKS_NOT = [
    f'def test_a(httpx_mock):\n    ask("{ID}")\n',
    f'@patch("app.client")\ndef test_a(client):\n    ask("{ID}")\n',
    f'@pytest.mark.parametrize("id", ["{ID}"])\ndef test_a(id, mocker):\n    ask(id)\n',
    f'async def test_a():\n    ask(FakeClient(), "{ID}")\n',
    f'def test_a(monkeypatch):\n    monkeypatch.setenv("OPENAI_API_KEY", "x")\n    ask("{ID}")\n',
    f'def test_a():\n    Client(model="{ID}", api_key="test")\n',
    f'class TestIt:\n    def test_a(self):\n        assert route("{ID}") == "openai:{ID}"\n',
]


@pytest.mark.parametrize(("text", "may"), [(each, True) for each in ASKS]
                         + [(each, False) for each in ASKS_NOT])  # fmt: skip
def test_a_test_may_ask_unless_its_text_says_that_it_does_not(tmp_path, text, may):
    (tmp_path / "test_it.py").write_text(text)
    (line,) = {number for number, one in enumerate(text.splitlines(), 1) if ID in one}
    assert may_ask(tmp_path)("test_it.py", line, ID) is may
