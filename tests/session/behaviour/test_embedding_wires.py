"""An embedding model on each wire and by each client: recorded, replayed, swapped, compared."""

from __future__ import annotations

from importlib import import_module

import pytest
from every_wire.embeddings import by_chance

pytestmark = pytest.mark.long

# pytest runs in this process, and each run forgets what it was the first to import.
for module in ("aiohttp", "openai.resources.embeddings", "requests", "urllib3"):
    import_module(module)

SUPPORT = """
import asyncio, os
URL = os.environ["PROVIDER_URL"]
TEXTS = [f"text {n}" for n in range(12)]

def over_httpx(path, body):
    import httpx
    return httpx.post(URL + path, json=body).raise_for_status().json()

def over_requests(path, body):
    import requests
    reply = requests.post(URL + path, json=body)
    reply.raise_for_status()
    return reply.json()

def over_urllib3(path, body):
    import urllib3
    return urllib3.request("POST", URL + path, json=body).json()

def over_aiohttp(path, body):
    import aiohttp

    async def ask():
        async with aiohttp.ClientSession() as session:
            async with session.post(URL + path, json=body) as reply:
                return await reply.json()

    return asyncio.run(ask())
"""

OPENAI = """
from support import TEXTS, {client}

def test_embeds():
    body = {{"model": "{pin}", "input": TEXTS}}
    assert len({client}("/v1/embeddings", body)["data"]) == 12
"""
GEMINI = """
from support import TEXTS, over_httpx

def test_embeds():
    requests = [{"model": "models/gemini-embedding-001", "content": {"parts": [{"text": text}]}}
                for text in TEXTS]
    path = "/v1beta/models/gemini-embedding-001:batchEmbedContents"
    assert len(over_httpx(path, {"requests": requests})["embeddings"]) == 12
"""
COHERE = """
from support import TEXTS, over_httpx

def test_embeds():
    body = {"model": "embed-english-v3.0", "texts": TEXTS, "input_type": "search_document"}
    assert len(over_httpx("/v2/embed", body)["embeddings"]["float"]) == 12
"""
TITAN = """
from support import TEXTS, over_httpx

def test_embeds():
    for text in TEXTS:
        over_httpx("/model/amazon.titan-embed-text-v1%3A0/invoke", {"inputText": text})
"""
OLLAMA = """
from support import TEXTS, over_httpx

def test_embeds():
    body = {"model": "nomic-embed-text:v1.5", "input": TEXTS}
    assert len(over_httpx("/api/embed", body)["embeddings"]) == 12
"""
SMALL, LARGE = "text-embedding-3-small", "text-embedding-3-large"
WIRES = {
    "openai": (OPENAI.format(client="over_httpx", pin=SMALL), SMALL, LARGE, "openai"),
    "requests": (OPENAI.format(client="over_requests", pin=SMALL), SMALL, LARGE, "openai"),
    "urllib3": (OPENAI.format(client="over_urllib3", pin=SMALL), SMALL, LARGE, "openai"),
    "aiohttp": (OPENAI.format(client="over_aiohttp", pin=SMALL), SMALL, LARGE, "openai"),
    "mistral": (OPENAI.format(client="over_httpx", pin="mistral-embed-2312"),
                "mistral-embed-2312", "codestral-embed-2505", "mistral"),
    "gemini": (GEMINI, "gemini-embedding-001", "gemini-embedding-002", "google"),
    "cohere": (COHERE, "embed-english-v3.0", "embed-v4.0", "cohere"),
    "titan": (TITAN, "amazon.titan-embed-text-v1:0", "amazon.titan-embed-text-v2:0", "bedrock"),
    "ollama": (OLLAMA, "nomic-embed-text:v1.5", "mxbai-embed-large:v1", "ollama"),
}  # fmt: skip


FORMS = {
    "openai": ("float", "base64"),
    "mistral": ("float", "int8", "uint8", "binary", "ubinary"),
    "cohere": ("float", "base64", "int8", "uint8", "binary", "ubinary"),
    "titan": ("float", "binary"),
}
"""What a provider gives vectors as, where it is asked; others give lists of floats."""
DOORS = {
    "openai": "OpenAI, and who speaks its wire", "mistral": "Mistral, Voyage",
    "gemini": "Gemini", "cohere": "Cohere", "titan": "Titan on Bedrock", "ollama": "Ollama",
}  # fmt: skip
"""What docs/providers.md says of them."""


def in_form(test: str, wire: str, form: str) -> str:
    """The same test, asking for vectors of another form."""
    if form == "float":
        return test
    if wire == "cohere":
        return test.replace('"input_type"', f'"embedding_types": ["{form}"], "input_type"').replace(
            '["float"]', f'["{form}"]'
        )
    if wire == "titan":
        return test.replace(
            '{"inputText": text}', '{"inputText": text, "embeddingTypes": ["binary"]}'
        )
    name = "encoding_format" if form == "base64" else "output_dtype"
    return test.replace('"input": TEXTS', f'"input": TEXTS, "{name}": "{form}"')


WAYS = [(wire, form) for wire in WIRES for form in FORMS.get(wire, ("float",))]


@pytest.mark.parametrize(("wire", "form"), WAYS, ids=[f"{wire}, {form}" for wire, form in WAYS])
def test_a_wire(project, wire, form):
    test, pin, candidate, provider = WIRES[wire]
    assert form == "float" or in_form(test, wire, form) != test
    project.write(
        "models.yml",
        f"models:\n  embedder:\n    production: '{pin}'\n    staging: '{candidate}'\n"
        f"    provider: {provider}\n",
    )
    project.write("support.py", SUPPORT)
    project.write("tests/test_support.py", in_form(test, wire, form))
    project.server.embed = lambda version, text: by_chance("any", text)
    project.record()
    project.run().assert_outcomes(passed=1)
    assert project.server.requests == []
    result = project.run("--model=candidate")
    result.assert_outcomes(passed=1)
    asked = {each.model for each in project.server.requests}
    assert asked == {candidate}
    said = result.stdout.str()
    assert "neighbours kept 100 % (k=2, 12 texts)" in said
    project.server.embed = by_chance
    said = project.run("--model=candidate").stdout.str()
    assert "1 of 1 passed, 1 drifted" in said
