"""At which addresses models are asked: providers' hosts, variables, and what models.yml adds."""

from __future__ import annotations

import pytest

from pytest_modelpin.providers.catalogue import PROVIDERS
from pytest_modelpin.providers.model_hosts import ModelHosts, address_of, is_here

GATEWAY = "https://llm.example.com/team/v1"


@pytest.mark.parametrize(
    ("host", "port", "path", "known"),
    [
        ("llm.example.com", 443, "/team/v1/made/up", True),
        ("LLM.example.com.", None, None, True),
        ("llm.example.com", 443, "/team/v1", True),
        ("llm.example.com", 443, "/team/v10/made/up", False),
        ("llm.example.com", 443, "/health", False),
        ("llm.example.com", 8443, "/team/v1/made/up", False),
        ("other.example.com", 443, "/team/v1/made/up", False),
    ],
)
def test_a_further_address_is_a_model_s_below_its_path(host, port, path, known):
    assert ModelHosts({}, [GATEWAY]).knows(host, port, path) is known
    assert not ModelHosts({}).knows(host, port, path)


@pytest.mark.parametrize(
    ("host", "path", "known"),
    [
        ("acme.snowflakecomputing.com", "/api/v2/cortex/inference:complete", True),
        ("acme.snowflakecomputing.com", "/api/v2/statements", False),
        ("dbc-1.cloud.databricks.com", "/serving-endpoints/databricks-gpt-5/invocations", True),
        ("dbc-1.cloud.databricks.com", "/serving-endpoints/churn/invocations", False),
        ("api.cloudflare.com", "/client/v4/accounts/a/ai/run/@cf/meta/llama-3-8b", True),
        ("api.cloudflare.com", "/client/v4/zones", False),
    ],
)
def test_at_hosts_where_much_else_is_asked_the_path_tells(host, path, known):
    hosts = ModelHosts({})
    assert hosts.knows(host, 443, path) is known
    assert not hosts.knows(host, 443)


def test_where_only_the_path_tells_the_host_alone_does_not():
    hosts = ModelHosts({"OPENAI_BASE_URL": "http://localhost:4000"}, [GATEWAY])
    assert hosts.by_path("llm.example.com", 443)
    assert not hosts.by_path("127.0.0.1", 4000)
    assert not hosts.by_path("api.openai.com", 443)
    assert not hosts.by_path("example.com", 443)


@pytest.mark.parametrize(
    "variable", sorted({name for known in PROVIDERS for name in known.base_url_variables})
)
def test_where_a_provider_is_moved_to_by_its_variable_is_a_model_s(variable):
    hosts = ModelHosts({variable: "https://models.internal.example:8443/v1"})
    assert hosts.knows("models.internal.example", 8443)


def test_what_is_learned_and_what_the_environment_says_later_is_known():
    environment: dict[str, str] = {}
    hosts = ModelHosts(environment)
    assert not hosts.knows("127.0.0.1", 4000)
    environment["ANTHROPIC_BASE_URL"] = "http://[::1]:4000"
    assert hosts.knows("localhost", 4000)
    learned = address_of("http://10.0.0.3:8000/v1")
    assert learned is not None
    hosts.learn(learned)
    assert hosts.knows("10.0.0.3", 8000, "/v1/chat/completions")


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("bedrock-runtime.eu-west-1.amazonaws.com", True),
        ("bedrock-runtime-fips.us-east-1.amazonaws.com", True),
        ("s3.eu-west-1.amazonaws.com", False),
        ("europe-west4-aiplatform.googleapis.com", True),
        ("storage.googleapis.com", False),
    ],
)
def test_of_a_clouds_hosts_only_those_of_models_are(host, known):
    assert ModelHosts({}).knows(host, 443) is known


@pytest.mark.parametrize("url", ["", "http://", "http://host:port", "https://[::1"])
def test_what_names_no_address_is_none(url):
    assert address_of(url) is None


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST.", "127.0.0.1", "127.1", "0x7f000001", "0177.0.0.1", "127.0.0.2"),
        *("2130706433", "0", "::1", "[::1]", "::", "0:0:0:0:0:0:0:1", "::1%lo", "::ffff:7f00:1"),
        "::ffff:127.0.0.1",
    ],
)
def test_this_machine_has_many_names(host):
    assert is_here(host)
    assert ModelHosts({"OPENAI_BASE_URL": "http://localhost:4000/v1"}).knows(host, 4000)


def test_so_has_each_address():
    hosts = ModelHosts({"OPENAI_BASE_URL": "http://10.0.0.7:4000/v1"})
    assert all(hosts.knows(host, 4000) for host in ("10.7", "0x0a000007", "::ffff:10.0.0.7"))
    assert not any(hosts.knows(host, 4000) for host in ("10.0.0.8", "1password.com", "a:b", "3.x"))


@pytest.mark.parametrize(
    "host",
    [
        *("router.huggingface.co", "api.replicate.com", "us-south.ml.cloud.ibm.com"),
        "inference.generativeai.us-chicago-1.oci.oraclecloud.com",
        *("api.cerebras.ai", "fal.run", "ark.cn-beijing.volces.com"),
        *("hunyuan.tencentcloudapi.com", "api.voyageai.com", "api.jina.ai", "api.upstage.ai"),
    ],
)
def test_hosts_of_models_that_no_provider_is_made_for_are_known(host):
    """In a wire of their own, such as Replicate's, they were asked live in a replay, unseen."""
    assert ModelHosts({}).knows(host, 443, "/v1/predictions")
    assert not ModelHosts({}).knows(host.partition(".")[2], 443, "/v1/predictions")
