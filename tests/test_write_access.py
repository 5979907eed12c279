import pytest

from pytest_modelpin.write_access import for_tests, without_tokens


@pytest.mark.parametrize(
    "name",
    ["GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "INPUT_TOKEN",
     "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "MODELPIN_SLACK_WEBHOOK",
     "ACTIONS_RUNTIME_URL", "ACTIONS_RESULTS_URL", "ACTIONS_CACHE_URL",
     "ACTIONS_ID_TOKEN_REQUEST_URL", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE",
     "GITHUB_STEP_SUMMARY", "MODELPIN_SUPPORT"],
)  # fmt: skip
def test_tests_are_not_given(name: str) -> None:
    assert for_tests({name: "x", "OPENAI_API_KEY": "needed"}) == {"OPENAI_API_KEY": "needed"}


def test_git_s_hooks_are_given_no_token() -> None:
    assert without_tokens({"GITHUB_TOKEN": "x", "HOME": "/home/you"}) == {"HOME": "/home/you"}
