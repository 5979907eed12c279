import pytest

from pytest_modelpin.forge.pulls_and_issues import comment_once, issues_with, pulls_of


class Listing:
    """A forge that lists what it is given."""

    owner, name = "acme", "acme/app"

    def __init__(self, *found):
        self.found = found

    def get(self, path, **_):
        return self.found

    pages = get


def pull(head, number=1):
    return {
        "number": number, "html_url": "", "node_id": "", "title": "", "body": "",
        "base": {"ref": "main", "repo": {"full_name": "acme/app"}},
        "head": {"ref": "modelpin/claude", "sha": "1", "repo": head and {"full_name": head}},
        "state": "closed", "labels": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("head", "number"), [("acme/app", 1), ("mallory/app", 0), ("acme/fork", 0), (None, 0)]
)
def test_a_forks_branch_of_our_name_is_not_ours(head, number):
    assert len(pulls_of(Listing(pull(head)), "modelpin/claude")) == number


@pytest.mark.parametrize(
    ("author", "counts"),
    [
        ({"author_association": "OWNER", "user": {"login": "ada", "type": "User"}}, True),
        ({"author_association": "COLLABORATOR", "user": {"login": "ada", "type": "User"}}, True),
        ({"author_association": "NONE", "user": {"login": "modelpin[bot]", "type": "Bot"}}, True),
        ({"author_association": "CONTRIBUTOR", "user": {"login": "eve", "type": "User"}}, False),
        ({"author_association": "NONE", "user": None}, False),
        ({}, True),
    ],
)
def test_an_issue_counts_by_its_author_and_not_by_its_label_alone(author, counts):
    issue = {"number": 1, "html_url": "", "title": "", "body": "", "state": "open", **author}
    assert len(issues_with(Listing(issue), "model-pin-dashboard")) == counts


@pytest.mark.counterpart
def test_a_stranger_takes_no_comment_away(github):
    number = github.person("POST", "/issues", {"title": "Ours"})["number"]
    mark = {"body": "<!-- pytest-modelpin:closing -->"}
    github.person("POST", f"/issues/{number}/comments", mark, login="octocat")
    forge = github.connect()
    assert comment_once(forge, number, "closing", "Closing this.")
    assert not comment_once(forge, number, "closing", "Closing this.")
