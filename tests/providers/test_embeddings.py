"""The texts and vectors of each wire for embeddings, as its clients send and read them."""

from __future__ import annotations

import base64
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.providers import PROVIDERS, provider_named
from pytest_modelpin.providers.replies import read_embeddings

OPENAI = "https://api.openai.com/v1/embeddings"
GEMINI = "https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001"
VERTEX = (
    "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers"
    "/google/models/text-embedding-005"
)
BEDROCK = "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
OLLAMA = "http://localhost:11434/api/"
ONE, TWO = [0.5, -0.25], [1.0, 0.0]


def packed(vector):
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def read(url, body, document, method="POST"):
    return read_embeddings(method, url, body, json.dumps(document).encode())


def items(found):
    return [(each.text, each.task, list(each.vector)) for each in found.items]


@pytest.mark.parametrize("spelled", [lambda vector: vector, packed], ids=["float", "base64"])
def test_openais_wire_in_either_encoding_and_any_order(spelled):
    data = [{"index": 1, "embedding": spelled(TWO)}, {"index": 0, "embedding": spelled(ONE)}]
    found = read(
        OPENAI,
        {"model": "text-embedding-3-small", "input": ["a", "b"], "dimensions": 2},
        {"model": "text-embedding-3-small", "data": data, "usage": {"prompt_tokens": 7}},
    )
    assert items(found) == [("a", "2 dimensions", ONE), ("b", "2 dimensions", TWO)]
    assert (found.served_model, found.usage.input_tokens) == ("text-embedding-3-small", 7)


@pytest.mark.parametrize(
    ("given_input", "texts"),
    [
        ("one text", ["one text"]),
        (["a", "b"], ["a", "b"]),
        ([1, 2, 3], ["[1, 2, 3]"]),
        ([[1, 2], [3]], ["[1, 2]", "[3]"]),
        ([], []),
    ],
)
def test_openai_takes_texts_and_token_ids(given_input, texts):
    found = read(OPENAI, {"model": "m", "input": given_input}, {"data": []})
    assert [each.text for each in found.items] == texts


@pytest.mark.parametrize(
    "url",
    [
        "https://api.mistral.ai/v1/embeddings",
        "https://acme.openai.azure.com/openai/deployments/embedder/embeddings",
        "http://127.0.0.1:9999/v1/embeddings",
        "http://localhost:11434/v1/embeddings",
        "https://api.together.xyz/v1/embeddings",
    ],
)
def test_whoever_speaks_openais_wire_is_read_alike(url):
    assert items(read(url, {"input": "a"}, {"data": [{"embedding": ONE}]})) == [("a", "", ONE)]


def test_packed_bits_are_no_coordinates():
    asked = {"input": "a", "output_dtype": "ubinary"}
    url = "https://api.mistral.ai/v1/embeddings"
    assert items(read(url, asked, {"data": [{"embedding": [1, 2]}]})) == [("a", "", [])]


@pytest.mark.parametrize(
    "embeddings",
    [
        [ONE, TWO],
        {"float": [ONE, TWO], "int8": [[9, 9], [9, 9]]},
        {"base64": [packed(ONE), packed(TWO)]},
    ],
    ids=["plain", "by type", "base64"],
)
def test_coheres_wire(embeddings):
    asked = {"model": "embed-v4.0", "texts": ["a", "b"], "input_type": "search_query"}
    meta = {"billed_units": {"input_tokens": 4}}
    for url in ("https://api.cohere.com/v2/embed", f"{BEDROCK}cohere.embed-english-v3/invoke"):
        found = read(url, asked, {"embeddings": embeddings, "meta": meta})
        assert items(found) == [("a", "search_query", ONE), ("b", "search_query", TWO)]
        assert found.usage.input_tokens == 4


def test_coheres_newer_inputs():
    parts = [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "x"}}]
    asked = {"model": "embed-v4.0", "inputs": [{"content": parts}], "output_dimension": 256}
    found = read("https://api.cohere.com/v2/embed", asked, {"embeddings": {"float": [ONE]}})
    assert items(found) == [("a", "256 dimensions", ONE)]


def test_two_images_are_not_the_same_text():
    images = [{"content": [{"type": "image_url", "image_url": {"url": each}}]} for each in "ab"]
    found = read("https://api.cohere.com/v2/embed", {"inputs": images}, {"embeddings": [ONE, TWO]})
    one, other = (each.text for each in found.items)
    assert one != other
    parts = [{"content": {"parts": [{"inlineData": {"data": each}}]}} for each in "ab"]
    document = {"embeddings": [{"values": ONE}, {"values": TWO}]}
    found = read(f"{GEMINI}:batchEmbedContents", {"requests": parts}, document)
    assert found.items[0].text != found.items[1].text


def content(text):
    return {"parts": [{"text": text}]}


def test_geminis_wire_for_one_and_for_several():
    one = {"content": content("a"), "taskType": "RETRIEVAL_QUERY", "outputDimensionality": 2}
    found = read(f"{GEMINI}:embedContent", one, {"embedding": {"values": ONE}})
    assert items(found) == [("a", "RETRIEVAL_QUERY, 2 dimensions", ONE)]
    several = {"requests": [{"model": "models/x", "content": content(text)} for text in "ab"]}
    document = {"embeddings": [{"values": ONE}, {"values": TWO}]}
    found = read(f"{GEMINI}:batchEmbedContents", several, document)
    assert items(found) == [("a", "", ONE), ("b", "", TWO)]


def test_vertex_predicts_embeddings_of_instances():
    asked = {"instances": [{"content": "a", "task_type": "CLUSTERING"}], "parameters": {}}
    embeddings = {"values": ONE, "statistics": {"token_count": 3}}
    found = read(f"{VERTEX}:predict", asked, {"predictions": [{"embeddings": embeddings}]})
    assert items(found) == [("a", "CLUSTERING", ONE)]
    assert found.usage.input_tokens == 3
    assert read(f"{VERTEX}:predict", {"instances": [{"prompt": "a cat"}]}, {}) is None


def test_titans_wire():
    asked = {"inputText": "a", "dimensions": 256}
    url = f"{BEDROCK}amazon.titan-embed-text-v2%3A0/invoke"
    found = read(url, asked, {"embedding": ONE, "inputTextTokenCount": 2})
    assert items(found) == [("a", "256 dimensions", ONE)]
    assert found.usage.input_tokens == 2
    assert read(url, {"inputText": "a"}, {"results": [{"outputText": "b"}]}) is None


def test_ollamas_wires():
    found = read(
        f"{OLLAMA}embed",
        {"model": "nomic-embed-text", "input": ["a", "b"]},
        {"model": "nomic-embed-text", "embeddings": [ONE, TWO], "prompt_eval_count": 5},
    )
    assert items(found) == [("a", "", ONE), ("b", "", TWO)]
    assert (found.served_model, found.usage.input_tokens) == ("nomic-embed-text", 5)
    old = read(f"{OLLAMA}embeddings", {"model": "m", "prompt": "a"}, {"embedding": ONE})
    assert items(old) == [("a", "", ONE)]


@pytest.mark.parametrize(
    "url", ["https://api.openai.com/v1/moderations", f"{GEMINI}:countTokens", f"{OLLAMA}show"]
)
def test_other_calls_beside_a_question_hold_no_vectors(url):
    assert read(url, {"input": "a", "model": "m"}, {"data": [{"embedding": ONE}]}) is None


def test_a_look_at_something_is_no_call_for_embeddings():
    assert read(OPENAI, None, {}, method="GET") is None


def test_a_text_without_a_vector_stays_and_says_so():
    found = read(OPENAI, {"input": ["a", "b"]}, {"data": [{"index": 0, "embedding": ONE}]})
    assert items(found) == [("a", "", ONE), ("b", "", [])]


@pytest.mark.parametrize("call", ["embedContent", "batchEmbedContents"])
def test_geminis_model_is_swapped_and_left_out_wherever_the_body_names_it(call):
    google = provider_named("google")
    path = f"/v1beta/models/gemini-embedding-001:{call}"
    request = {"model": "models/gemini-embedding-001", "content": content("a")}
    body = {"requests": [request, request]} if call == "batchEmbedContents" else request
    moved, swapped = google.with_model(path, body, "gemini-embedding-2")
    assert moved == path.replace("-001", "-2")
    assert json.dumps(swapped) == json.dumps(body).replace("-001", "-2")
    bare = google.without_model(path, body)
    assert bare == google.without_model(moved, swapped)
    assert "gemini-embedding" not in str(bare)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "embedding",
                    "embeddings",
                    "float",
                    "index",
                    "input",
                    "inputs",
                    "texts",
                    "content",
                    "parts",
                    "requests",
                    "instances",
                    "predictions",
                    "values",
                    "usage",
                    "meta",
                    "inputText",
                    "model",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
PATHS = (
    "/v1/embeddings", "/v2/embed", "/api/embed", "/model/a.b/invoke",
    "/v1/models/m:embedContent", "/v1/models/m:batchEmbedContents", "/v1/models/m:predict",
)  # fmt: skip


@given(
    st.sampled_from(PROVIDERS),
    st.sampled_from(PATHS),
    st.dictionaries(st.text(max_size=4), JSON) | JSON,
    JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40),
)
def test_nothing_odd_breaks_the_reading(provider, path, body, content):
    provider.embeddings(path, body, content)
    if isinstance(body, dict):
        provider.with_model(path, body, "other")
        provider.without_model(path, body)
