"""Groq, a host of open-weight models. Replies echo the id; its systems' ids move."""

from __future__ import annotations

from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.own_requests import ModelList
from pytest_modelpin.providers.provider import Naming, Rule

GROQ = OpenAICompatible(
    name="groq",
    naming=Naming(
        provider="groq",
        claims=r"groq/compound[a-z0-9.\-]*|compound-beta(?:-mini)?|llama[a-z0-9.\-]*-(?:versatile|instant)"
        r"|(?:llama3|mixtral|gemma)[a-z0-9\-]*-(?:8192|32768)(?:-.+)?",
        rules=(
            Rule(
                "floating",
                r"(?:groq/)?compound(?:-beta)?(?:-mini)?",
                "Groq's Compound is a system of several models that Groq changes under one id.",
            ),
        ),
        otherwise="Groq's ids carry no version: nothing says whether the weights behind one stay.",
        has_pins=False,
    ),
    hosts=("api.groq.com",),
    key_variables=("GROQ_API_KEY",),
    base_url="https://api.groq.com/openai/v1",
    models_page="https://console.groq.com/docs/models",
    base_url_variables=("GROQ_BASE_URL", "GROQ_API_BASE"),
    route_prefixes=("groq",),
    told_by=("import groq", "from groq", "ChatGroq", "langchain_groq", "GROQ_API_KEY", "groq.com"),
    price_name="groq",
    sdk_modules=("groq",),
    model_list=ModelList("/models"),
)
