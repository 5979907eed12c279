"""Calls over gRPC, whose sockets are opened in C: seen by its own interceptors."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

pytestmark = pytest.mark.long

MODELS = "/google.ai.generativelanguage.v1beta.GenerativeService/"

KINDS = {
    "unary_unary": "channel.unary_unary(M + 'Generate')(b'q') == b'q'",
    "unary_stream": "list(channel.unary_stream(M + 'Stream')(b'q')) == [b'q', b'q']",
    "stream_unary": "channel.stream_unary(M + 'Gather')(iter([b'q'])) == b'q'",
    "stream_stream": "list(channel.stream_stream(M + 'Chat')(iter([b'q']))) == [b'q']",
}
AWAITED = {
    "unary_unary": "await channel.unary_unary(M + 'Generate')(b'q') == b'q'",
    "unary_stream": "[r async for r in channel.unary_stream(M + 'Stream')(b'q')] == [b'q', b'q']",
    "stream_unary": "await channel.stream_unary(M + 'Gather')(iter([b'q'])) == b'q'",
    "stream_stream": "[r async for r in channel.stream_stream(M + 'Chat')(iter([b'q']))] == [b'q']",
}

HEAD = f"""
import asyncio, grpc, os
M = "{MODELS}"
"""

TEST = """
def test_NAME():
    with grpc.insecure_channel("TARGET") as channel:
        assert CALL
"""

AWAITING = """
def test_NAME():
    async def ask():
        async with grpc.aio.insecure_channel("TARGET") as channel:
            assert CALL
    asyncio.run(ask())
"""

CALLS = {
    **{kind: (TEST, call) for kind, call in KINDS.items()},
    **{f"awaited_{kind}": (AWAITING, call) for kind, call in AWAITED.items()},
}
"""Each kind of call by the name of its test."""


class Model(grpc.GenericRpcHandler):
    """Answers with what it is asked, and notes each call."""

    def __init__(self):
        self.asked = []

    def service(self, details):
        self.asked.append(details.method.rpartition("/")[2])
        return {
            "Generate": grpc.unary_unary_rpc_method_handler(lambda said, _: said),
            "Stream": grpc.unary_stream_rpc_method_handler(lambda said, _: iter([said, said])),
            "Gather": grpc.stream_unary_rpc_method_handler(lambda said, _: b"".join(said)),
            "Chat": grpc.stream_stream_rpc_method_handler(lambda said, _: said),
        }[self.asked[-1]]


@pytest.fixture
def model():
    """A real gRPC server on this machine; `address` is where."""
    handler = Model()
    server = grpc.server(ThreadPoolExecutor(2), handlers=[handler])
    handler.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield handler
    server.stop(None).wait()


def run(project, *options):
    return project.pytester.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=120)


def write(project, target, kinds=tuple(CALLS)):
    """A test for each of these kinds of call."""
    tests = []
    for name in kinds:
        text, call = CALLS[name]
        tests.append(text.replace("NAME", name).replace("TARGET", target).replace("CALL", call))
    project.write("tests/test_plain.py", HEAD + "".join(tests))


def test_a_replay_stops_each_call_to_a_model_before_it_is_made(project, model, monkeypatch):
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"http://{model.address}")
    write(project, f"dns:///{model.address}")
    result = run(project, "tests/test_plain.py")
    result.assert_outcomes(failed=len(CALLS))
    for name in CALLS:
        said = next(line for line in result.outlines if f"::test_{name} asked " in line)
        assert f"asked {model.address} (POST {MODELS}" in said
        assert " through grpc, where" in said
        assert 'transport="rest"' in said
    assert model.asked == []


def test_a_candidates_case_that_asked_over_grpc_is_left_out_and_answered(
    project, model, monkeypatch
):
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"http://{model.address}")
    write(project, model.address)
    project.record()
    model.asked.clear()
    result = run(project, "--model=candidate", "--model-report=run.json")
    result.assert_outcomes(passed=len(CALLS) + 2)
    cases = json.loads((project.folder / "run.json").read_text())["cases"]
    left_out = [case["id"].partition("::test_")[2] for case in cases if case["left_out"]]
    assert sorted(left_out) == sorted(CALLS)
    assert sorted(model.asked) == sorted(2 * ["Generate", "Stream", "Gather", "Chat"])


def test_a_channel_that_lives_on_tells_of_each_test_that_asks_over_it(project, model, monkeypatch):
    """The connection was made once; what is asked over it, each test asks anew."""
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"http://{model.address}")
    (project.folder / "tests/test_support.py").unlink()
    project.write(
        "tests/test_plain.py",
        f"""
        import grpc
        channel = grpc.insecure_channel("{model.address}")
        ask = channel.unary_unary("{MODELS}Generate")
        def test_one(): assert ask(b"q") == b"q"
        def test_two(): assert ask.with_call(b"q")[0] == b"q"
        def test_three(): assert ask.future(b"q").result() == b"q"
        """,
    )
    result = run(project, "-o", "modelpin_unseen=warn")
    result.assert_outcomes(passed=3)
    for name in ("one", "two", "three"):
        result.stdout.fnmatch_lines([f"unseen: tests/test_plain.py::test_{name} asked *"])
    run(project).assert_outcomes(failed=3)
    assert len(model.asked) == 3


def test_calls_to_others_alarm_nobody_and_keep_their_own_interceptors(project, model):
    (project.folder / "tests/test_support.py").unlink()
    write(project, model.address, ["unary_unary"])
    result = run(project)
    result.assert_outcomes(passed=1)
    assert "unseen" not in result.stdout.str()
    assert model.asked == ["Generate"]


def test_a_models_channel_keeps_the_interceptors_that_it_was_given(project, model, monkeypatch):
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"http://{model.address}")
    (project.folder / "tests/test_support.py").unlink()
    project.write(
        "tests/test_plain.py",
        f"""
        import asyncio, grpc

        class Doubling(grpc.aio.UnaryUnaryClientInterceptor):
            async def intercept_unary_unary(self, go_on, details, request):
                return await go_on(details, request * 2)

        async def ask(*given, **named):
            async with grpc.aio.insecure_channel("{model.address}", *given, **named) as channel:
                return await channel.unary_unary("{MODELS}Generate")(b"q")

        def test_named(): assert asyncio.run(ask(interceptors=[Doubling()])) == b"qq"
        def test_in_place(): assert asyncio.run(ask(None, None, [Doubling()])) == b"qq"
        """,
    )
    result = run(project, "-o", "modelpin_unseen=warn")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["unseen: tests/test_plain.py::test_named asked *"])
    result.stdout.fnmatch_lines(["unseen: tests/test_plain.py::test_in_place asked *"])
