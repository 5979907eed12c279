from __future__ import annotations

import pytest

from pytest_modelpin.providers import ToolCall, Usage, provider_named


def response(*parts, reason=None, **fields):
    candidate = {"content": {"parts": list(parts)}, "finishReason": reason}
    return {"candidates": [candidate], "modelVersion": "gemini-2.0-flash-001", **fields}


def test_a_plain_response(read):
    usage = {
        "promptTokenCount": 5,
        "candidatesTokenCount": 2,
        "thoughtsTokenCount": 30,
        "cachedContentTokenCount": 1,
    }
    parts = (
        {"text": "hm", "thought": True},
        {"text": "Hi"},
        {"functionCall": {"name": "add", "args": {"a": 1}}},
        {"functionCall": {"name": "now"}},
    )
    reply = read("gemini", response(*parts, reason="STOP", usageMetadata=usage))
    assert (reply.text, reply.tools) == ("Hi", (ToolCall("add", {"a": 1}), ToolCall("now", {})))
    assert (reply.served_model, reply.finish_reason) == ("gemini-2.0-flash-001", "STOP")
    assert reply.requested_model == "gemini-x"
    assert reply.usage == Usage(5, 2, 1, 30)


def test_the_served_model_is_given_to_the_letter(read):
    assert read("gemini", response(modelVersion="models/g")).served_model == "models/g"


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        ({"promptFeedback": {"blockReason": "SAFETY"}}, "SAFETY"),
        ({"promptFeedback": {"blockReason": "OTHER", "blockReasonMessage": "No."}}, "No."),
        (response(reason="SAFETY"), "SAFETY"),
        (response(reason="PROHIBITED_CONTENT"), "PROHIBITED_CONTENT"),
        (response({"text": "x"}, reason="MAX_TOKENS"), None),
    ],
)
def test_a_withheld_answer_is_a_refusal(read, document, refusal):
    assert read("gemini", document).refusal == refusal


def test_a_stream_as_events(read, stream):
    body = stream(
        response({"text": "Hel"}, usageMetadata={"promptTokenCount": 3}),
        response({"text": "lo"}, {"functionCall": {"name": "now", "args": {}}}),
        response(reason="STOP", usageMetadata={"promptTokenCount": 3, "candidatesTokenCount": 2}),
    )
    reply = read("gemini", body)
    assert (reply.text, reply.tools, reply.complete) == ("Hello", (ToolCall("now", {}),), True)
    assert reply.usage == Usage(3, 2)


def test_a_stream_as_one_array(read):
    reply = read("gemini", [response({"text": "Hel"}), response({"text": "lo"}, reason="STOP")])
    assert (reply.text, reply.complete) == ("Hello", True)


def test_a_stream_without_a_finish_reason_is_not_complete(read, stream):
    assert read("gemini", stream(response({"text": "Hel"}))).complete is False


def test_an_error_that_comes_as_an_array(read):
    reply = read("gemini", [{"error": {"code": 429, "message": "Quota"}}], 429)
    assert (reply.error, reply.status) == ("Quota", 429)


def several(*candidates):
    return {
        "candidates": [
            {"index": index, "content": {"parts": [{"text": text}]}, "finishReason": reason}
            for index, text, reason in candidates
        ]
    }


def test_of_several_candidates_the_lowest_index_answers_wherever_it_stands(read):
    document = several((1, "No.", "STOP"), (0, "Yes.", "MAX_TOKENS"))
    reply = read("gemini", document)
    assert (reply.text, reply.finish_reason) == ("Yes.", "MAX_TOKENS")
    del document["candidates"][1]["index"]  # protocol buffers leave a zero out
    assert read("gemini", document).text == "Yes."


def test_a_stream_of_several_candidates_is_not_mixed(read, stream):
    events = [
        several((0, "Yes, ", None)),
        several((1, "No, ", None)),
        several((0, "you can.", "STOP"), (1, "you ", None)),
        several((1, "can't.", "MAX_TOKENS")),
    ]
    reply = read("gemini", stream(*events))
    assert (reply.text, reply.finish_reason) == ("Yes, you can.", "STOP")
    assert read("gemini", events).text == "Yes, you can."  # one array, where `alt=sse` is missing


def test_an_empty_function_call_is_none(read):
    assert read("gemini", response({"functionCall": {}}, {"text": "4"})).tools == ()


def test_whose_project_pays_is_no_part_of_the_question():
    """A replay without credentials does not know which project they would name."""
    google = provider_named("vertex")

    def counted(project):
        where = f"projects/{project}/locations/europe-west1/publishers/google"
        return google.without_model(f"/v1/{where}/models/gemini-2.5-flash:generateContent", {})

    assert counted("ours") == counted("theirs")


@pytest.mark.parametrize(
    "before", ["models/", "", "projects/p/locations/l/publishers/google/models/"]
)
def test_what_is_cached_for_a_model_is_cached_for_the_one_that_is_selected(before):
    """A question that quotes another model's cache is refused."""
    path, body = "/v1beta/cachedContents", {"model": f"{before}gemini-2.5-flash", "contents": []}
    google = provider_named("google")
    assert google is not None
    assert google.requested_model(path, body) == "gemini-2.5-flash"
    moved = google.with_model(path, body, "gemini-3.5-flash")
    assert moved == (path, {"model": f"{before}gemini-3.5-flash", "contents": []})
    assert google.without_model(*moved) == google.without_model(path, body)
