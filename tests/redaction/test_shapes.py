"""Every kind of secret that is known by its looks, each with what is one and what only seems so."""
# ruff: noqa: E501  (a table reads best with one case a line)

from __future__ import annotations

import json
import time
from collections import Counter

import pytest

from pytest_modelpin.redaction.redact import redact, redact_json
from pytest_modelpin.redaction.shapes import SHAPES, without_shapes

A16, A24, A40 = (
    "Ab3dEf6hIj9lMn2p",
    "Ab3dEf6hIj9lMn2pQr5tUv8x",
    "Ab3dEf6hIj9lMn2pQr5tUv8xYz1bCd4fGh7jKl0n",
)
HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{A40}+/{A40}==\n-----END RSA PRIVATE KEY-----"

# (kind, text, what must be gone from it, what must be left)
KNOWN = [
    ("OpenAI, Anthropic, OpenRouter, DeepSeek", f"a sk-{A16}.", f"sk-{A16}", "a REDACTED."),
    ("OpenAI, Anthropic, OpenRouter, DeepSeek", "sk-ant-onlywords", "onlywords", "REDACTED"),
    *(("Stripe", f"{k}_{m}_{A16}", A16, "REDACTED") for k in ("sk", "pk", "rk") for m in ("live", "test")),
    ("Langfuse", f"pk-lf-{A16}", A16, "REDACTED"),
    ("Stripe webhook", f"whsec_{A16}+/=", A16, "REDACTED"),
    ("Google", f"AIza{A24}", A24, "REDACTED"),
    ("Google, new", f"AQ.A{A24}", A24, "REDACTED"),
    ("Google access token", f"ya29.{A24}", A24, "REDACTED"),
    ("Google client secret", f"GOCSPX-{A16}", A16, "REDACTED"),
    *(("GitHub", f"gh{kind}_{A24}", A24, "REDACTED") for kind in "oprsu"),
    ("GitHub, fine-grained", f"github_pat_{A16}_{A16}", A16, "REDACTED"),
    ("GitLab", f"glpat-{A16}", A16, "REDACTED"),
    *(("Slack", f"xox{kind}-123-{A16}", A16, "REDACTED") for kind in "abcdeoprs"),
    ("Slack app", f"xapp-1-{A16}", A16, "REDACTED"),
    ("AWS", "AKIAIOSFODNN7EXAMPLE", "IOSFODNN7", "REDACTED"),
    ("AWS", "(ASIAIOSFODNN7EXAMPLE)", "IOSFODNN7", "(REDACTED)"),
    ("Bedrock", f"ABSK{A24}+/=", A24, "REDACTED"),
    ("Bedrock, short-lived", f"bedrock-api-key-{A16}", A16, "REDACTED"),
    ("Hugging Face", f"hf_{A16}", A16, "REDACTED"),
    ("Groq", f"gsk_{A16}", A16, "REDACTED"),
    ("xAI", f"xai-{A16}", A16, "REDACTED"),
    ("Perplexity", f"pplx-{A16}", A16, "REDACTED"),
    ("Replicate", f"r8_{A16}", A16, "REDACTED"),
    ("NVIDIA", f"nvapi-{A16}", A16, "REDACTED"),
    ("Fireworks", f"fw_{A16}", A16, "REDACTED"),
    ("Together", f"tgp_v1_{A16}", A16, "REDACTED"),
    ("Cerebras", f"csk-{A16}", A16, "REDACTED"),
    ("LangSmith", f"lsv2_pt_{A16}", A16, "REDACTED"),
    ("Tavily", f"tvly-dev-{A16}", A16, "REDACTED"),
    ("npm", f"npm_{A24}", A24, "REDACTED"),
    ("PyPI", f"pypi-AgEI{A16}", A16, "REDACTED"),
    ("SendGrid", f"SG.{A16}.{A24}", A24, "REDACTED"),
    ("Pinecone", f"pcsk_{A16}_{A24}", A24, "REDACTED"),
    ("Jina", f"jina_{A24}", A24, "REDACTED"),
    ("E2B", f"e2b_{A24}", A24, "REDACTED"),
    ("Databricks", f"dapi{HEX}", HEX, "REDACTED"),
    ("Grafana", f"glsa_{A24}_0f1e2d3c", A24, "REDACTED"),
    ("Sentry", f"sntrys_{A24}=_{A16}", A24, "REDACTED"),
    ("Supabase", f"sbp_{A24}", A24, "REDACTED"),
    ("Notion", f"ntn_{A24}", A24, "REDACTED"),
    ("Linear", f"lin_api_{A24}", A24, "REDACTED"),
    ("DigitalOcean", f"dop_v1_{HEX}{HEX}", HEX, "REDACTED"),
    ("Docker Hub", f"dckr_pat_{A24}", A24, "REDACTED"),
    ("Atlassian", f"ATATT3{A24}=0F1E", A24, "REDACTED"),
    ("Shopify", f"shpat_{HEX}", HEX, "REDACTED"),
    *(("Doppler", f"dp.{kind}.{A24}", A24, "REDACTED") for kind in ("pt", "st", "ct", "sa")),
    ("Vault", f"hvs.{A24}", A24, "REDACTED"),
    ("OpenAI organisation", f"org-{A16}", A16, "REDACTED"),
    ("OpenAI project", f"proj_{A16}", A16, "REDACTED"),
    ("Anthropic workspace", f"wrkspc_{A16}", A16, "REDACTED"),
    ("JSON web token", "x=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.Sfl_KxwRJ&", "Sfl_KxwRJ", "x=REDACTED&"),
    ("private key", f"<{PEM}>", A40, "<REDACTED>"),
    ("private key", PEM.replace("\n", "\\n")[:120], "Ab3dEf6hIj9lMn2p", "REDACTED"),
    ("private key", PEM.replace("RSA ", ""), A40, "REDACTED"),
    ("Slack webhook", f"https://hooks.slack.com/services/T0/B0/{A24} x", A24, "https://hooks.slack.com/services/REDACTED x"),
    ("Slack webhook", f"hooks.slack-gov.com/triggers/T0/{A24}", A24, "hooks.slack-gov.com/triggers/REDACTED"),
    ("Discord webhook", f"https://discord.com/api/webhooks/12345678/{A40}", A40, "https://discord.com/api/webhooks/REDACTED"),
    ("Discord webhook", f"discordapp.com/api/v10/webhooks/1234/{A40}", A40, "discordapp.com/api/v10/webhooks/REDACTED"),
    ("Teams webhook", f"https://acme.webhook.office.com/webhookb2/{HEX}@{HEX} x", HEX, "https://acme.webhook.office.com/REDACTED x"),
    ("Teams webhook", f"https://p-1.eu.logic.azure.com:443/workflows/{HEX}/triggers?sig={A16}", A16, "https://p-1.eu.logic.azure.com:443/REDACTED"),
    ("Teams webhook", f"https://x.12.environment.api.powerplatform.com/p/{HEX}", HEX, "https://x.12.environment.api.powerplatform.com/REDACTED"),
    ("Telegram bot", f"https://api.telegram.org/bot123456:{A24}/send", A24, "https://api.telegram.org/botREDACTED/send"),
    ("authorization scheme", "Bearer abc123def456", "abc123def456", "Bearer REDACTED"),
    ("authorization scheme", "bearer abcdefghijklmnopqrstuvwxyz", "mnop", "bearer REDACTED"),
    ("authorization scheme", "BASIC dXNlcjpodW50ZXIy", "dXNlcj", "BASIC REDACTED"),
    ("authorization scheme", "Basic%20dXNlcjpodW50ZXIy", "dXNlcj", "Basic%20REDACTED"),
    ("authorization scheme", "Token abc123def456", "abc123def456", "Token REDACTED"),
    ("authorization scheme", "Bearer\nabc123def456", "abc123def456", "Bearer\nREDACTED"),
    ("authorization scheme", "Basic\r\n\tdXNlcjpodW50ZXIy", "dXNlcj", "Basic\r\n\tREDACTED"),
    ("AWS signature", f"SignedHeaders=host, Signature={HEX}", HEX, "SignedHeaders=host, Signature=REDACTED"),
    ("AWS signature", f"Credential={A24}/20261127/eu/bedrock/aws4_request, x", A24, "Credential=REDACTED, x"),
    ("user and password of a URL", "postgres://ada:hunter2@db:5432/x", "hunter2", "postgres://REDACTED@db:5432/x"),
    ("user and password of a URL", "redis://:p@ss,word@cache", "ss,word", "redis://REDACTED@cache"),
    ("user and password of a URL", "redis://:$ecret_1@cache", "ecret", "redis://REDACTED@cache"),
    ("user and password of a URL", "redis://:$A_B@ss,word@cache", "ss,word", "redis://REDACTED@cache"),
    ("token of a URL", f"remote https://{A24}@git.example/a.git", A24, "remote https://REDACTED@git.example/a.git"),
    ("element", f"<api_key>{A24}</api_key>", A24, "<api_key>REDACTED</api_key>"),
    ("element", f"<db:password>\n {A24}\n</db:password>", A24, "<db:password>\n REDACTED\n</db:password>"),
    ("argument of a command", f"machine h login me password {A24}", A24, "machine h login me password REDACTED"),
    ("argument of a command", f"login me\tpassword\t{A24}", A24, "login me\tpassword\tREDACTED"),
    ("argument of a command", f"tool --api-key '{A24}' x", A24, "tool --api-key 'REDACTED' x"),
    ("argument of a command", f"curl -u ada:{A24} https://h", A24, "curl -u ada:REDACTED https://h"),
    ("field or assignment", f'{{"auth": "{A24}=="}}', A24, '{"auth": "REDACTED"}'),
    ("query parameter", f"for url 'https://h/x?alt=sse&key={A16}'", A16, "for url 'https://h/x?alt=sse&key=REDACTED'"),
    ("header of a reply in a log", "(b'openai-organization', b'acme-inc'), (b'date', b'now')", "acme-inc", "(b'openai-organization', b'REDACTED'), (b'date', b'now')"),
    ("header of a reply in a log", "(b'Set-Cookie', b'__cf_bm=a.b; path=/')", "__cf_bm=a.b; path=/", "(b'Set-Cookie', b'REDACTED')"),
    ("query parameter", "GET /x?sig=a-short1&a=b", "a-short1", "GET /x?sig=REDACTED&a=b"),
    ("query parameter", "?X-Amz-Security-Token=short", "short", "?X-Amz-Security-Token=REDACTED"),
    ("query parameter", "?X-Amz-Credential=me", "=me", "?X-Amz-Credential=REDACTED"),
    ("field or assignment", f"OPENAI_API_KEY={A16}", A16, "OPENAI_API_KEY=REDACTED"),
    ("field or assignment", "api_key=abcdefghijkl1234", "1234", "api_key=REDACTED"),
    ("field or assignment", f"export MY_KEY_2='{A16}'", A16, "export MY_KEY_2='REDACTED'"),
    ("field or assignment", f'{{"password": "{A16}"}}', A16, '{"password": "REDACTED"}'),
    ("field or assignment", f'{{\\"client-secret\\": \\"{A16}\\"}}', A16, '{\\"client-secret\\": \\"REDACTED\\"}'),
    ("field or assignment", f"{{'x-api-key': '{A16}'}}", A16, "{'x-api-key': 'REDACTED'}"),
    ("field or assignment", f"the token: {A16}, said it", A16, "the token: REDACTED, said it"),
]  # fmt: skip

HARMLESS = [
    "GET /x?signature=abc123&sig=9",
    "a task-oriented plan, risk-adjusted and disk-encrypted; sk-learn-compatible-estimators",
    "The bearer of bad news; Basic arithmetic; Token limits; Basic understanding",
    "gpt-4o-2024-08-06 and claude-sonnet-4-5-20250929 and us.anthropic.claude-opus-4-6-v1:0",
    '{"token": "Hello", "logprob": -0.1, "max_tokens": 5, "secretary": "Ms. Ng"}',
    "toolu_01A09q90qw90lq917835lq9 call_Ab3dEf6hIj9lMn2p chatcmpl-Ab3dEf6hIj9lMn2p",
    '{"reset_password": "yes", "cookie": "chocolate chip", "password": "correct horse"}',
    '{"password": "hunter2", "secret": "santa", "api_key": "YOUR_API_KEY", "key": "created_at"}',
    "https://example.test/search?key=value&token=abc&code=42&page=2 and mail to ada@example.test",
    "model_key: claude-sonnet-4-5-20250929; the secret: two-step-verification",
    "https://deploy-user@git.example/a.git and ssh://git@github.com/a/b and https://ada.lovelace@h",
    "<key>created_at_timestamp</key><token>recommendation</token> <title>Ab3dEf6hIj9lMn2pQr5t</title>",
    "the password must-be-changed-today; run tool --output-token limited-by-default -u ada:recommended-one",
    "from e2b_code_interpreter import Sandbox; def test_jina_embeddings_reader_model(): ...",
    "dapper hvs dp.pt e2b_tests jina_embeddings_v3 ntn_ sbp_settings",
    "user@host and https://host/path@v2 and git@github.com:a/b",
    "https://nightly:$PUSH_TOKEN@gitlab.example/a.git and https://ci:${DEPLOY_KEY}@h/x",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "https://discord.com/api/guilds and https://hooks.slack.com/docs",
    "credentials=/home/ada/.config/gcloud/application_default_credentials.json",
]


@pytest.mark.parametrize(("kind", "text", "gone", "left"), KNOWN)
def test_each_kind_is_taken_out_by_its_own_rule(kind: str, text: str, gone: str, left: str) -> None:
    own = tuple(shape for shape in SHAPES if shape.name == kind)
    assert any(without_shapes(text, (shape,)) == left for shape in own)
    assert gone not in without_shapes(text)


@pytest.mark.parametrize(
    "before", ["\n", "a:\r\n", "\t", "\x01", "\\n", "\\u003d", "\\x3d", "%20", "%3D"]
)
@pytest.mark.parametrize(("kind", "text", "gone", "left"), KNOWN)
def test_each_kind_is_found_behind_a_line_break_and_an_escape(
    kind: str, text: str, gone: str, left: str, before: str
) -> None:
    """JSON writes these with a letter or a digit at their end, as which no key may go on."""
    value = {"content": before + text}
    assert gone not in json.dumps(redact_json(value, ()))
    assert gone not in redact(json.dumps(value), ())
    assert gone not in redact(before + text, ())


@pytest.mark.parametrize(
    "text",
    [
        f"OPENAI_API_KEY={A16}", f"a:b=OPENAI_API_KEY={A16}", f"url:api_key={A16}",
        f"my_service_api_key: {A16}", f"MY_SERVICE_API_KEY= {A16}", f'MY_SERVICE_API_KEY="{A16}"',
        f"export MY_SERVICE_API_KEY_2='{A16}'", f"MY_SERVICE_API_KEY={A24}==",
    ],
)  # fmt: skip
def test_an_assignment_that_a_field_holds_is_found(text: str) -> None:
    value = {"content": text}
    for written in (redact(text, ()), json.dumps(redact_json(value, ())), redact(json.dumps(value), ()),
                    redact(f"content: {text}", ()), redact(f"content={text}", ())):  # fmt: skip
        assert "Ab3d" not in written
        assert "REDACTED" in written


def test_every_kind_has_an_example() -> None:
    examples = Counter(kind for kind, *_ in KNOWN)
    for kind, rules in Counter(shape.name for shape in SHAPES).items():
        assert examples[kind] >= rules, kind


@pytest.mark.parametrize("text", [text for _, text, _, _ in KNOWN])
def test_taking_out_twice_is_taking_out_once(text: str) -> None:
    once = without_shapes(text)
    assert without_shapes(once) == once


@pytest.mark.parametrize("text", [text for _, text, _, _ in KNOWN])
def test_what_is_taken_out_is_looked_for_where_it_stands(text: str) -> None:
    padded = f"{'and so on ' * 300}{text}{' and so on' * 300}"
    assert redact(text, ()) == without_shapes(text) != text
    assert redact(padded, ()) == without_shapes(padded) != padded


SHORTEST = {
    "sk-": 10, "sk_live_": 10, "pk_test_": 10, "rk_live_": 10, "pk-lf-": 10, "whsec_": 16,
    "AIza": 20, "AQ.A": 20, "ya29.": 20, "GOCSPX-": 16, "ghp_": 16, "gho_": 16, "ghr_": 16,
    "ghs_": 16, "ghu_": 16, "github_pat_": 16, "glpat-": 16, "xoxb-": 8, "xoxe-": 8, "xapp-": 8,
    "ABSK": 24, "bedrock-api-key-": 16, "hf_": 16, "gsk_": 16, "xai-": 16, "pplx-": 16, "r8_": 16,
    "nvapi-": 16, "fw_": 16, "tgp_v1_": 16, "csk-": 16, "lsv2_": 16, "tvly-": 16, "npm_": 20,
    "pypi-A": 16, "org-": 16, "proj_": 16, "wrkspc_": 10,
}  # fmt: skip
"""How many characters behind its beginning make a key."""


@pytest.mark.parametrize(("begins", "length"), SHORTEST.items())
def test_a_key_is_told_from_its_shortest_on(begins: str, length: int) -> None:
    key = begins + ("a1" * length)[:length]
    assert without_shapes(f"it is {key}.") == "it is REDACTED."
    assert without_shapes(f"it is {key[:-1]}.") == f"it is {key[:-1]}."
    assert without_shapes(f"it is x{key}.") == f"it is x{key}."


@pytest.mark.parametrize(
    "cut",
    [
        f"-----BEGIN PRIVATE KEY-----\\n{A40}...{A40}\\n-----END PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{A40}...",
        f"'a...{A40}\\n{A40}\\n-----END PRIVATE KEY-----'",
        f"...{A40}\n-----END EC PRIVATE KEY-----",
    ],
)
def test_of_a_private_key_that_is_cut_in_the_middle_neither_end_stays(cut: str) -> None:
    """As pytest shows a long value."""
    assert A40 not in without_shapes(cut)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_shapes(text) == text


@pytest.mark.long
@pytest.mark.parametrize(
    "piece",
    ["sk-", "\\", "-----BEGIN PRIVATE KEY-----", "PRIVATE KEY... a", '"secret": \\"x', "://a:", "?a=", "a", "Bearer ",
     "eyJ", "eyJaaaaaaaaa.", "://aaaa:bbbb", "key=", "key=a1b2c3d4e5f6g7 ", "hooks.slack.com/",
     "://:", "=aaaaaaaaaaaa:", "sk-a-", "SG.aaaaaaaaaaaaaaaa", "Signature=",
     ":", "=", ":=", "a:", "key:a1", "= aaaaaaaaaaaa"],
)  # fmt: skip
def test_the_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        began = time.process_time()
        without_shapes(text)
        return time.process_time() - began

    small = max(min(seconds(50_000) for _ in range(3)), 0.002)
    assert seconds(800_000) < small * 16 * 4  # quadratic would be 256 times
