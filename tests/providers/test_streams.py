from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.providers.streams import looks_like_events, server_sent_events


def test_name_and_data_come_out():
    assert server_sent_events(b"event: ping\ndata: {}\n\n") == [("ping", "{}")]


def test_data_over_several_lines_is_joined_by_line_feeds():
    assert server_sent_events(b"data: a\ndata: b\n\n") == [("", "a\nb")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_of_the_standard_counts(end):
    assert server_sent_events(end.join([b"data: a", b"", b"data: b", b"", b""])) == [
        ("", "a"),
        ("", "b"),
    ]


def test_comments_other_fields_and_events_without_data_are_skipped():
    assert server_sent_events(b": keep-alive\n\nid: 3\nretry: 5\nevent: x\n\nfoo\ndata:a\n\n") == [
        ("", "a")
    ]


def test_only_one_space_after_the_colon_belongs_to_the_format():
    assert server_sent_events(b"data:  a\n\n") == [("", " a")]


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0b", "\x1c"])
def test_characters_that_python_takes_for_line_ends_stay_in_the_data(separator):
    assert server_sent_events(f"data: a{separator}b\n\n".encode()) == [("", f"a{separator}b")]


def test_an_event_without_its_blank_line_is_given():
    assert server_sent_events(b"data: a\n\ndata: [DONE]") == [("", "a"), ("", "[DONE]")]


def test_a_byte_order_mark_is_no_part_of_the_first_field():
    assert server_sent_events(b"\xef\xbb\xbfdata: a\n\n") == [("", "a")]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8")), min_size=1))
def test_what_was_written_is_read(texts):
    content = "".join(f"data: {text}\n\n" for text in texts).encode()
    assert [event.data for event in server_sent_events(content)] == texts


@given(st.binary())
def test_no_bytes_are_beyond_it(content):
    assert isinstance(server_sent_events(content), list)


@pytest.mark.parametrize(
    ("content", "like"), [(b"data: 1", True), (b"\nevent: x", True), (b"{}", False), (b"", False)]
)
def test_a_stream_is_told_by_its_first_field(content, like):
    assert looks_like_events(content) is like
