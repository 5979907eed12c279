"""GitHub for tests: the emulator `emulate`, behind a proxy of our own.

The proxy checks each request against GitHub's description of its API, counts it, corrects the
emulator where GitHub answers otherwise, and injects the faults that a test asks for.
"""

import http.client
import itertools
import json
import os
import re
import socket
import subprocess
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from github_openapi import Description

BOT = "github-actions[bot]"
OWNER = "acme"
# The emulator counts 5,000 requests an hour by token: each test takes the next one.
TOKENS = 60
numbers = itertools.count()


def counterparts() -> Path:
    """The folder with node_modules/ and bin/; skips where there is none, fails in CI."""
    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("MODELPIN_COUNTERPARTS") or root / ".counterparts")
    if not (folder / "node_modules" / ".bin" / "emulate").exists():
        reason = f"the GitHub emulator is not installed in {folder} (`make setup` installs it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def emulator(tmp_path_factory) -> Iterator[int]:
    """The port of a running emulator."""
    program = counterparts() / "node_modules" / ".bin" / "emulate"
    folder = tmp_path_factory.mktemp("emulator")
    users = {"bot": BOT, "owner": OWNER, "octocat": "octocat"}
    seed = {
        "tokens": {
            f"{kind}-token-{n}": {"login": login, "scopes": ["repo", "user"]}
            for n in range(TOKENS)
            for kind, login in users.items()
        },
        "github": {"users": [{"login": login, "name": login} for login in users.values()]},
    }
    (folder / "seed.json").write_text(json.dumps(seed))
    port = _free_port()
    command = [program, "start", "-p", str(port), "-s", "github", "--seed", folder / "seed.json"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(port, process, folder / "log")
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def proxy(emulator: int) -> Iterator["Proxy"]:
    """The proxy in front of the emulator."""
    server = Proxy(emulator, Description(counterparts() / "node_modules"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def github(proxy: "Proxy") -> Iterator["GitHub"]:
    """A fresh repository with one commit; every request to it was a valid one."""
    repository = GitHub(proxy, next(numbers))
    yield repository
    for connection in repository.connections:
        connection.close()
    assert repository.complaints == []


@dataclass
class Fault:
    """What the proxy does instead of answering, or after."""

    verb: str
    path: str
    status: int | None = None
    """None: the connection is dropped."""
    message: str | bytes = "Server Error"
    """As bytes, all that is answered."""
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False
    """The request takes effect first."""
    times: int = 1
    token: str = ""
    """Whose requests fail; without one, everybody's."""
    action: object = None
    """Called before the request is passed on, which then goes on as ever."""


class GitHub:
    """One repository, seen by a test: as the bot, as a person, and from outside."""

    def __init__(self, proxy: "Proxy", number: int) -> None:
        self.proxy = proxy
        self.name = f"{OWNER}/app-{os.getpid()}-{number}"
        self.token = number % TOKENS
        proxy.repositories[self.name] = self
        self.log: list[tuple[str, str]] = []
        self.complaints: list[str] = []
        self.faults: list[Fault] = []
        self.writes_checks = False
        """Whether the bot's token has `checks: write`; the emulator knows no such permissions."""
        self.checks: list[dict] = []
        self.statuses: dict[str, list[dict]] = {}
        self.nodes: dict[str, int] = {}
        self.automerge: list[int] = []
        self.merged_by = ""
        """How GitHub was last told to merge one by itself: MERGE, SQUASH or REBASE."""
        self.assigned: dict[int, list[str]] = {}
        self.conflicted: set[int] = set()
        self.looks = 0
        """How often GitHub does not know yet whether a pull request can be merged."""
        self.slept: list[float] = []
        self.connections: list = []
        self.former = ""
        """The name that it had before, by which a workflow or a script still calls it."""
        short = self.name.split("/")[1]
        made = self.person("POST", "/user/repos", {"name": short, "auto_init": True})
        self.node: str = made["node_id"]
        self.number: int = made["id"]
        # As the owner: it is GitHub Actions itself that gives its bot the right to write.
        self.person("PUT", f"/repos/{self.name}/collaborators/{BOT}", {"permission": "push"})

    @property
    def environment(self) -> dict[str, str]:
        """What a workflow's step would see."""
        return {
            "GITHUB_REPOSITORY": self.former or self.name,
            "GITHUB_TOKEN": f"bot-token-{self.token}",
            "GITHUB_API_URL": self.proxy.url,
            "GITHUB_SERVER_URL": "https://github.com",
        }

    def connect(self):
        """A connection as the bot, on which waiting takes no time."""
        from pytest_modelpin.forge import connect

        forge = connect(self.environment, self.slept.append)
        self.connections.append(forge)
        return forge

    def person(self, verb: str, path: str, content: object = None, login: str = "owner"):
        """A request by a person, past the proxy; `path` from the API's root or the repository's."""
        whole = path if path.startswith(("/user", "/repos")) else f"/repos/{self.name}{path}"
        body = json.dumps(content).encode() if content is not None else b""
        headers = {"Authorization": f"Bearer {login}-token-{self.token}"}
        status, _, answer = self.proxy.forward(verb, whole, headers, body)
        assert status < 400, (verb, whole, status, answer)
        return json.loads(answer) if answer else None

    def fault(self, verb: str, path: str, **how) -> Fault:
        """Let requests whose path ends in the pattern `path` fail."""
        fault = Fault(verb, path, **how)
        self.faults.append(fault)
        return fault

    def sent(self, verb: str, path: str = "") -> int:
        """How many requests of a verb whose path holds the pattern reached the proxy."""
        return sum(v == verb and re.search(path, p) is not None for v, p in self.log)

    def head(self, branch: str = "main") -> str | None:
        """The commit that a branch points to."""
        refs = self.person("GET", f"/git/matching-refs/heads/{branch}")
        found = {ref["ref"]: ref["object"]["sha"] for ref in refs}
        return found.get(f"refs/heads/{branch}")

    def commit(
        self,
        files: dict[str, str | None],
        branch="main",
        message="By hand",
        mode="100644",
        merges: str | None = None,
    ) -> str:
        """A person's commit on a branch, be it one that merges another branch."""
        head = self.head(branch)
        tree = self.person("GET", f"/git/commits/{head}")["tree"]["sha"]
        entries = [
            {"path": path, "mode": mode, "type": "blob"}
            | ({"sha": None} if content is None else {"content": content})
            for path, content in files.items()
        ]
        new = self.person("POST", "/git/trees", {"base_tree": tree, "tree": entries})["sha"]
        parents = [head, self.head(merges)] if merges else [head]
        commit = {"message": message, "tree": new, "parents": parents}
        sha = self.person("POST", "/git/commits", commit)["sha"]
        self.person("PATCH", f"/git/refs/heads/{branch}", {"sha": sha})
        return sha

    def files(self, branch: str = "main") -> dict[str, bytes]:
        """All files of a branch."""
        listed = self.person("GET", f"/git/trees/{self.head(branch)}?recursive=1")["tree"]
        blobs = {item["path"]: item["sha"] for item in listed if item["type"] == "blob"}
        return {
            path: b64decode(self.person("GET", f"/git/blobs/{sha}")["content"])
            for path, sha in blobs.items()
        }

    def pulls(self, state: str = "all") -> list[dict]:
        """The pull requests, oldest first."""
        return sorted(self.person("GET", f"/pulls?state={state}"), key=lambda pull: pull["number"])

    def issues(self, state: str = "all") -> list[dict]:
        """The issues, oldest first."""
        listed = self.person("GET", f"/issues?state={state}")
        return sorted(listed, key=lambda issue: issue["number"])

    def comments(self, number: int) -> list[str]:
        """The comments of an issue or pull request."""
        return [item["body"] for item in self.person("GET", f"/issues/{number}/comments")]

    def close(self, number: int) -> None:
        """A person closes a pull request without merging it."""
        self.person("PATCH", f"/pulls/{number}", {"state": "closed"})

    def merge(self, number: int) -> None:
        """A person merges a pull request by a merge commit."""
        self._merge(number, keep=True)

    def transfer(self) -> None:
        """The repository gets this name; it had another owner's before."""
        self.former = f"former-{self.name}"
        self.proxy.repositories[self.former] = self

    def rebases_only(self) -> None:
        """Merging is by rebase alone, as where history is to be a line."""
        self.person("PATCH", "", {"allow_merge_commit": False, "allow_squash_merge": False})

    def squash(self, number: int) -> None:
        """A person merges a pull request as one commit, or rebases its only one; its branch stays
        as it is.
        """
        self._merge(number, keep=False)

    def _merge(self, number: int, *, keep: bool) -> None:
        pull = next(pull for pull in self.pulls() if pull["number"] == number)
        base, head = self.head("main"), self.head(pull["head"]["ref"])
        how = "merge" if self.person("GET", "")["allow_merge_commit"] else "rebase"
        self.person("PUT", f"/pulls/{number}/merge", {"merge_method": how})
        # The emulator merges what the branch held when the pull request was opened.
        tree = self.person("GET", f"/git/commits/{head}")["tree"]["sha"]
        parents = [base, head] if keep else [base]
        commit = {"message": f"Merge #{number}", "tree": tree, "parents": parents}
        sha = self.person("POST", "/git/commits", commit)["sha"]
        self.person("PATCH", "/git/refs/heads/main", {"sha": sha, "force": True})


class Proxy(ThreadingHTTPServer):
    """Between the code under test and the emulator."""

    daemon_threads = True

    def __init__(self, port: int, description: Description) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = port
        self.description = description
        self.repositories: dict[str, GitHub] = {}
        # The emulator looks where a branch is before it has read the request that moves it: of two
        # at once, both would be let through. GitHub moves a branch in one step.
        self.moving = threading.Lock()
        # It would also open several pull requests of one branch, which GitHub never does.
        self.opening = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def forward(self, verb, path, headers, body):
        """The emulator's answer: status, headers, body."""
        sent = {"Content-Type": "application/json", **headers}
        one_at_a_time = self.moving if verb == "PATCH" and "/git/refs/" in path else nullcontext()
        server = closing(http.client.HTTPConnection("localhost", self.port, timeout=30))
        with one_at_a_time, server as connection:
            connection.request(verb, path, body or None, sent)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def handle_error(self, request, client_address):
        """A dropped connection is what a test asked for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement
    server: Proxy

    def log_message(self, *arguments) -> None:
        """Tests print nothing."""

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.path = self._by_name(self.path)
        parts = urlsplit(self.path)
        github = self._github(parts.path, body)
        if github.former and self.path.startswith(former := f"/repos/{github.former}"):
            return self._sent_on(self.path.removeprefix(former), github)
        github.log.append((self.command, parts.path))
        if complaint := self._complaint(parts, body):
            github.complaints.append(complaint)
        fault = self._fault(github, parts.path)
        if fault and fault.action:
            fault.action()
        elif fault and not fault.after:
            return self._fail(fault)
        status, answer, headers = _Answers(self, github, body).answer(parts)
        if fault and fault.after:
            return self._fail(fault)
        return self._reply(status, answer, headers)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any

    def _github(self, path: str, body: bytes) -> GitHub:
        repositories = self.server.repositories
        if path == "/graphql":
            sent = _input(body)
            node = sent.get("pullRequestId") or sent["repositoryId"]
            found = repositories.values()
            return next(each for each in found if node in each.nodes or node == each.node)
        return repositories["/".join(path.split("/")[2:4])]

    def _by_name(self, path: str) -> str:
        """The path of a repository that is asked for by its number."""
        if not (found := re.match(r"/repositories/(\d+)", path)):
            return path
        every = self.server.repositories.values()
        name = next(each.name for each in every if each.number == int(found[1]))
        return f"/repos/{name}{path[found.end() :]}"

    def _sent_on(self, rest: str, github: GitHub) -> None:
        """As GitHub answers where a repository is called otherwise than it was."""
        there = f"{self.server.url}/repositories/{github.number}{rest}"
        status = 301 if self.command == "GET" else 307
        page = "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api"
        moved = {"message": "Moved Permanently", "url": there, "documentation_url": page}
        self._reply(status, moved, {"Location": there})

    def _complaint(self, parts, body) -> str | None:
        if parts.path == "/graphql":
            return None
        path = unquote(parts.path)
        return self.server.description.complaint(self.command, path, parts.query, body)

    def _fault(self, github: GitHub, path: str) -> Fault | None:
        for fault in github.faults:
            fits = fault.verb == self.command and re.search(f"{fault.path}$", path)
            theirs = fault.token in self.headers.get("Authorization", "")
            if fits and theirs and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def _fail(self, fault: Fault) -> None:
        if fault.status is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            whole = isinstance(fault.message, bytes)
            answer = fault.message if whole else {"message": fault.message}
            self._reply(fault.status, answer, fault.headers)

    def _reply(self, status, answer, headers) -> None:
        content = b"" if answer is None else answer
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Answers:
    """The emulator's answers, corrected where GitHub's are known to differ."""

    def __init__(self, handler: _Handler, github: GitHub, body: bytes) -> None:
        self.handler = handler
        self.github = github
        self.body = body
        self.content = json.loads(body) if body else {}

    def answer(self, parts):
        path = parts.path.removeprefix(f"/repos/{self.github.name}")
        verb = self.handler.command
        if path == "/graphql":
            return self._graphql()
        if path == "/check-runs":
            if not self.github.writes_checks:
                return 403, {"message": "Resource not accessible by integration"}, {}
            self.github.checks.append(self.content)
        if match := re.fullmatch(r"/statuses/(\w+)", path):
            self.github.statuses.setdefault(match[1], []).insert(0, self.content)
            return 201, self.content, {}
        if match := re.fullmatch(r"/commits/(\w+)/statuses", path):
            return 200, self.github.statuses.get(match[1], []), {}
        if match := re.fullmatch(r"/issues/(\d+)/assignees", path):
            # The emulator assigns issues, but no pull requests.
            self.github.assigned[int(match[1])] = self.content["assignees"]
            return 201, {}, {}
        if len(self.content.get("body") or "") > 65_536:
            return self._invalid("body is too long (maximum is 65536 characters)")
        if (verb, path) == ("POST", "/pulls"):
            with self.handler.server.opening:
                return self._no_second_pull() or self._passed_on(parts, path, verb)
        return self._passed_on(parts, path, verb)

    def _passed_on(self, parts, path, verb):
        """What the emulator says to it, corrected."""
        if verb == "PATCH" and re.fullmatch(r"/pulls/\d+", path):
            # Drafts are made by GraphQL alone.
            self.body = json.dumps({k: v for k, v in self.content.items() if k != "draft"}).encode()
        query = f"?{parts.query}" if parts.query else ""
        status, answer = self._forward(f"{parts.path}{query}", verb)
        for pull in self._pulls(path, answer):
            self.github.nodes[pull["node_id"]] = pull["number"]
            # The emulator keeps the head that the branch had when the pull request was opened.
            pull["head"]["sha"] = self.github.head(pull["head"]["ref"]) or pull["head"]["sha"]
            if pull["number"] in self.github.conflicted:
                pull["mergeable"] = False
            if "mergeable" in pull and verb == "GET" and self.github.looks:
                self.github.looks -= 1
                pull["mergeable"] = None
        return status, answer, {}

    def _forward(self, path, verb, body=None):
        headers = {"Authorization": self.handler.headers.get("Authorization", "")}
        content = self.body if body is None else json.dumps(body).encode()
        status, _, answer = self.handler.server.forward(verb, path, headers, content)
        return status, json.loads(answer) if answer else None

    def _pulls(self, path, answer) -> list[dict]:
        if not re.fullmatch(r"/pulls(/\d+)?", path):
            return []
        pulls = answer if isinstance(answer, list) else [answer]
        return [pull for pull in pulls if "node_id" in pull]

    def _no_second_pull(self):
        head, base = self.content["head"], self.content["base"]
        owner = self.github.name.split("/")[0]
        if any(pull["head"]["ref"] == head for pull in self.github.pulls("open")):
            return self._invalid(f"A pull request already exists for {owner}:{head}.")
        if self.github.head(head) is None:
            return self._invalid("head is invalid")
        compared = self.github.person("GET", f"/compare/{base}...{head}")
        if compared["ahead_by"] == 0:
            return self._invalid(f"No commits between {base} and {head}")
        return None

    def _invalid(self, message):
        detail = {"resource": "PullRequest", "code": "custom", "message": message}
        return 422, {"message": "Validation Failed", "errors": [detail]}, {}

    def _graphql(self):
        if "updateRefs(" in self.content["query"]:
            return self._update_refs(_input(self.body)["refUpdates"])
        number = self.github.nodes[_input(self.body)["pullRequestId"]]
        query = self.content["query"]
        path = f"/repos/{self.github.name}/pulls/{number}"
        if "convertPullRequestToDraft(" in query:
            self._forward(path, "PATCH", {"draft": True})
        elif "markPullRequestReadyForReview(" in query:
            self._forward(path, "PATCH", {"draft": False})
        elif "enablePullRequestAutoMerge(" in query:
            way = _input(self.body).get("mergeMethod", "MERGE")
            if refusal := self._not_allowed(way):
                return 200, {"errors": [{"message": refusal}]}, {}
            self.github.automerge.append(number)
            self.github.merged_by = way
        elif "disablePullRequestAutoMerge(" in query:
            if number not in self.github.automerge:
                said = "Can't disable auto-merge for this pull request."
                return 200, {"errors": [{"message": said}]}, {}
            self.github.automerge.remove(number)
        else:
            return 200, {"errors": [{"message": f"unknown mutation: {query}"}]}, {}
        return 200, {"data": {}}, {}

    def _not_allowed(self, way):
        """As GitHub words that its settings allow no such merge; empty where they do."""
        setting, name = {
            "MERGE": ("allow_merge_commit", "merge commits"),
            "SQUASH": ("allow_squash_merge", "squash merging"),
            "REBASE": ("allow_rebase_merge", "rebase merging"),
        }[way]
        allowed = self.github.person("GET", "")[setting]
        return "" if allowed else f"Merge method {name} is not allowed on this repository"

    def _update_refs(self, updates):
        """In one step, and only where each points to what it is said to, as GitHub describes it."""
        for update in updates:
            branch = update["name"].removeprefix("refs/heads/")
            if self.github.head(branch) != update["beforeOid"]:
                said = f"Reference {update['name']} is not at {update['beforeOid']}"
                return 200, {"errors": [{"message": said}]}, {}
            moved = {"sha": update["afterOid"], "force": update["force"]}
            self._forward(f"/repos/{self.github.name}/git/refs/heads/{branch}", "PATCH", moved)
        return 200, {"data": {}}, {}


def _input(body: bytes) -> dict:
    return json.loads(body)["variables"]["input"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with closing(http.client.HTTPConnection("localhost", port, timeout=5)) as connection:
            try:
                connection.request("GET", "/rate_limit")
                connection.getresponse().read()
            except OSError:
                time.sleep(0.05)
            else:
                return
    pytest.fail(f"the GitHub emulator did not start:\n{log.read_text()}", pytrace=False)
