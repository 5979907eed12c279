"""A suite as teams have it; does a bump come on the third night?"""
import pytest, re
from pytest_modelpin.demo.provider_server import ProviderServer, Question
pytestmark = pytest.mark.long
PIN, NEXT, ALIAS = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "gpt-4o"
MODELS = f"""\
models:
  support: {{production: {PIN}, staging: {ALIAS}, provider: openai}}
settings:
  pin_samples: 5
"""
APP = f"""\
import openai, datetime

def ask(question, model="{PIN}", client=None, **more):
    messages = [{{"role": "user", "content": question}}]
    made = (client or openai.OpenAI()).chat.completions.create(model=model, messages=messages, **more)
    return made.choices[0].message.content

async def aask(question):
    made = await openai.AsyncOpenAI().chat.completions.create(model="{PIN}", messages=[{{"role": "user", "content": question}}])
    return made.choices[0].message.content
"""
CONFTEST = """
import pytest, openai
from app import ask

@pytest.fixture(scope="session")
def client():
    return openai.OpenAI()

@pytest.fixture(scope="module")
def summary(client):
    return ask("summarise the thread", client=client)
"""
T1 = """
import pytest, sys
from app import ask

@pytest.mark.parametrize("n", range(5))
def test_param(n, client):
    assert str(n) in ask(f"say {n}", client=client)

def test_snap(model_snapshot):
    assert ask("greet") == model_snapshot

def test_shared_one(summary):
    assert "thread" in summary

def test_shared_two(summary):
    assert "parcel" in ask("what of: " + summary)

@pytest.mark.skip(reason="later")
def test_skipped():
    assert ask("never")

@pytest.mark.skipif(sys.platform == "win32", reason="posix")
def test_posix():
    assert ask("posix?")

@pytest.mark.xfail(reason="known bug", strict=False)
def test_xfail():
    assert "blue" in ask("what colour?")

@pytest.mark.xfail(raises=NotImplementedError)
def test_xfail_no_model():
    raise NotImplementedError

def test_error():
    import openai
    with pytest.raises(openai.BadRequestError):
        ask("bad request")

class TestMore:
    @pytest.fixture(autouse=True)
    def setup(self, client):
        self.client = client
    def test_method(self):
        first = ask("step one", client=self.client)
        assert "Y" in ask("step two after " + first, client=self.client)
    def test_cached(self):
        assert ask("cached?", client=self.client) == ask("cached?", client=self.client) or True

def test_json():
    import json
    assert json.loads(ask("json please", response_format={"type": "json_object"}))["ok"] is True
"""
T2 = """
import asyncio, unittest
from app import ask, aask

def test_async():
    assert asyncio.run(gather()) == 3

async def gather():
    return len(await asyncio.gather(*[aask(f"many {n}") for n in range(3)]))

class Old(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.said = ask("set up the class")
    def test_old(self):
        self.assertIn("class", self.said)
        with self.subTest("inner"):
            self.assertTrue(ask("inner question"))

def test_nothing():
    assert 1 + 1 == 2

def test_doc():
    '''>>> 1'''
    assert ask("doc")
"""
def answer(q: Question):
    t = q.text
    if "bad request" in t:
        from pytest_modelpin.demo.provider_server import Fault
        return "oops"
    if "json" in t: return '{"ok": true}'
    if "greet" in t: return ("Good morning to you.", "A very good morning!")[hash(q) % 2] if False else "Good morning to you."
    if "what of" in t: return "The parcel is late."
    if "summarise" in t: return "The thread is about a parcel."
    return f"You asked me to: {t}."

@pytest.mark.parametrize("options", ["", "-n 2"])
def test_normal(new_team, tmp_path, options):
    with ProviderServer(answer, {ALIAS: NEXT}) as server:
        team = new_team(tmp_path, server)
        t1 = T1.replace("""def test_error():
    import openai
    with pytest.raises(openai.BadRequestError):
        ask("bad request")
""", "")
        for name, content in {"models.yml": MODELS, "app.py": APP, "tests/conftest.py": CONFTEST, "tests/test_one.py": t1, "tests/sub/test_two.py": T2,
            "pytest.ini": "[pytest]\npythonpath = .\n", ".gitignore": "__pycache__/\n.pytest_modelpin/\nledger/\n"}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content)
        team.git("init", "-q", "-b", "main"); team.git("add", "--all"); team.git("commit", "-qm", "x")
        env = {"PYTEST_PLUGINS": "syrupy,pytest_modelpin.plugin,xdist.plugin"} if options else {}
        r = team.modelpin("record", **env); print(r.stdout[-1500:], r.stderr[-1500:])
        team.git("add", "--all"); team.git("commit", "-qm", "rec")
        print(team.pytest(**env).stdout[-300:])
        for day in (17, 18, 19):
            n = team.nightly(f"2026-11-{day}", *([f"--tests={options}"] if options else []), **env)
            print(n.returncode, n.stdout[-2500:], n.stderr[-800:])
            print(team.git("status", "--short"))
        assert "modelpin/support" in n.stdout and 0
