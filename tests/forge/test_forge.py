import time

import pytest
from github import GithubException
from own_server import Dripping, serving

from pytest_modelpin.errors import ForgeError
from pytest_modelpin.forge import Forge, connect, run_url
from pytest_modelpin.forge.branches import head_of
from pytest_modelpin.forge.errors import Refused, Unreachable

PLAIN = {"GITHUB_REPOSITORY": "acme/app", "GITHUB_TOKEN": "t"}


@pytest.mark.parametrize(
    ("api", "web"),
    [
        (None, "https://github.com/acme/app"),
        ("https://api.github.com", "https://github.com/acme/app"),
        ("https://github.example.com/api/v3", "https://github.example.com/acme/app"),
        ("http://localhost:4300/", "http://localhost:4300/acme/app"),
    ],
)
def test_the_web_address_follows_the_api_address(api, web):
    environment = PLAIN | ({"GITHUB_API_URL": api} if api else {})
    assert connect(environment).web == web


@pytest.mark.parametrize("name", ["", "app", "a/b/c", "/app"])
def test_a_repository_that_is_not_owner_and_name_is_refused(name):
    with pytest.raises(ForgeError, match="GITHUB_REPOSITORY"):
        connect(PLAIN | {"GITHUB_REPOSITORY": name})


def test_a_missing_token_says_where_one_comes_from():
    with pytest.raises(ForgeError, match=r"GITHUB_TOKEN is not set.*github\.token"):
        connect({"GITHUB_REPOSITORY": "acme/app"})


@pytest.mark.parametrize("api", ["github.com", "http://", "ftp://x", "http://[::1", "https://a/ "])
def test_an_address_that_is_none_is_said(api):
    with pytest.raises(ForgeError, match="GITHUB_API_URL is"):
        connect(PLAIN | {"GITHUB_API_URL": api})


@pytest.mark.parametrize(
    ("attempt", "page"), [(None, ""), ("1", ""), ("2", "/attempts/2")], ids=str
)
def test_a_run_that_was_started_again_has_a_page_of_its_own(monkeypatch, attempt, page):
    """Two nights of one day had one link in the ledger, to the later one's log alone."""
    run = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_RUN_ID": "7"}
    for name, value in {**PLAIN, **run}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GITHUB_RUN_ATTEMPT", raising=False)
    if attempt:
        monkeypatch.setenv("GITHUB_RUN_ATTEMPT", attempt)
    assert run_url() == f"https://github.com/acme/app/actions/runs/7{page}"


@pytest.mark.parametrize(("patience", "tries"), [(180.0, 4), (1.2, 1)])
def test_an_answer_a_byte_at_a_time_holds_no_night_up(monkeypatch, patience, tries):
    """Nothing ended it; and what is waited in vain is taken from the patience for all requests."""
    monkeypatch.setattr("pytest_modelpin.forge._LONGEST", 0.3)
    monkeypatch.setattr("pytest_modelpin.forge._PATIENCE", patience)
    with serving(Dripping) as server:
        forge = connect(PLAIN | {"GITHUB_API_URL": server.url}, lambda _: None)
        with pytest.raises(Unreachable, match=r"no answer to GET  \(TimeoutError\)"):
            forge.get("")
    assert forge.requests == tries


@pytest.mark.counterpart
class TestRepeating:
    def test_reading_is_repeated_after_a_server_error(self, github):
        github.fault("GET", "/app-.*", status=502, times=2)
        forge = github.connect()
        assert forge.get("")["default_branch"] == "main"
        assert github.slept == [1.0, 2.0]
        assert forge.requests == 3

    def test_reading_gives_up_in_one_line(self, github):
        github.fault("GET", "/app-.*", status=502, times=9)
        with pytest.raises(Refused, match="GitHub has trouble"):
            github.connect().get("")
        assert len(github.log) == 4

    def test_reading_is_repeated_after_a_dropped_connection(self, github):
        github.fault("GET", "/app-.*")
        assert github.connect().get("")["default_branch"] == "main"

    @pytest.mark.parametrize("answer", [b'{"object": {"sha": "ab', b"<html>Proxy</html>", b""])
    def test_what_is_no_whole_json_is_no_answer(self, github, answer):
        """Of a proxy, or torn: it was a traceback, and an empty one was no ledger at all."""
        github.fault("GET", "/git/ref/heads/main", status=200, message=answer)
        assert head_of(github.connect(), "main") == github.head()
        github.fault("POST", "/labels", status=201, message=answer)
        with pytest.raises(Unreachable, match="gave no answer to POST /labels"):
            github.connect().post("/labels", {"name": "x", "color": "ffffff"})

    @pytest.mark.parametrize("how", [{"status": 500}, {"after": True}], ids=["error", "dropped"])
    def test_creating_is_never_repeated(self, github, how):
        github.fault("POST", "/issues", **how)
        with pytest.raises((Refused, Unreachable)):
            github.connect().post("/issues", {"title": "One"})
        assert github.sent("POST", "/issues") == 1

    def test_a_lost_answer_says_that_it_may_have_taken_effect(self, github):
        github.fault("POST", "/issues", after=True)
        with pytest.raises(Unreachable, match="may have taken effect"):
            github.connect().post("/issues", {"title": "One"})
        assert len(github.issues()) == 1

    @pytest.mark.parametrize(
        ("answer", "wait"),
        [
            ({"status": 403, "headers": {"Retry-After": "7"}}, 7.0),
            ({"status": 429, "headers": {"Retry-After": "0"}}, 1.0),
            ({"status": 429, "message": "slow down"}, 60.0),
            ({"status": 403, "message": "You have exceeded a secondary rate limit"}, 60.0),
        ],
    )
    def test_a_limit_is_waited_for_whatever_the_verb(self, github, answer, wait):
        github.fault("POST", "/issues", **answer)
        assert github.connect().post("/issues", {"title": "One"})["number"] == 1
        assert github.slept == [wait]
        assert len(github.issues()) == 1

    def test_the_hourly_limit_is_waited_for_until_its_reset(self, github):
        reset = str(int(time.time()) + 20)
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        github.fault("GET", "/app-.*", status=403, message="API rate limit", headers=headers)
        github.connect().get("")
        assert 15 < github.slept[0] <= 21

    def test_a_limit_that_lasts_too_long_is_one_line(self, github):
        github.fault("GET", "/app-.*", status=403, headers={"Retry-After": "3000"})
        with pytest.raises(ForgeError, match=r"rate limit.*another 50 minutes.*next run"):
            github.connect().get("")
        assert github.slept == []

    def test_a_limit_that_never_ends_is_given_up(self, github):
        github.fault("GET", "/app-.*", status=429, message="slow down", times=99)
        with pytest.raises(ForgeError, match="rate limit"):
            github.connect().get("")
        assert sum(github.slept) <= 180

    def test_a_plain_refusal_is_not_repeated(self, github):
        github.fault("GET", "/app-.*", status=403, message="Resource not accessible")
        with pytest.raises(Refused, match="contents: read"):
            github.connect().get("")
        assert len(github.log) == 1

    def test_a_bad_token_says_so(self, github):
        github.fault("POST", "/issues", status=401, message="Bad credentials")
        with pytest.raises(Refused, match="GITHUB_TOKEN has expired or is mistyped"):
            github.connect().post("/issues", {"title": "One"})

    def test_once_an_app_s_token_has_expired_the_job_s_own_goes_on(self, github):
        app, job = f"bot-token-{github.token}", f"owner-token-{github.token}"
        tokens = {"GITHUB_TOKEN": app, "GITHUB_JOB_TOKEN": job}
        forge = connect(github.environment | tokens, github.slept.append)
        github.connections.append(forge)
        forge.get("")
        github.fault("POST", "/issues", status=401, token=app, times=9)
        assert forge.post("/issues", {"title": "One"})["number"] == 1
        assert forge.post("/issues", {"title": "Two"})["number"] == 2
        assert github.sent("POST", "/issues") == 3
        assert github.slept == []
        github.fault("POST", "/issues", status=401, message="Bad credentials")
        with pytest.raises(Refused, match="has expired"):
            forge.post("/issues", {"title": "Three"})

    def test_a_token_that_was_never_valid_is_said_whatever_else_there_is(self, github):
        app, job = f"bot-token-{github.token}", f"owner-token-{github.token}"
        tokens = {"GITHUB_TOKEN": app, "GITHUB_JOB_TOKEN": job}
        forge = connect(github.environment | tokens, github.slept.append)
        github.connections.append(forge)
        github.fault("GET", "/app-.*", status=401, message="Bad credentials", token=app)
        with pytest.raises(Refused, match="GITHUB_TOKEN has expired or is mistyped"):
            forge.get("")

    def test_a_list_is_read_page_by_page(self, github):
        for n in range(101):
            path = "/issues/1/comments" if n else "/issues"
            github.person("POST", path, {"title": "One", "body": str(n)})
        bodies = [item["body"] for item in github.connect().pages("/issues/1/comments")]
        assert bodies == [str(n) for n in range(1, 101)]
        assert github.sent("GET", "/comments") == 2


def test_a_mutation_that_graphql_refuses_with_200_names_the_permission():
    class Refusing:
        def graphql_named_mutation(self, *_):
            errors = [{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}]
            raise GithubException(400, {"data": None, "errors": errors}, {})

    forge = Forge(Refusing(), "acme/app", "https://github.com")
    with pytest.raises(ForgeError, match=r"not accessible by integration.*`pull-requests: write`"):
        forge.mutate("convertPullRequestToDraft", {"pullRequestId": "n"})
    assert forge.requests == 1


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_lost_connection_repeats_only_what_may_be_sent_twice(repeatable):
    class Lost:
        def requestJsonAndCheck(self, *_, **__):
            raise ConnectionError("reset")

    slept = []
    forge = Forge(Lost(), "acme/app", "https://github.com", slept.append)
    with pytest.raises(ForgeError, match="may have taken effect"):
        forge.post("/labels", {}, repeatable=repeatable)
    assert slept == ([1.0, 2.0, 4.0] if repeatable else [])
