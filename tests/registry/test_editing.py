import difflib
from datetime import date

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_modelpin.errors import RegistryError
from pytest_modelpin.registry import edit, load, update

FILE = """\
# our pins
models:
  claude:                                   # the logical name
    production: claude-sonnet-4-5-20250929  # what users get
    staging: 'claude-sonnet-4-5'
    last_validated: "2026-11-02"
    ignore: [a, b]  # closed
    canary: {model: c, percent: 5}
    # the end
  gpt: {production: gpt-4o-2024-11-20, staging: gpt-4o}  # flow

settings:
  green_runs: 3
"""
PRODUCTION = ("models", "claude", "production")
IGNORE = ("models", "claude", "ignore")


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


def test_a_scalar_changes_alone():
    assert edit(FILE, {PRODUCTION: "claude-opus-4-6"}) == FILE.replace(
        "claude-sonnet-4-5-20250929", "claude-opus-4-6"
    )


def test_single_quotes_stay():
    after = edit(FILE, {("models", "claude", "staging"): "it's"})
    assert "    staging: 'it''s'\n" in after


def test_double_quotes_stay_for_dates():
    after = edit(FILE, {("models", "claude", "last_validated"): date(2026, 11, 20)})
    assert after == FILE.replace("2026-11-02", "2026-11-20")


def test_a_plain_date_stays_plain():
    text = "models: {a: {production: x, retires: 2026-11-30}}"
    after = edit(text, {("models", "a", "retires"): date(2027, 1, 1)})
    assert after == text.replace("2026-11-30", "2027-01-01")


@pytest.mark.parametrize("value", ["yes", "4", "2026-11-02", "a: b", "#x", "", "*a", "a, b", "~"])
def test_a_text_that_is_no_plain_text_gets_quotes(value):
    after = edit(FILE, {PRODUCTION: value})
    assert yaml.safe_load(after)["models"]["claude"]["production"] == value
    assert "  # what users get\n" in after


def test_a_missing_key_is_added_at_the_end_of_its_block():
    after = edit(FILE, {("models", "claude", "previous"): "x"})
    assert changed_lines(FILE, after) == ["+     previous: x\n"]
    assert "percent: 5}\n    previous: x\n    # the end\n" in after


def test_a_date_is_added_in_quotes():
    after = edit(FILE, {("models", "claude", "promoted"): date(2026, 11, 20)})
    assert changed_lines(FILE, after) == ['+     promoted: "2026-11-20"\n']


def test_a_missing_key_is_added_to_a_flow_mapping():
    after = edit(FILE, {("models", "gpt", "previous"): "x"})
    assert "  gpt: {production: gpt-4o-2024-11-20, staging: gpt-4o, previous: x}  # flow\n" in after


def test_a_trailing_comma_stays():
    after = edit("models: {a: {production: x,}}", {("models", "a", "previous"): "y"})
    assert after == "models: {a: {production: x, previous: y,}}"


def test_a_key_is_added_to_an_empty_mapping():
    assert edit("models: {}\nsettings: {}\n", {("settings", "judge"): "a"}) == (
        "models: {}\nsettings: {judge: a}\n"
    )


def test_a_key_is_added_below_a_block_text():
    text = "models:\n  a:\n    production: x\n    notes: |\n      why\n\n  b: {production: y}\n"
    after = edit(text, {("models", "a", "previous"): "z"})
    assert after == text.replace("      why\n", "      why\n    previous: z\n")


def test_blank_lines_that_belong_to_a_block_text_stay_in_it():
    text = "models:\n  a:\n    production: x\n    notes: |+\n      why\n\n  b: {production: y}\n"
    after = edit(text, {("models", "a", "previous"): "z"})
    assert after == text.replace("why\n\n", "why\n\n    previous: z\n")


def test_no_final_newline_stays_none():
    text = "models:\n  a:\n    production: x"
    assert edit(text, {("models", "a", "previous"): "y"}) == text + "\n    previous: y"


def test_crlf_stays():
    text = FILE.replace("\n", "\r\n")
    after = edit(text, {PRODUCTION: "x", ("models", "claude", "previous"): "y", IGNORE: ["a", "c"]})
    assert after.count("\n") == after.count("\r\n") == text.count("\r\n") + 1
    assert "    previous: y\r\n" in after


def test_a_byte_order_mark_stays():
    assert edit("\ufeff" + FILE, {PRODUCTION: "x"}) == "\ufeff" + edit(FILE, {PRODUCTION: "x"})


def test_a_key_is_removed_with_its_line():
    after = edit(FILE, {("models", "claude", "staging"): None})
    assert changed_lines(FILE, after) == ["-     staging: 'claude-sonnet-4-5'\n"]


@pytest.mark.parametrize(("key", "left"), [("b", "{a: 1, c: 3}"), ("a", "{b: 2, c: 3}"),
                                           ("c", "{a: 1, b: 2}")])  # fmt: skip
def test_a_key_is_removed_from_a_flow_mapping(key, left):
    assert edit("settings: {a: 1, b: 2, c: 3}\n", {("settings", key): None}) == (
        f"settings: {left}\n"
    )


def test_removing_what_is_not_there_changes_nothing():
    assert edit(FILE, {("models", "claude", "previous"): None}) == FILE


def test_a_key_with_nothing_behind_it_is_filled():
    text = "models:\n  a:\n    production: x\n    staging:  # later\n    notes:\n"
    after = edit(text, {("models", "a", "staging"): "y", ("models", "a", "notes"): "n"})
    assert after == text.replace("staging:", "staging: y").replace("notes:", "notes: n")


def test_a_value_on_a_line_of_its_own_moves_up():
    text = "models:\n  a:\n    production:\n      x  # why\n"
    assert edit(text, {("models", "a", "production"): "y"}) == (
        "models:\n  a:\n    production: y  # why\n"
    )


def test_a_block_text_is_replaced():
    text = "models:\n  a:\n    production: x\n    notes: |\n      why\n      not\n  b: {}\n"
    after = edit(text, {("models", "a", "notes"): "because"})
    assert after == "models:\n  a:\n    production: x\n    notes: because\n  b: {}\n"


def test_an_entry_is_appended_to_a_flow_list():
    assert edit(FILE, {IGNORE: ["a", "b", "c"]}) == FILE.replace("[a, b]", "[a, b, c]")


def test_an_entry_is_appended_to_a_block_list():
    text = "models:\n  a:\n    ignore:\n      - x  # why\n      - y\n    production: z\n"
    after = edit(text, {("models", "a", "ignore"): ["x", "y", "w"]})
    assert changed_lines(text, after) == ["+       - w\n"]


def test_an_entry_is_removed_from_a_block_list_and_the_others_keep_their_comments():
    text = "models:\n  a:\n    ignore:\n    - x  # why\n    - y\n    - z  # too\n"
    after = edit(text, {("models", "a", "ignore"): ["x", "z"]})
    assert changed_lines(text, after) == ["-     - y\n"]


def test_a_block_list_is_emptied():
    text = "models:\n  a:\n    ignore:\n      - x\n    production: z\n"
    assert edit(text, {("models", "a", "ignore"): []}) == (
        "models:\n  a:\n    ignore: []\n    production: z\n"
    )


def test_a_list_is_added():
    after = edit(FILE, {("models", "gpt", "ignore"): ["x", "1"]})
    assert 'staging: gpt-4o, ignore: [x, "1"]}' in after


def test_several_changes_in_one_go():
    after = edit(FILE, {PRODUCTION: "n", ("models", "claude", "previous"): "o", IGNORE: None})
    assert changed_lines(FILE, after) == [
        "-     production: claude-sonnet-4-5-20250929  # what users get\n",
        "+     production: n  # what users get\n",
        "-     ignore: [a, b]  # closed\n",
        "+     previous: o\n",
    ]


def test_an_alias_is_replaced_and_its_anchor_stays():
    text = "models:\n  a: {production: &p x}\n  b: {production: *p, notes: n}\n"
    after = edit(text, {("models", "b", "production"): "y"})
    assert after == text.replace("*p", "y")


def test_an_anchor_moves_to_the_first_alias():
    text = "models:\n  a: {production: &p x}\n  b: {production: *p}\n  c: {production: *p}\n"
    after = edit(text, {("models", "a", "production"): "y"})
    assert after == (
        "models:\n  a: {production: y}\n  b: {production: &p x}\n  c: {production: *p}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "models: {a: &m {production: x}, b: *m}",
        "models: {b: &m {production: x}, a: *m}",
        "models:\n  a: &m {production: x}\n  c: {<<: *m}\n",
    ],
)
def test_what_others_share_is_never_changed_for_them(text):
    with pytest.raises(RegistryError, match=r"can't set `models\.a\.production` to 'z'.*by hand"):
        edit(text, {("models", "a", "production"): "z"})


def test_a_key_that_a_merge_key_brought_is_set_beside_it():
    text = "models:\n  b: &m {production: x}\n  a:\n    <<: *m\n"
    after = edit(text, {("models", "a", "production"): "z"})
    assert after == text + "    production: z\n"


def test_a_shared_list_is_not_changed():
    text = "models:\n  a:\n    ignore: &i [x]\n  b:\n    ignore: *i\n"
    with pytest.raises(RegistryError, match="other keys repeat it by an alias"):
        edit(text, {("models", "a", "ignore"): ["x", "y"]})


def test_a_model_that_is_not_there():
    with pytest.raises(RegistryError, match=r"can't set `models\.o\.production`.*`models\.o` is"):
        edit(FILE, {("models", "o", "production"): "x"})


def test_a_file_with_mistakes_is_not_edited():
    with pytest.raises(RegistryError, match=r"models\.yml:2"):
        edit("models:\n\tx", {PRODUCTION: "x"})


def test_update_writes_exact_bytes(tmp_path):
    path = tmp_path / "models.yml"
    before = ("\ufeff" + FILE.replace("\n", "\r\n") + "# é\u2028\r\n").encode()
    path.write_bytes(before)
    update(path, {PRODUCTION: "x"})
    assert path.read_bytes() == before.replace(b"claude-sonnet-4-5-20250929", b"x")
    assert load(path, {})["claude"] == "x"
    assert [entry.name for entry in tmp_path.iterdir()] == ["models.yml"]


def test_update_keeps_a_link_a_link(tmp_path):
    target, link = tmp_path / "pins.yml", tmp_path / "models.yml"
    target.write_text(FILE)
    link.symlink_to(target)
    update(link, {PRODUCTION: "x"})
    assert link.is_symlink()
    assert "production: x " in target.read_text()


def test_an_unwritable_place_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "models.yml"
    path.write_text(FILE)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pytest_modelpin.registry.editing.write_atomically", refuse)
    with pytest.raises(RegistryError, match="can't be written: Permission denied"):
        update(path, {PRODUCTION: "x"})
    assert path.read_text() == FILE


ids = st.from_regex(r"[A-Za-z~][A-Za-z0-9./:@_~-]{0,20}", fullmatch=True)
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12
)
scalars = st.one_of(ids, texts, st.dates(date(1990, 1, 1), date(2090, 1, 1)))
KEYS = ["production", "staging", "previous", "last_validated", "notes"]


@st.composite
def files(draw: st.DrawFn) -> str:
    """A models.yml in any of the layouts that people write."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    lines = draw(st.sampled_from([[], ["# pins", ""], ["---"]]))
    lines = [*lines, "models:"]
    indent = " " * draw(st.integers(1, 4))
    for name in draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True)):
        keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True))
        entries = [f"{key}: {draw(written())}" for key in keys]
        ignored = draw(st.lists(ids.map(lambda id: f"'{id}'"), max_size=3))
        comment = draw(st.sampled_from(["", "  # why: {not, this]"]))
        if draw(st.booleans()):
            flow = [*entries, f"ignore: [{', '.join(ignored)}]"]
            lines.append(f"{indent}{name}: {{{', '.join(flow)}}}{comment}")
        else:
            lines.append(f"{indent}{name}:{comment}")
            lines += [f"{indent * 2}{entry}{comment}" for entry in entries]
            if ignored:
                lines.append(f"{indent * 2}ignore:{comment}")
                lines += [f"{indent * 2}- {entry}{comment}" for entry in ignored]
        lines += draw(st.sampled_from([[], [""], [f"{indent}# between"], ["# far left", ""]]))
    lines += draw(
        st.sampled_from([[], ["settings: {green_runs: 3}"], ["settings:", " samples: 2"]])
    )
    text = newline.join(lines) + draw(st.sampled_from(["", newline]))
    return draw(st.sampled_from(["", "\ufeff"])) + text


@st.composite
def written(draw: st.DrawFn) -> str:
    id = draw(ids)
    plain = id if yaml.safe_load(f"{{k: [{id}]}}") == {"k": [id]} else f"'{id}'"
    return draw(st.sampled_from([plain, f"'{id}'", f'"{id}"', "2026-11-02", '"2026-11-02"']))


def as_text(tree: object) -> object:
    if isinstance(tree, dict):
        return {key: as_text(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [as_text(value) for value in tree]
    return tree.isoformat() if isinstance(tree, date) else tree


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_edited_file_says_the_same_but_for_the_change(data):
    text = data.draw(files())
    before = as_text(yaml.safe_load(text))
    name = data.draw(st.sampled_from(sorted(before["models"])))
    key = data.draw(st.sampled_from([*KEYS, "ignore", "promoted"]))
    values = st.lists(ids, max_size=4) if key == "ignore" else scalars
    value = data.draw(values)
    after = edit(text, {("models", name, key): value})
    before["models"][name][key] = as_text(value)
    assert as_text(yaml.safe_load(after)) == before


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_other_byte_stays_when_a_scalar_is_set(data):
    text = data.draw(files())
    tree = yaml.safe_load(text)
    name = data.draw(st.sampled_from(sorted(tree["models"])))
    key = data.draw(st.sampled_from([*KEYS, "promoted"]))
    after = edit(text, {("models", name, key): data.draw(ids)})
    lines, edited = text.splitlines(keepends=True), after.splitlines(keepends=True)
    touched = [
        tag for tag in difflib.SequenceMatcher(None, lines, edited, autojunk=False).get_opcodes()
        if tag[0] != "equal"
    ]  # fmt: skip
    assert sum(max(end - start, after_end - after_start)
               for _, start, end, after_start, after_end in touched) <= 2  # fmt: skip
    restored = edit(after, {("models", name, key): tree["models"][name].get(key)})
    assert restored.count("\r\n") == text.count("\r\n")
    if key not in tree["models"][name]:
        assert restored == text


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(files(), st.sampled_from(KEYS))
def test_removing_a_key_only_takes_text_out(text, key):
    tree = as_text(yaml.safe_load(text))
    name = min(tree["models"])
    if len(tree["models"][name]) == 1:
        return
    after = edit(text, {("models", name, key): None})
    tree["models"][name].pop(key, None)
    assert as_text(yaml.safe_load(after)) == tree
    remaining = iter(text)
    assert all(character in remaining for character in after)
