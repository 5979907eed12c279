"""Where models are asked: the providers' own hosts, and the variables that name others.

A base URL in the environment moves an SDK to a gateway, a proxy or a server on this machine. What
stands there is as much a model's address as the provider's own host.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from pytest_modelpin.providers.catalogue import known_providers
from pytest_modelpin.providers.endpoint import at_host
from pytest_modelpin.providers.provider import Provider


class BaseUrl(NamedTuple):
    """An environment variable with which a client is sent to another address."""

    variable: str
    default: str = ""
    """Where the client goes without it; empty where that depends on more than a variable."""


_BASE_URLS = (
    BaseUrl("OPENAI_BASE_URL", "https://api.openai.com/v1"),
    BaseUrl("OPENAI_API_BASE"),
    BaseUrl("ANTHROPIC_BASE_URL", "https://api.anthropic.com"),
    BaseUrl("ANTHROPIC_API_BASE"),
    BaseUrl("ANTHROPIC_BEDROCK_BASE_URL"),
    BaseUrl("ANTHROPIC_VERTEX_BASE_URL"),
    BaseUrl("GOOGLE_GEMINI_BASE_URL", "https://generativelanguage.googleapis.com"),
    BaseUrl("GOOGLE_VERTEX_BASE_URL"),
    BaseUrl("GEMINI_API_BASE"),
    BaseUrl("AZURE_OPENAI_ENDPOINT"),
    BaseUrl("AZURE_API_BASE"),
    BaseUrl("AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
    BaseUrl("OLLAMA_HOST", "http://127.0.0.1:11434"),
    BaseUrl("OLLAMA_API_BASE"),
    BaseUrl("MISTRAL_BASE_URL"),
    BaseUrl("MISTRAL_API_BASE"),
    BaseUrl("CO_API_URL", "https://api.cohere.com"),
    BaseUrl("COHERE_API_BASE"),
    BaseUrl("GROQ_BASE_URL", "https://api.groq.com"),
    BaseUrl("GROQ_API_BASE"),
    BaseUrl("TOGETHER_BASE_URL", "https://api.together.xyz/v1"),
    BaseUrl("DEEPSEEK_BASE_URL"),
    BaseUrl("DEEPSEEK_API_BASE"),
    BaseUrl("XAI_API_BASE"),
    BaseUrl("OPENROUTER_BASE_URL"),
    BaseUrl("OPENROUTER_API_BASE"),
    BaseUrl("FIREWORKS_API_BASE"),
    BaseUrl("HOSTED_VLLM_API_BASE"),
    BaseUrl("LITELLM_PROXY_API_BASE"),
)
"""As the SDKs of OpenAI, Anthropic, Google, AWS, Ollama, Cohere, Groq and Together read them, and
LiteLLM (`*_API_BASE`): those whose default is known, and those of no provider's own."""

_BROADER = {".amazonaws.com", ".googleapis.com"}
"""Of the providers' hosts: below these are a hundred services that are no model."""

_OF_BROADER = (
    r"bedrock(?:-agent)?-(?:runtime|mantle)(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com|api\.aws)"
    r"|[a-z0-9-]+\.bedrock(?:-agent)?-runtime\.[a-z0-9-]+\.vpce\.amazonaws\.com"
    r"|generativelanguage\.googleapis\.com"
    r"|(?:[a-z0-9-]+-)?aiplatform\.googleapis\.com"
    r"|aiplatform\.[a-z0-9-]+\.rep\.googleapis\.com"
)
"""Bedrock's runtimes, Gemini's API and Vertex, in all regions."""

_OTHERS = (
    "api-inference.huggingface.co", ".endpoints.huggingface.cloud",
    "api.replicate.com", "api.perplexity.ai", "api.cerebras.ai", "api.sambanova.ai",
    "api.deepinfra.com", "integrate.api.nvidia.com", "api.moonshot.ai", "api.moonshot.cn",
    "dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com", "open.bigmodel.cn", "api.z.ai",
    "api.minimax.io", "api.ai21.com", "api.hyperbolic.xyz", "api.novita.ai",
    "api.studio.nebius.com", "api.writer.com", "models.github.ai", "models.inference.ai.azure.com",
    ".models.ai.azure.com", ".ml.cloud.ibm.com", "inference.baseten.co",
    "gateway.ai.cloudflare.com", "ai-gateway.vercel.sh", "api.portkey.ai", "oai.helicone.ai",
    "anthropic.helicone.ai", "ai-gateway.helicone.ai", "fal.run", "queue.fal.run",
    "api.friendli.ai",
    "api.featherless.ai", "api.studio.nebius.ai", "api.tokenfactory.nebius.com",
    "api-inference.modelscope.cn", "llm.chutes.ai", "api.lambda.ai", "api.inceptionlabs.ai",
    "api.morphllm.com", "api.inference.wandb.ai", "api.clarifai.com", "api.llama.com",
    "api.meta.ai", "api.reka.ai", "inference.api.nscale.com", "api.venice.ai", "api.sarvam.ai",
    "api.parasail.io", "api.poe.com", "api.scaleway.ai", "api.aimlapi.com", "api.voyageai.com",
    "api.jina.ai", "api.upstage.ai", "api.stepfun.com", "api.siliconflow.cn",
    "api.siliconflow.com", "api.minimax.chat", "api.minimaxi.com", "dashscope-us.aliyuncs.com",
    "ark.cn-beijing.volces.com", "hunyuan.tencentcloudapi.com", "qianfan.baidubce.com",
    "gigachat.devices.sberbank.ru", "inference.do-ai.run", "serving.app.predibase.com",
    "llm-gateway.assemblyai.com", "api.githubcopilot.com", "api.aleph-alpha.com",
    ".endpoints.kepler.ai.cloud.ovh.net", "ai.api.nvidia.com", "api.nvcf.nvidia.com",
    "inference.generativeai.*.oci.oraclecloud.com", "llm.api.cloud.yandex.net", ".api.baseten.co",
    "api.runpod.ai", "api.kluster.ai", "api.intelligence.io.solutions", "chat.maritaca.ai",
    "api.hunyuan.cloud.tencent.com", "spark-api-open.xf-yun.com", "api.baichuan-ai.com",
    "api.lingyiwanwu.com",
)  # fmt: skip
"""Where models are asked that no provider here is made for. A question in a wire that is read here
is told by its path; these have others as well, which would pass a replay to the network."""

_BELOW = (
    r"[\w.-]+\.snowflakecomputing\.com/api/v2/cortex/"
    r"|(?:[\w.-]+\.cloud\.databricks\.com|[\w.-]+\.azuredatabricks\.net"
    r"|[\w.-]+\.gcp\.databricks\.com)/serving-endpoints/databricks-[^/]+/invocations"
    r"|api\.cloudflare\.com/client/v4/accounts/[^/]+/ai/run/"
)
"""The same at hosts where much else is asked, so that only the path tells: Snowflake's Cortex, the
models that Databricks serves itself, Cloudflare's Workers AI."""

_THIS = "127.0.0.1"
_MAPPED = bytes(10) + b"\xff\xff"  # an IPv4 address within IPv6 begins so
_HERE_PACKED = (bytes(15) + b"\x01", bytes(16))
_HERE = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "[::1]"})  # noqa: S104
USUAL_PORTS = {"http": 80, "https": 443}


class ModelAddress(NamedTuple):
    """A host, a port, and a path below which models are asked."""

    host: str
    port: int
    path: str = ""
    """Without a slash at its end; empty where all of the host is a model's."""

    def holds(self, host: str, port: int | None, path: str | None) -> bool:
        """Whether a request goes here; what is not known of it (None) speaks for it."""
        return (
            host == self.host
            and port in (None, self.port)
            and (path is None or not self.path or f"{path}/".startswith(f"{self.path}/"))
        )


@lru_cache(maxsize=256)  # a suite asks few addresses, each of them often
def address_of(url: str) -> ModelAddress | None:
    """The address that a base URL names, which may lack its scheme; None where it names none."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or USUAL_PORTS.get(parts.scheme, 80)
    except ValueError:
        return None
    if not parts.hostname:
        return None
    return ModelAddress(one_name(parts.hostname), port, parts.path.rstrip("/"))


def is_here(host: str) -> bool:
    """Whether a host's name means this machine."""
    return one_name(host) == _THIS


def one_name(host: str) -> str:
    """The host in lower case; one name for all that mean this machine, and for each IPv4 address.

    A socket takes an address as `127.1`, `0x7f000001` or `::ffff:127.0.0.1` as well.
    """
    host = host.lower().rstrip(".")
    if host in _HERE:
        return _THIS
    return _one_address(host) if host[:1].isdigit() or ":" in host else host


@lru_cache(maxsize=256)
def _one_address(host: str) -> str:
    """An address as four numbers or as IPv6, whatever it was written as; else as it is."""
    bare = host.strip("[]").partition("%")[0]
    try:
        packed = socket.inet_pton(socket.AF_INET6, bare) if ":" in bare else socket.inet_aton(bare)
    except (OSError, ValueError):
        return host
    if len(packed) == len(_MAPPED) + 4 and packed.startswith(_MAPPED):
        packed = packed[-4:]
    if len(packed) == 4:
        return _THIS if packed[0] in (0, 127) else socket.inet_ntoa(packed)
    return _THIS if packed in _HERE_PACKED else socket.inet_ntop(socket.AF_INET6, packed)


def is_host_of_models(host: str) -> bool:
    """Whether nothing but models is asked at a host that no provider here is made for."""
    return at_host(_OTHERS, host)


class ModelHosts:
    """Tells whether a host is one where models are asked."""

    def __init__(self, environment: Mapping[str, str], further: Iterable[str] = ()) -> None:
        """`environment` is looked at anew each time; `further` are base URLs."""
        self._environment = environment
        self._further = {address for url in further if (address := address_of(url))}

    def learn(self, address: ModelAddress) -> None:
        """A model was asked there."""
        self._further.add(address)

    def knows(self, host: str, port: int | None, path: str | None = None) -> bool:
        """Whether models are asked there; `port` and `path` are None where they aren't known."""
        name = one_name(host)
        if _is_provider(name, port) or (path is not None and re.match(_BELOW, name + path)):
            return True
        return any(address.holds(name, port, path) for address in self.addresses())

    def by_path(self, host: str, port: int | None) -> bool:
        """Whether only the path tells: other things than models are asked at this host too."""
        name = one_name(host)
        found = [each for each in self.addresses() if each.holds(name, port, None)]
        return bool(found) and all(each.path for each in found) and not _is_provider(name, port)

    def addresses(self) -> tuple[ModelAddress, ...]:
        """Of the variables, and of what was learnt: all but the providers' own hosts."""
        given = tuple(
            [self._environment.get(each.variable, "") for each in base_urls(known_providers())]
        )
        return (*_of_variables(given), *self._further)


@lru_cache(maxsize=4)  # a session knows one set of providers
def base_urls(providers: tuple[Provider, ...]) -> tuple[BaseUrl, ...]:
    """The variables that say where models are asked, of these providers and of common clients."""
    named = {each.variable: each for each in _BASE_URLS}
    for provider in providers:
        for variable in provider.base_url_variables:
            named.setdefault(variable, BaseUrl(variable))
    return tuple(named.values())


@lru_cache(maxsize=64)
def _of_variables(given: tuple[str, ...]) -> tuple[ModelAddress, ...]:
    return tuple(address for url in given if url and (address := address_of(url)))


def _is_provider(host: str, port: int | None) -> bool:
    full = host if port is None else f"{host}:{port}"
    if any(at_host(_own_hosts(provider.hosts), full) for provider in known_providers()):
        return True
    return is_host_of_models(host) or bool(re.fullmatch(_OF_BROADER, host))


def _own_hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(host for host in hosts if host not in _BROADER)
