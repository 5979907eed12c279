import pytest

from pytest_modelpin.errors import ForgeError
from pytest_modelpin.forge.branches import (
    advance,
    ahead,
    commit_files,
    default_branch,
    head_of,
    modes_of,
    read_commit,
)
from pytest_modelpin.forge.errors import Moved

pytestmark = pytest.mark.counterpart


def test_a_branch_that_is_not_there_has_no_head(github):
    assert head_of(github.connect(), "modelpin/claude") is None


def test_the_head_of_a_branch_with_a_slash_is_read(github):
    forge = github.connect()
    advance(forge, "modelpin/claude", None, github.head())
    assert head_of(forge, "modelpin/claude") == github.head()


def test_the_default_branch_is_read(github):
    assert default_branch(github.connect()) == "main"


def test_a_branch_that_moved_meanwhile_is_not_moved_back(github):
    first = github.head()
    mine = github.commit({"a.txt": "mine"})
    github.person("PATCH", "/git/refs/heads/main", {"sha": first, "force": True})
    theirs = github.commit({"a.txt": "theirs"})
    with pytest.raises(Moved, match="main moved"):
        advance(github.connect(), "main", first, mine)
    assert github.head() == theirs


def test_a_branch_that_was_set_back_meanwhile_is_not_brought_forward_again(github):
    """What descends from the commit that was read descends from what it was set back to, too."""
    first, taken_back = github.head(), github.commit({"a.txt": "a secret"})
    forge = github.connect()
    parent = read_commit(forge, taken_back)
    files = {"b.txt": b"mine"}
    made = commit_files(forge, files, message="Mine", parents=[parent.sha], tree=parent.tree)
    github.person("PATCH", "/git/refs/heads/main", {"sha": first, "force": True})
    with pytest.raises(Moved, match="main moved"):
        advance(forge, "main", taken_back, made.sha)
    assert github.head() == first


def test_a_branch_that_was_deleted_meanwhile_is_not_made_again(github):
    forge = github.connect()
    advance(forge, "modelpin/claude", None, github.head())
    github.person("DELETE", "/git/refs/heads/modelpin/claude")
    with pytest.raises(Moved):
        advance(forge, "modelpin/claude", github.head(), github.commit({"a.txt": "a"}))


def test_a_branch_that_somebody_made_meanwhile_is_not_made_again(github):
    forge = github.connect()
    advance(forge, "modelpin/claude", None, github.head())
    with pytest.raises(Moved):
        advance(forge, "modelpin/claude", None, github.head())


def test_what_a_branch_has_more_than_its_base(github):
    forge = github.connect()
    advance(forge, "modelpin/claude", None, github.head())
    sha = github.commit({"a.txt": "a", "b.txt": "b"}, "modelpin/claude", "Two files")
    found = ahead(forge, "main", "modelpin/claude")
    assert [commit.sha for commit in found.commits] == [sha]
    assert found.commits[0].message == "Two files"
    assert found.files == ("a.txt", "b.txt")


def test_a_commit_is_read_with_its_tree_and_parents(github):
    parent = github.head()
    sha = github.commit({"a.txt": "a"})
    commit = read_commit(github.connect(), sha)
    assert commit.parents == (parent,)
    assert commit.authored == commit.committed


pytestmark = pytest.mark.counterpart


@pytest.fixture
def commit(github):
    """Commit files on main, as the upgrade does it on its branch."""

    def make(files, forge=None):
        forge = forge or github.connect()
        head = read_commit(forge, github.head())
        made = commit_files(forge, files, message="Move", parents=[head.sha], tree=head.tree)
        advance(forge, "main", head.sha, made.sha)
        return made

    return make


def test_texts_come_back_byte_for_byte(github, commit):
    texts = {"a/b.json": "{}\n", "crlf.txt": "a\r\nb\r\n", "ü.txt": "€ \u2028\n", "empty": ""}
    commit({path: text.encode() for path, text in texts.items()})
    files = github.files()
    assert {path: files[path].decode() for path in texts} == texts


def test_bytes_that_are_no_text_come_back_too(github, commit):
    binaries = {"image.png": b"\x89PNG\r\n\x1a\n\xff", "nul": b"a\0b"}
    commit(binaries)
    files = github.files()
    assert {path: files[path] for path in binaries} == binaries


def test_none_deletes(github, commit):
    github.commit({"old/a.json": "{}", "old/b.json": "{}"})
    commit({"old/a.json": None, "new/a.json": b"{}"})
    assert sorted(github.files()) == ["README.md", "new/a.json", "old/b.json"]


def test_deleting_what_is_not_there_is_no_error(github, commit):
    github.commit({"old/a.json": "{}"})
    github.fault("POST", "/git/trees", status=422, message="GitRPC::BadObjectState")
    commit({"old/a.json": None, "old/none.json": None, "new.json": b"{}"})
    assert sorted(github.files()) == ["README.md", "new.json"]


CUT = b'{"sha": "1", "tree": [], "truncated": true}'
"""What GitHub lists of a tree with more than 100,000 entries, or 7 MB of them: not all."""


def test_deleting_loses_nothing_of_a_tree_that_github_lists_in_part(github, commit):
    github.commit({"old/a.json": "{}", "old/deep/b.json": "{}"})
    github.fault("POST", "/git/trees", status=422, message="GitRPC::BadObjectState")
    github.fault("GET", r"/git/trees/\w+", status=200, message=CUT)
    commit({"old/a.json": None, "old/deep/b.json": None, "old/none/c.json": None, "new.json": b""})
    assert sorted(github.files()) == ["README.md", "new.json"]


def test_modes_are_read_folder_by_folder_where_github_lists_a_tree_in_part(github):
    github.commit({"a/b/ask.sh": "ask\n"}, mode="100755")
    github.commit({"a/b/c.txt": "c", "top.txt": "t"})
    forge = github.connect()
    tree = read_commit(forge, github.head()).tree
    github.fault("GET", r"/git/trees/\w+", status=200, message=CUT)
    asked = forge.requests
    paths = ["a/b/ask.sh", "a/b/c.txt", "a/b/none.txt", "none/d.txt", "top.txt"]
    modes = {"a/b/ask.sh": "100755", "a/b/c.txt": "100644", "top.txt": "100644"}
    assert modes_of(forge, tree, paths) == modes
    assert forge.requests - asked == 4  # all at once, then the root, `a` and `a/b`


def test_the_commit_names_no_author_so_that_github_signs_it(github, commit):
    made = commit({"a.txt": b"a"})
    author = github.person("GET", f"/git/commits/{made.sha}")["author"]
    assert author["name"] == "github-actions[bot]"


def test_two_thousand_recordings_cost_few_requests(github, commit):
    github.commit({f"tests/__recordings__/old/test_{n}.json": "{}" for n in range(2_000)})
    body = '{"text": "' + "x" * 3_000 + '"}\n'
    files: dict[str, bytes | None] = {}
    for n in range(2_000):
        files[f"tests/__recordings__/old/test_{n}.json"] = None
        files[f"tests/__recordings__/new/test_{n}.json"] = body.replace("x", str(n), 1).encode()
    forge = github.connect()
    commit(files, forge)
    assert forge.requests <= 12
    listed = github.person("GET", f"/git/trees/{github.head()}?recursive=1")["tree"]
    blobs = [item["path"] for item in listed if item["type"] == "blob"]
    assert len(blobs) == 2_001


def test_a_tree_without_base_and_files_is_a_mistake_of_the_caller(github):
    with pytest.raises(ValueError, match="without base"):
        commit_files(github.connect(), {}, message="", parents=[], tree=None)


@pytest.mark.parametrize(
    ("other", "status", "said"),
    [
        ("modelpin", 422, "Reference already exists"),
        ("modelpin", 409, "'refs/heads/modelpin' exists; cannot create"),
        ("modelpin/claude/old", 422, "Reference update failed"),
    ],
)
def test_a_branch_whose_name_is_in_the_way_is_named(github, other, status, said):
    """Somebody was said to have pushed meanwhile, night after night."""
    head = github.head()
    github.person("POST", "/git/refs", {"ref": f"refs/heads/{other}", "sha": head})
    github.fault("POST", "/git/refs", status=status, message=said)
    with pytest.raises(ForgeError, match=f"there is one called {other}: "):
        advance(github.connect(), "modelpin/claude", None, head)


def test_a_branch_that_somebody_made_meanwhile_has_moved(github):
    head = github.head()
    github.person("POST", "/git/refs", {"ref": "refs/heads/modelpin/claude", "sha": head})
    github.fault("POST", "/git/refs", status=422, message="Reference already exists")
    with pytest.raises(Moved):
        advance(github.connect(), "modelpin/claude", None, head)
