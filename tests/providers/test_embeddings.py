"""The texts and vectors of each wire for embeddings, as its clients send and read them."""

from __future__ import annotations

import base64
import json
import math
import operator
import struct
from array import array

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


NEAR, FAR = [-128, 127, 5, -6], [127, -128, -5, 6]


@pytest.mark.parametrize("in_base64", [False, True])
@pytest.mark.parametrize("form", ["int8", "uint8", "binary", "ubinary"])
def test_packed_vectors_keep_which_are_near(form, in_base64):
    """Of four bytes each: of int8 by the angle, of bits by how many differ."""
    offset = {"uint8": 128, "ubinary": 128}.get(form, 0)
    first, second, third = [
        [each + offset for each in vector] for vector in (NEAR, [-127, 126, 4, -6], FAR)
    ]
    given = [first, second, third]
    if in_base64:
        kind = "B" if offset else "b"
        given = [base64.b64encode(array(kind, each)).decode() for each in given]
    asked = {"input": ["a", "b", "c"], "output_dtype": form}
    document = {"data": [{"embedding": each, "index": at} for at, each in enumerate(given)]}
    found = read("https://api.voyageai.com/v1/embeddings", asked, document)
    vectors = [each.vector for each in found.items]
    assert {len(each) for each in vectors} == {32 if "binary" in form else 4}
    assert cosine(vectors[0], vectors[1]) > cosine(vectors[0], vectors[2])
    if "binary" in form:
        differing = sum(
            ((one ^ two) & 0xFF).bit_count() for one, two in zip(first, second, strict=True)
        )
        assert cosine(vectors[0], vectors[1]) == pytest.approx(1 - 2 * differing / 32)


def cosine(one, two):
    product = sum(map(operator.mul, one, two))
    return product / (math.hypot(*one) * math.hypot(*two))


@pytest.mark.parametrize("wrong", ["x", "AAA", [None], [{}], [[1]], [1e400], None])
@pytest.mark.parametrize("form", ["float", "uint8", "ubinary"])
def test_what_is_no_vector_is_none(form, wrong):
    asked = {"input": "a", "output_dtype": form}
    found = read(OPENAI, asked, {"data": [{"embedding": wrong}]})
    [vector] = [each.vector for each in found.items]
    assert not any(map(math.isfinite, vector))


@pytest.mark.parametrize(
    "embeddings",
    [
        [ONE, TWO],
        {"float": [ONE, TWO], "int8": [[9, 9], [9, 9]]},
        {"base64": [packed(ONE), packed(TWO)], "ubinary": [[1], [2]]},
        {"uint8": [[192, 64], [255, 128]], "binary": [[1], [2]]},
    ],
    ids=["plain", "by type", "base64", "bytes"],
)
def test_coheres_wire(embeddings):
    asked = {"model": "embed-v4.0", "texts": ["a", "b"], "input_type": "search_query"}
    meta = {"billed_units": {"input_tokens": 4}}
    for url in ("https://api.cohere.com/v2/embed", f"{BEDROCK}cohere.embed-english-v3/invoke"):
        found = read(url, asked, {"embeddings": embeddings, "meta": meta})
        vectors = [[192 - 128, 64 - 128], [255 - 128, 0]] if "uint8" in embeddings else [ONE, TWO]
        assert items(found) == [(text, "search_query", vectors[text == "b"]) for text in "ab"]
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


def test_titans_bits_where_only_they_were_asked_for():
    url = f"{BEDROCK}amazon.titan-embed-text-v2%3A0/invoke"
    asked = {"inputText": "a", "embeddingTypes": ["binary"]}
    both = [[1, 0, 0, 1], [1, 0, 1, 1]]  # a number a bit, or a byte
    one, two = [
        read(url, asked, {"embeddingsByType": {"binary": each}}).items[0].vector for each in both
    ]
    assert sum(a != b for a, b in zip(one, two, strict=True)) == 1


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
