"""Ids that code names literally move with the pin; everything else stays."""

import subprocess

import pytest

from pytest_modelpin.literals.moving import Codebase, moved
from pytest_modelpin.upgrade.bump.journal import rewrite

OLD, NEW = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"


def replace_literals(root, old, new, registry=None):
    """Move the id, as a promotion does it; gives the places."""
    found = moved(Codebase(root, registry), old, new)
    for path, content in found.files.items():
        rewrite(path, content)
    return found.places


@pytest.fixture
def repository(tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)

    def track(**files: str):
        for name, content in files.items():
            path = tmp_path / name.replace("__in__", "/").replace("__dot__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        subprocess.run(["git", "-C", str(tmp_path), "add", "--all", "--force"], check=True)
        return tmp_path

    return track


def test_a_whole_id_is_replaced_and_its_place_told(repository):
    root = repository(app__dot__py=f'x = 1\nPIN = "{OLD}"\n')
    assert replace_literals(root, OLD, NEW) == ("app.py:2",)
    assert (root / "app.py").read_text() == f'x = 1\nPIN = "{NEW}"\n'


@pytest.mark.parametrize(
    "text",
    [f"{OLD}-mini", f"my-{OLD}", f"openai/{OLD}", f"ft:{OLD}:acme", f"{OLD}.json", f"{OLD}:free"],
)
def test_an_id_that_is_part_of_a_longer_one_stays(repository, text):
    root = repository(app__dot__py=f'PIN = "{text}"\n')
    assert replace_literals(root, OLD, NEW) == ()
    assert text in (root / "app.py").read_text()


def test_behind_litellm_s_slash_an_id_moves_where_openrouter_is_not_spoken_of(repository):
    code = f'import litellm\nPIN = "openai/{OLD}"\nOTHER = "groq/{OLD}"\n'
    root = repository(app__dot__py=code)
    assert replace_literals(root, OLD, NEW) == ("app.py:2",)
    assert (root / "app.py").read_text() == code.replace(f"openai/{OLD}", f"openai/{NEW}")
    both = repository(app__dot__py=code, other__dot__py="BASE = 'https://openrouter.ai/api/v1'\n")
    assert replace_literals(both, OLD, NEW) == ()
    told = "BASE = 'https://openrouter.ai/api/v1'\nID = 'openrouter/anthropic/claude-sonnet-5'\n"
    apart = repository(app__dot__py=code, other__dot__py=told)
    assert replace_literals(apart, OLD, NEW) == ("app.py:2",)


def test_a_registry_of_another_name_stays(repository):
    root = repository(pins__dot__yml=f"# since {OLD}\n", app__dot__yml=f"pin: {OLD}\n")
    places = replace_literals(root, OLD, NEW, registry=root / "pins.yml")
    assert places == ("app.yml:1",)
    assert (root / "pins.yml").read_text() == f"# since {OLD}\n"


@pytest.mark.parametrize("provider", ["openai", "openai-chat", "google-gla", "anthropic"])
def test_an_id_moves_in_a_route_that_names_its_provider(repository, provider):
    root = repository(app__dot__py=f'PIN = "{provider}:{OLD}"\n')
    assert replace_literals(root, OLD, NEW) == ("app.py:1",)
    assert (root / "app.py").read_text() == f'PIN = "{provider}:{NEW}"\n'


@pytest.mark.parametrize("end", [".", ",", ")", "\n", "`"])
def test_punctuation_behind_an_id_is_no_part_of_it(repository, end):
    root = repository(app__dot__py=f"# uses {OLD}{end}")
    replace_literals(root, OLD, NEW)
    assert (root / "app.py").read_text() == f"# uses {NEW}{end}"


def test_what_a_run_has_left_stays_and_code_in_such_a_folder_moves(repository):
    """A benchmark's results would say that another version had been measured."""
    root = repository(
        results__in__a__dot__json=f'{{"model": "{OLD}"}}', results__in__b__dot__py=f'M = "{OLD}"'
    )
    found = moved(Codebase(root), OLD, NEW)
    assert found.places == ("results/b.py:1",)
    assert [left.place for left in found.left] == ["results/a.json:1"]


@pytest.mark.parametrize(
    "line",
    [
        f'PRICES = {{"{OLD}": 2.5, "{NEW}": 1}}',
        f'KNOWN = ["{NEW}", "openai:{OLD}"]',
        f'KNOWN = {{"é", "{OLD}", "{NEW}"}}',
    ],
)
def test_a_list_that_knows_the_new_id_already_keeps_the_old(repository, line):
    """The table of prices had two prices for the new one, and the later counted."""
    root = repository(app__dot__py=f'{line}\nPIN = "{OLD}"\n')
    found = moved(Codebase(root), OLD, NEW)
    assert found.files[root / "app.py"].decode() == f'{line}\nPIN = "{NEW}"\n'
    (left,) = found.left
    assert (left.place, left.because) == ("app.py:1", "a list or table that names the new id, too")


@pytest.mark.parametrize(
    "line",
    [
        r'NONE = re.compile(r"^gpt-5\.1(?:-\d{4}-\d{2}-\d{2})?$")',
        'is_new = name.startswith(("o1", "gpt-5"))',
        "# of gpt-5 and its kind",
        'log.info("asking gpt-5 now")',
    ],
)
def test_what_ids_are_held_against_and_a_floating_name_in_prose_stay(repository, line):
    """openai-agents tells models apart so: `^gpt-5\\.1$` became `^gpt-5-2025-08-07\\.1$`."""
    code = f'{line}\nPIN = "gpt-5"\n'
    root = repository(app__dot__py=code)
    found = moved(Codebase(root), "gpt-5", "gpt-5-2025-08-07")
    assert found.places == ("app.py:2",)
    assert found.files[root / "app.py"].decode() == f'{line}\nPIN = "gpt-5-2025-08-07"\n'
    assert [left.place for left in found.left] == ["app.py:1"]


@pytest.mark.parametrize(
    "line",
    [
        f'log = "asked {OLD}\\n"',
        f'ask("Is it {OLD}?")',
        f'data = "{{\\"model\\": \\"{OLD}\\"}}"',
        f'assert "{OLD}" in log',
        f'client.ask("hello", model="{OLD}")',
        f"# pinned to {OLD}",
    ],
)
def test_what_asks_for_a_pin_or_speaks_of_it_moves(repository, line):
    root = repository(app__dot__py=line)
    assert replace_literals(root, OLD, NEW) == ("app.py:1",)


def test_in_settings_a_floating_id_moves_as_a_value_and_stays_in_a_comment(repository):
    text = "model: gpt-5  # gpt-5, the floating one\n"
    root = repository(app__dot__yml=text, Dockerfile="ENV MODEL=gpt-5\n")
    replace_literals(root, "gpt-5", "gpt-5-2025-08-07")
    assert (root / "app.yml").read_text() == "model: gpt-5-2025-08-07  # gpt-5, the floating one\n"
    assert (root / "Dockerfile").read_text() == "ENV MODEL=gpt-5-2025-08-07\n"


def test_line_ends_and_encoding_stay(repository):
    root = repository(app__dot__py="")
    (root / "app.py").write_bytes(b"\xef\xbb\xbf# \xe4\r\nP = '" + OLD.encode() + b"'\r\n")
    replace_literals(root, OLD, NEW)
    assert (
        root / "app.py"
    ).read_bytes() == b"\xef\xbb\xbf# \xe4\r\nP = '" + NEW.encode() + b"'\r\n"


def test_the_registry_recordings_snapshots_workflows_and_prose_stay(repository):
    files = {
        "models__dot__yml": OLD,
        "tests__in____recordings____in__a__dot__json": OLD,
        "tests__in____snapshots____in__a__dot__json": OLD,
        "__dot__github__in__workflows__in__ci__dot__yml": OLD,
        "README__dot__md": OLD,
    }
    assert replace_literals(repository(**files), OLD, NEW) == ()


def test_what_another_version_answered_in_a_cassette_stays_and_is_told_once(repository):
    cassette = f"interactions:\n- request: {OLD}\n  response: {OLD}\n"
    files = {"tests__in__cassettes__in__a__dot__yaml": cassette, "app__dot__py": f'PIN = "{OLD}"\n'}
    root = repository(**files, z__dot__py=f'ROUTE = "azure/{OLD}"\n')
    found = moved(Codebase(root), OLD, NEW)
    assert found.places == ("app.py:1",)
    assert [left.place for left in found.left] == ["z.py:1", "tests/cassettes/a.yaml:2"]
    assert found.left[1].because == "recorded traffic, in which the old version answered"


def test_an_untracked_file_stays(repository):
    root = repository(app__dot__py="")
    (root / "scratch.py").write_text(OLD)
    assert replace_literals(root, OLD, NEW) == ()


def test_outside_of_git_nothing_is_touched(tmp_path):
    (tmp_path / "app.py").write_text(OLD)
    assert replace_literals(tmp_path, OLD, NEW) == ()
    assert (tmp_path / "app.py").read_text() == OLD


def test_byte_code_of_the_old_id_is_never_taken_for_that_of_the_new(repository):
    """Python tells stale byte code by size and whole seconds; ids are often equally long."""
    root = repository(app__dot__py=f'PIN = "{OLD}"\n')
    now = (root / "app.py").stat().st_mtime
    replace_literals(root, OLD, NEW)
    assert int((root / "app.py").stat().st_mtime) != int(now)


def test_another_project_s_models_yml_is_its_own_to_move(repository):
    theirs = f"models:\n  gpt:\n    production: {OLD}\n"
    root = repository(b__in__models__dot__yml=theirs, app__dot__py=f'PIN = "{OLD}"\n')
    assert replace_literals(root, OLD, NEW) == ("app.py:1",)
    assert (root / "b" / "models.yml").read_text() == theirs
