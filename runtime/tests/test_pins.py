from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

import pytest

from modelpin_runtime import ChainExhaustedError, load, pins, prompts
from modelpin_runtime.errors import RegistryError

YML = """\
models:
  claude:
    production: claude-a
    fallback: [gpt, claude-haiku-4-5-20251001]
    canary: {model: claude-b, percent: 20}
  gpt: {production: gpt-5-2025-08-07}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "models.yml"
    path.write_text(YML)
    monkeypatch.setattr(pins, "CHECK_SECONDS", 0.0)
    return path


def load_(file, **more):
    return load(file, environment=more.pop("environment", {}), **more)


def test_pins_are_looked_up_by_logical_name(file):
    found = load_(file)
    assert found["claude"] == "claude-a"
    assert list(found) == ["claude", "gpt"]
    assert "claude" in found
    with pytest.raises(KeyError, match=r"'nope' is not in .*; it names: claude, gpt"):
        found["nope"]
    with pytest.raises(KeyError, match="it names: claude, gpt"):
        found.route("nope", key="a")


def test_an_edit_is_seen_without_a_restart(file):
    found = load_(file)
    file.write_text(YML.replace("claude-a", "claude-a2"))
    assert found["claude"] == "claude-a2"
    assert found.route("claude", None).id == "claude-a2"


def test_a_file_that_breaks_leaves_the_last_good_pins_and_is_said_once(file, caplog):
    found = load_(file)
    with caplog.at_level(logging.WARNING, "modelpin_runtime"):
        file.write_text("models: {claude: {production: }")
        assert found["claude"] == "claude-a"
        file.write_text("models: {claude: {production: }  ")
        assert found["claude"] == "claude-a"
        assert "the last good pins stay in force" in caplog.text
        assert found.fault
        file.write_text(YML.replace("claude-a", "claude-a3"))
        assert found["claude"] == "claude-a3"
    assert not found.fault
    assert "reads again" in caplog.text


def test_a_file_that_is_gone_for_a_moment_changes_nothing(file):
    found = load_(file)
    file.unlink()
    assert found["claude"] == "claude-a"
    file.write_text(YML.replace("claude-a", "claude-a4"))
    assert found["claude"] == "claude-a4"


def test_what_can_not_be_read_at_first_is_an_error(tmp_path):
    with pytest.raises(RegistryError, match="No file at"):
        load(tmp_path / "nowhere.yml")


def test_the_environment_wins_stops_the_canary_and_is_said_once(file, caplog):
    with caplog.at_level(logging.WARNING, "modelpin_runtime"):
        found = load_(file, environment={"MODELPIN_CLAUDE": "claude-old"})
        file.write_text(YML + "# edited\n")
        assert found["claude"] == "claude-old"
    assert caplog.text.count("claude is claude-old by the environment; the file has claude-a") == 1
    assert {found.route("claude", key=str(n)).id for n in range(200)} == {"claude-old"}


def test_a_mistyped_override_is_said_once(file, caplog):
    """A rollback by a variable that names no model changed nothing, and nothing said so."""
    given = {"MODELPIN_CLAUD": "claude-old", "MODELPIN_SOURCE": "x", "MODELPIN_WAREHOUSE": "x"}
    with caplog.at_level(logging.WARNING, "modelpin_runtime"):
        found = load_(file, environment=given)
        file.write_text(YML + "# edited\n")
        assert found["claude"] == "claude-a"
    assert [record.getMessage() for record in caplog.records] == [
        "MODELPIN_CLAUD overrides no pin; is MODELPIN_CLAUDE meant?"
    ]


def test_a_route_is_sticky_and_a_canary_gets_its_share(file):
    found = load_(file)
    routes = [found.route("claude", key=f"user-{n}") for n in range(5000)]
    assert routes == [found.route("claude", key=f"user-{n}") for n in range(5000)]
    share = sum(route.role == "canary" for route in routes) / 5000
    assert 0.17 < share < 0.23
    assert found.route("claude").role == "pin"


def test_a_chain_begins_with_the_route_and_names_each_provider(file):
    found = load_(file)
    key = next(f"u{n}" for n in range(99) if found.route("claude", key=f"u{n}").role == "canary")
    assert [(target.id, target.role, target.provider) for target in found.chain("claude", key)] == [
        ("claude-b", "canary", "anthropic"),
        ("claude-a", "pin", "anthropic"),
        ("gpt-5-2025-08-07", "fallback", "openai"),
        ("claude-haiku-4-5-20251001", "fallback", "anthropic"),
    ]


def test_call_and_decorator_go_along_the_chain(file):
    found = load_(file)

    @found.with_fallback("claude")
    def ask(id, provider, question):
        if id == "claude-a":
            raise TimeoutError
        return f"{id}: {question}"

    got = ask("how long?")
    assert (got.value, got.target.role) == ("gpt-5-2025-08-07: how long?", "fallback")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_programs_of_one_machine_share_what_they_know_of_dead_models_where_it_is_wanted(
    file, tmp_path
):
    def asking(seen, *down):
        def ask(id, provider):
            seen.append(id)
            if id in down:
                raise ConnectionResetError
            return id

        return ask

    variables = {"MODELPIN_BREAKERS": str(tmp_path / "breakers")}
    one, other = load_(file, environment=variables), load_(file, breakers=tmp_path / "breakers")
    alone, seen = load_(file), []
    for _ in range(2):
        one.call("claude", asking([], "claude-a"))
    assert other.call("claude", asking(seen)).target.id == "gpt-5-2025-08-07"
    assert seen == ["gpt-5-2025-08-07"]
    assert alone.call("claude", asking(seen)).target.id == "claude-a"


def test_health_reorders_the_chain_while_it_is_fresh(file, tmp_path):
    import json
    import time

    status = tmp_path / "health.json"
    found = load_(file, health=status)
    states = {"claude-a": "down", "gpt-5-2025-08-07": "degraded"}
    status.write_text(json.dumps({"at": time.time(), "models": states}))
    assert [target.id for target in found.chain("claude")] == [
        "claude-haiku-4-5-20251001", "gpt-5-2025-08-07", "claude-a"]  # fmt: skip
    old = load_(file, health=status)
    status.write_text(json.dumps({"at": time.time() - 3600, "models": states}))
    assert old.chain("claude")[0].id == "claude-a"
    status.write_text("torn")
    assert load_(file, health=status).chain("claude")[0].id == "claude-a"


def test_many_threads_and_edits_never_see_half_a_file(file):
    found = load_(file)
    seen, stop = set(), threading.Event()

    def look():
        while not stop.is_set():
            seen.add(found["claude"])

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(30):
        new = file.with_suffix(".new")
        new.write_text(YML.replace("claude-a", f"claude-{n}"))
        new.replace(file)
        found["claude"]
    stop.set()
    for thread in threads:
        thread.join()
    assert seen <= {"claude-a", *(f"claude-{n}" for n in range(30))}
    assert found["claude"] == "claude-29"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # that is what is tried
def test_a_fork_sees_edits_too(file):
    found = load_(file)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        file.write_text(YML.replace("claude-a", "claude-forked"))
        os.write(writing, found["claude"].encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100) == b"claude-forked"


def test_prompts_go_with_the_version(file, tmp_path):
    folder = tmp_path / "prompts" / "extract"
    folder.mkdir(parents=True)
    (folder / "default.md").write_text("Extract all.\n")
    (folder / "claude-a.md").write_text("---\nversion: 3\n---\nExtract carefully.\n")
    found = load_(file, prompts=tmp_path / "prompts")
    prompts.taken()
    own, default = found.prompt("extract", "claude"), found.prompt("extract", "gpt")
    assert (str(own), own.meta, own.name) == (
        "Extract carefully.\n",
        {"version": 3},
        "extract/claude-a",
    )
    assert str(default) == "Extract all.\n"
    assert own.hash != default.hash
    assert prompts.taken() == {"extract/claude-a": own.hash, "extract/default": default.hash}
    assert prompts.taken() == {}
    assert found.prompt("extract", id="claude-haiku-4-5-20251001") == default
    assert found.prompt("extract", "gpt", id="claude-a") is own  # not read again
    (folder / "claude-a.md").write_text("Extract at once, with care.\n")
    assert str(found.prompt("extract", "claude")) == "Extract at once, with care.\n"
    with pytest.raises(KeyError, match="several models"):
        found.prompt("extract")
    with pytest.raises(FileNotFoundError, match="No prompt for 'sum'"):
        found.prompt("sum", "claude")
    with pytest.raises(ValueError, match="can't be part"):
        found.prompt("../secret", "claude")


def test_importing_loads_neither_yaml_nor_much(file):
    code = (
        "import sys; before = set(sys.modules)\n"
        "import modelpin_runtime; assert 'yaml' not in sys.modules\n"
        f"pins = modelpin_runtime.load({str(file)!r})\n"
        "pins['claude']; pins.route('claude', key='a')\n"
        "ours = [m for m in sys.modules if m.startswith(('modelpin_runtime', 'pytest'))]\n"
        "heavy = {'dataclasses', 'inspect', 'logging', 'hashlib', 'urllib.request', 'asyncio'}\n"
        "assert not heavy & (set(sys.modules) - before), heavy & set(sys.modules)\n"
        "print(len(ours), *(m for m in ours if m.startswith('pytest')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, *pytests = done.stdout.split()
    assert int(count) <= 25
    assert pytests == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 200, "nested too deeply"),
        ("{a: " * 200, "nested too deeply"),
        ("#" * (2**20 + 1), "has 1,048,577 characters"),
        ("models: {claude: {production: a, canary: {model: b, percent: .nan}}}", "0 to 100"),
    ],
)
def test_what_would_take_a_request_seconds_to_read_is_refused_unread(file, text, said):
    found = load_(file)
    file.write_text(text)
    assert found["claude"] == "claude-a"
    assert said in found.fault
    file.write_text(YML + "#" + "[" * 90 + "\n")
    assert found["claude"] == "claude-a"
    assert found.fault == ""


@pytest.mark.parametrize("asked", ["chain", "route", "call", "__getitem__"])
def test_a_name_that_is_not_there_is_said_with_those_that_are(file, asked):
    pins = load(file, environment={})
    more = (lambda id, provider: id,) if asked == "call" else ()
    with pytest.raises(KeyError, match=r"'nobody' is not in .*models\.yml; it names: "):
        getattr(pins, asked)("nobody", *more)


def test_a_canary_called_like_a_logical_model_of_its_own_id_is_one(file):
    """A logical name may be spelt like an id: then the id is meant."""
    file.write_text(
        "models:\n"
        "  claude: {production: claude-a, canary: {model: claude-b, percent: 100}}\n"
        "  claude-b: {production: claude-c}\n"
    )
    assert load(file, environment={}).route("claude", key="u").id == "claude-b"


def test_pins_are_a_mapping(file):
    found = load_(file)
    assert dict(found) == {"claude": "claude-a", "gpt": "gpt-5-2025-08-07"}
    assert found.get("nobody", "default") == "default"
    assert found != load_(file)
    assert {found: 1}[found] == 1


@pytest.mark.parametrize("wanted", ["gs://bucket/models.yml", "ftp://host/models.yml"])
def test_an_address_of_another_kind_is_said(wanted):
    with pytest.raises(RegistryError, match="http://, https:// and s3://"):
        load(wanted, environment={})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # that is what is tried
def test_a_fork_waits_for_no_lock_of_its_parents_threads(file, tmp_path):
    """A lock that another thread holds while the process forks is never released in the child."""
    found = load_(file, observations=tmp_path / "seen")
    found.call("claude", lambda id, provider: id)
    found.observe("claude", "claude-a")
    locks = [found._lock, found._breakers_lock, found._breakers._lock, found._writer._writing,
             found._breakers["claude-a"]._states._lock]  # fmt: skip
    for lock in locks:
        lock.acquire()
    try:
        pid = os.fork()
        if not pid:  # the child: ends by alarm where it waits
            import signal

            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(20)
            code = 1
            try:
                os.utime(file, (1, 1))
                file.write_text(YML.replace("claude-a", "claude-n"))
                assert found["claude"] == "claude-n"
                found.call("gpt", lambda id, provider: id)
                with pytest.raises(ChainExhaustedError):
                    found.call("gpt", down)
                found.observe("gpt", "x", durable=True)
                code = 0
            finally:
                os._exit(code)
    finally:
        for lock in locks:
            lock.release()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def down(id, provider):
    raise ConnectionResetError


def test_health_from_a_clock_that_was_ahead_says_nothing(file, tmp_path):
    """A machine whose clock jumped to next year wrote it: for a year it would have held."""
    import json
    import time

    status = tmp_path / "health.json"
    for ahead, first in ((86_400, "claude-a"), (60, "gpt-5-2025-08-07")):
        said = {"at": time.time() + ahead, "models": {"claude-a": "down"}}
        status.write_text(json.dumps(said))
        assert load_(file, health=status).chain("claude")[0].id == first
