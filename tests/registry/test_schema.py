import pytest

from pytest_modelpin.errors import ExitCode, RegistryError


@pytest.fixture
def mistakes_of(pins_of, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def read(text: str) -> str:
        with pytest.raises(RegistryError) as caught:
            pins_of(text)
        assert caught.value.exit_code is ExitCode.USAGE
        return str(caught.value)

    return read


def model(*lines: str) -> str:
    return "models:\n  a:\n    production: x\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "\ufeff"])
def test_an_empty_file(mistakes_of, text):
    message = mistakes_of(text)
    assert message.startswith("models.yml")
    assert "`pytest-modelpin init`" in message or "found nothing" in message


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n", "42\n"])
def test_not_a_mapping(mistakes_of, text):
    assert mistakes_of(text).startswith("models.yml:1: found ")


def test_not_yaml(mistakes_of):
    message = mistakes_of("models:\n  a: {production: x\n")
    assert message.startswith("models.yml:3: not valid YAML:")


def test_two_documents(mistakes_of):
    assert "not valid YAML" in mistakes_of("models: {a: {production: x}}\n---\nmodels: {}\n")


def test_a_merge_conflict_is_called_by_its_name(mistakes_of):
    message = mistakes_of(
        "models:\n  a:\n<<<<<<< HEAD\n    production: x\n=======\n    production: y\n>>>>>>> b\n"
    )
    assert message == "models.yml:3: a merge conflict marker; resolve the conflict."


def test_a_tab_as_indentation(mistakes_of):
    message = mistakes_of("models:\n  a:\n\tproduction: x\n")
    assert message == "models.yml:3: indented with a tab; YAML allows only spaces there."


def test_a_control_character(mistakes_of):
    assert mistakes_of("models:\n  a: {production: x\x07}\n").startswith(
        "models.yml:2: found the control character"
    )


def test_nesting_that_never_ends(mistakes_of):
    assert "nested too deeply" in mistakes_of("[" * 5000)


def test_an_alias_of_nothing(mistakes_of):
    assert "undefined alias" in mistakes_of("models: {a: {production: *pin}}")


def test_an_anchor_within_itself(mistakes_of):
    assert "models.a.production: found a mapping" in mistakes_of("models: {a: &a {production: *a}}")


def test_a_tag_that_would_run_code(mistakes_of):
    message = mistakes_of("models: {a: {production: !!python/object/apply:os.getcwd []}}")
    assert "models.a.production: found a list" in message


def test_a_merge_key(mistakes_of):
    message = mistakes_of("models:\n  a: &a {production: x}\n  b: {<<: *a}\n")
    assert "models.yml:3: models.b: merge keys" in message


def test_an_unknown_key_with_the_nearest_spelling(mistakes_of):
    message = mistakes_of("models:\n  a:\n    prodution: x\n")
    assert (
        "models.yml:3: models.a.prodution: unknown key. Did you mean `production`? "
        "Allowed: production, staging"
    ) in message
    assert "models.a: lacks the key `production`." in message


def test_models_on_the_top_level_are_an_unknown_key(mistakes_of):
    message = mistakes_of("claude: {production: x}\n")
    assert "models.yml:1: claude: unknown key; allowed: models, settings, endpoints." in message
    assert "lacks the key `models`" in message


def test_an_unknown_setting(mistakes_of):
    message = mistakes_of(model() + "settings: {green_run: 3}\n")
    assert "models.yml:4: settings.green_run: unknown key" in message
    assert "Did you mean `green_runs`?" in message


def test_a_key_given_twice(mistakes_of):
    message = mistakes_of(model("production: y"))
    assert message == "models.yml:4: models.a.production: given twice, first on line 3; keep one."


def test_a_logical_name_given_twice(mistakes_of):
    assert "models.yml:3: models.a: given twice, first on line 2" in mistakes_of(
        "models:\n  a: {production: x}\n  a: {production: y}\n"
    )


def test_staging_and_candidate(mistakes_of):
    assert "`staging` and `candidate` mean the same" in mistakes_of(
        model("staging: y", "candidate: z")
    )


def test_no_models(mistakes_of):
    assert mistakes_of("models: {}\n").startswith("models.yml:1: models: names no model")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("production: 4", "the number 4"),
        ("production: 4.1", "the number 4.1"),
        ("production: 2026-11-02", "the date 2026-11-02"),
        ("production: yes", "the truth value yes"),
        ("production:", "nothing"),
        ("production: [x]", "a list"),
        ("production: {id: x}", "a mapping"),
    ],
)
def test_a_pin_of_another_type(mistakes_of, line, found):
    message = mistakes_of(f"models:\n  a:\n    {line}\n")
    assert f"models.yml:3: models.a.production: found {found}; allowed: a model id" in message


@pytest.mark.parametrize(
    ("id", "problem"),
    [
        ("'a b'", "holds a space or control character"),
        ('"a\\nb"', "holds a space or control character"),
        ('"a\\u0007b"', "holds a space or control character"),
        ('"a\\u200bb"', "holds a space or control character"),
        ("''", "is empty"),
        ("x" * 600, "is longer than 512 characters"),
    ],
)
def test_an_id_that_is_none(mistakes_of, id, problem):
    message = mistakes_of(f"models: {{a: {{production: {id}}}}}")
    assert problem in message
    assert "\n" not in message


BAD_DATES = [
    '"2026-13-01"', "2026-13-01", "'2.11.2026'", "soon", "20261102", "2026-11-02 10:00:00",
    "[2026-11-02]",
]  # fmt: skip


@pytest.mark.parametrize("written", BAD_DATES)
def test_a_bad_date(mistakes_of, written):
    message = mistakes_of(model(f"last_validated: {written}"))
    assert message.startswith("models.yml:4: models.a.last_validated: found ")
    assert 'allowed: a date of the calendar as "YYYY-MM-DD"' in message


@pytest.mark.parametrize("percent", ["-1", "101", "five", ".nan", "true"])
def test_a_percent_out_of_range(mistakes_of, percent):
    message = mistakes_of(model(f"canary: {{model: y, percent: {percent}}}"))
    assert "models.yml:4: models.a.canary.percent: found " in message
    assert "a number from 0 to 100" in message


def test_a_canary_without_model(mistakes_of):
    assert "models.a.canary: lacks the key `model`" in mistakes_of(model("canary: {percent: 5}"))


def test_a_policy_that_is_none(mistakes_of):
    assert "found 'pinn'; allowed: pin, float, protected. Did you mean `pin`?" in mistakes_of(
        model("policy: pinn")
    )


def test_a_provider_in_capitals(mistakes_of):
    assert "a provider's name in lower case" in mistakes_of(model("provider: OpenAI"))


def test_a_fallback_that_is_no_list(mistakes_of):
    assert "models.a.fallback: found 'y'; allowed: a list" in mistakes_of(model("fallback: y"))


def test_a_mistake_within_a_list(mistakes_of):
    assert "models.a.fallback[1]: found the number 4" in mistakes_of(model("fallback: [y, 4]"))


def test_a_model_that_falls_back_to_itself(mistakes_of):
    assert "`a` can't be its own fallback" in mistakes_of(model("fallback: [a]"))


@pytest.mark.parametrize("name", ["1a", "_a", "-a", "../a", "a/b", "a b", "ä", "''", '"a\\nb"'])
def test_an_unsafe_name(mistakes_of, name):
    message = mistakes_of(f"models: {{{name}: {{production: x}}}}")
    assert "allowed: letters, digits, - _ and ." in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["production", "Candidate", "STAGING", "previous", "id"])
def test_a_name_that_is_a_word_of_the_option(mistakes_of, name):
    assert "is a word of `--model`" in mistakes_of(f"models: {{{name}: {{production: x}}}}")


def test_two_names_with_one_variable(mistakes_of):
    message = mistakes_of("models:\n  a-b: {production: x}\n  A_b: {production: y}\n")
    assert "models.yml:3: models.A_b: `A_b` and `a-b` would both be overridden by MODELPIN_A_B" in (
        message
    )


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        ("green_runs: 0", "a whole number from 1 on"),
        ("green_runs: 2.5", "a whole number from 1 on"),
        ("green_runs: true", "a whole number from 1 on"),
        (f"stale_days: {'9' * 400}", "a whole number from 1 on, 1,000,000,000 at most"),
        (f"samples: {'9' * 400}", "auto, or a whole number from 1 on, 1,000,000,000 at most"),
        (f"margin: {'9' * 400}", "a number from 0 to 1"),
        (f"budget_usd: {'9' * 400}", "a number from 0 on"),
        ("margin: 2", "a number from 0 to 1"),
        ("similarity: -0.1", "a number from 0 to 1"),
        ("budget_usd: -1", "a number from 0 on"),
        ("budget_usd: .inf", "a number from 0 on"),
        ("gate: loose", "auto, strict, statistical"),
        ("draft: maybe", "true or false"),
        ("labels: x", "a list"),
        ("prices: {x: {input: 1}}", "lacks the key `output`"),
        ("urgent_days: 100", "make urgent_days the smaller one"),
        ("judge: clade", "a logical name of this file (a)"),
        ("judge: {model: clade}", "a logical name of this file (a)"),
        ("judge: {when: unsure}", "lacks the key `model`"),
        ("judge: {model: a, when: always}", "unsure, marked"),
        ("judge: {model: a, budget_usd: -1}", "a number from 0 on"),
        (
            "judge: {model: a, budget: 1}",
            "Did you mean `budget_usd`? Allowed: model, when, budget_",
        ),
        ("judge: [a]", "a mapping"),
    ],
)
def test_a_setting_that_does_not_fit(mistakes_of, setting, allowed):
    message = mistakes_of(model() + f"settings:\n  {setting}\n")
    assert message.startswith("models.yml:")
    assert allowed in message


def test_every_mistake_is_reported_at_once_in_the_order_of_the_file(mistakes_of):
    message = mistakes_of(
        "models:\n  a:\n    production: 4\n    stagin: y\n"
        "  b: {production: x, retires: soon}\nsettings: {samples: 0, judge: c}\n"
    )
    starts = [line.split(" ")[0] + " " + line.split(" ")[1] for line in message.splitlines()]
    assert starts == [
        "models.yml:3: models.a.production:",
        "models.yml:4: models.a.stagin:",
        "models.yml:5: models.b.retires:",
        "models.yml:6: settings.judge:",
        "models.yml:6: settings.samples:",
    ]


ENDPOINTS = """\
models:
  a: {production: gpt-4o-2024-08-06}
endpoints:
"""


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("{host: 'https://x.example/', provider: openai}", "a host alone"),
        ("{host: x.example}", "provider"),
        ("{host: x.example, provider: openai, as: chat}", "a path that begins with /"),
        ("{host: x.example, provider: openai, url: x}", "url"),
    ],
)
def test_an_endpoint_with_a_mistake(mistakes_of, entry, says):
    message = mistakes_of(f"{ENDPOINTS}  - {entry}\n")
    assert "models.yml:4: endpoints[0]" in message
    assert says in message


@pytest.mark.parametrize("name", ["health", "source", "Observations", "breakers"])
def test_a_name_whose_variable_is_a_setting(mistakes_of, name):
    """`MODELPIN_HEALTH=/run/health.json` made that path the pin of a model called `health`."""
    message = mistakes_of(f"models: {{{name}: {{production: a}}}}")
    assert f"is a setting, and would override `{name}`" in message
