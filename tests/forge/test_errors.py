import pytest

from pytest_modelpin.forge.errors import refused

WEB = "https://github.com/acme/app"


@pytest.mark.parametrize(
    ("verb", "path", "status", "message", "says"),
    [
        ("POST", "/git/refs", 403, "Resource not accessible by integration", "`contents: write`"),
        ("POST", "/pulls", 403, "Resource not accessible", "`pull-requests: write`"),
        ("POST", "/issues", 403, "Resource not accessible", "`issues: write`"),
        ("POST", "/statuses/abc", 403, "Resource not accessible", "`statuses: write`"),
        ("GET", "/git/ref/heads/x", 404, "Not Found", "GITHUB_REPOSITORY"),
        (
            "POST",
            "/pulls",
            403,
            "GitHub Actions is not permitted to create or approve pull requests.",
            f"“Allow GitHub Actions to create and approve pull requests” at {WEB}/settings/actions",
        ),
        ("PATCH", "/git/refs/heads/x", 422, "Cannot update this protected ref.", "/settings/rules"),
        ("POST", "/git/refs", 422, "Repository rule violations found", "/settings/rules"),
        ("POST", "/issues", 410, "Issues are disabled for this repo", f"{WEB}/settings#features"),
        ("POST", "/git/trees", 409, "Git Repository is empty.", "Push a first commit"),
        (
            "POST",
            "/graphql",
            403,
            "Auto merge is not allowed for this repository",
            f"Tick “Allow auto-merge” at {WEB}/settings, then press",
        ),
        (
            "POST",
            "/graphql",
            403,
            "Pull request Pull request is in clean status",
            "merges by itself only what has to wait for something: require a check or a review",
        ),
        ("POST", "/pulls", 401, "Bad credentials", "GITHUB_TOKEN"),
        ("GET", "/pulls", 503, "Unavailable", "next run goes on"),
    ],
)
def test_a_refusal_names_what_mends_it(verb, path, status, message, says):
    assert says in str(refused(verb, path, WEB, status, {"message": message}))


def test_a_refusal_says_what_was_refused():
    error = refused("POST", "/pulls", WEB, 422, {"message": "Validation Failed"})
    assert str(error).startswith("GitHub refused to create the pull request (422: Validation")


def test_the_details_of_a_failed_validation_are_shown():
    content = {"message": "Validation Failed", "errors": [{"message": "head is invalid"}, "odd"]}
    assert refused("POST", "/pulls", WEB, 422, content).message == (
        "Validation Failed; head is invalid; odd"
    )


def test_an_answer_that_is_no_json_stays_one_short_line():
    error = refused("GET", "/pulls", WEB, 502, {"message": "<html>\n" * 500})
    assert "\n" not in str(error)
    assert len(str(error)) < 500
