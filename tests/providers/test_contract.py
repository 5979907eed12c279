"""Each provider is whole; and what a new one lacks is said in a sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_modelpin.providers import PROVIDERS
from pytest_modelpin.providers.contract import lacking
from pytest_modelpin.providers.groq import GROQ


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_it_is_whole(provider):
    assert lacking(provider) == ()


def test_each_name_and_synonym_means_one_provider():
    names = [name for provider in PROVIDERS for name in (provider.name, *provider.synonyms)]
    assert sorted(names) == sorted(set(names))


def test_what_has_no_name_is_told_so():
    assert "has no `name`" in lacking(object())[0]


def test_all_that_is_missing_is_named():
    class Half:
        name = "half"
        hosts = "half.example"

    said = "\n".join(lacking(Half()))
    assert "half lacks `hosts`, a tuple of texts." in said
    assert "half lacks the method `read`." in said
    assert "half lacks `model_list`, a ModelList or None." in said


def faulty(**methods):
    odd = type("Odd", (type(GROQ),), {"__slots__": (), **methods})
    fields = {field: getattr(GROQ, field) for field in GROQ.__dataclass_fields__}
    return odd(**fields)


@pytest.mark.parametrize(
    ("provider", "says"),
    [
        (replace(GROQ, hosts=("api.elsewhere.example",)), "`hosts` lacks api.groq.com"),
        (replace(GROQ, hosts=("https://api.groq.com/",)), "must be a host alone"),
        (replace(GROQ, secret_headers=frozenset()), "keys would be recorded"),
        (replace(GROQ, secret_headers=frozenset({"Authorization"})), "must be in lower case"),
        (replace(GROQ, kept_headers=frozenset({"authorization"})), "both a secret header"),
        (replace(GROQ, shapes=()), "no reply of it could be read"),
        (replace(GROQ, key_variables=()), "though it needs a key"),
        (replace(GROQ, key_variables=("groq key",)), "is no name of an environment variable"),
        (replace(GROQ, base_url="https://api.groq.com/openai/v1/"), "must not end with a slash"),
        (replace(GROQ, models_page=3), "`models_page`, a text"),
        (replace(GROQ, name="other"), "`identify` must name other"),
        (faulty(recognises=lambda *_: False), "does not recognise its own question"),
        (faulty(requested_model=lambda *_: None), "does not find the model"),
        (faulty(with_model=lambda self, path, body, model: (path, body)), "does not put the model"),
        (faulty(without_model=lambda self, path, body: (path, body)), "would miss recordings"),
        (faulty(read=lambda *_: 1 / 0), "`read` raises ZeroDivisionError"),
        (faulty(read=lambda *_: None), "`read` must give a Reply"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_is_said_in_a_sentence(provider, says):
    assert any(says in sentence for sentence in lacking(provider)), lacking(provider)
