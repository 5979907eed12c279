"""Cookies: whose they are, and what of them a request carries."""

from __future__ import annotations

from pytest_modelpin.recordings.exchange import KNOWN_COOKIES, cookies_set, without_cookies

END = "expires=Fri, 27-Nov-26 12:30:00 GMT"


def test_names_are_found_in_one_line_and_in_several() -> None:
    joined = f"__cf_bm=a.b=; path=/; {END}; HttpOnly, route=x; {END}, _cfuvid=y"
    assert cookies_set({"Set-Cookie": joined}) >= {"__cf_bm", "route", "_cfuvid"}
    raw = [(b"set-cookie", b"one=1; path=/"), (b"Set-Cookie", b"two=2"), (b"date", b"x=1")]
    assert cookies_set(raw) == {"one", "two"}
    assert cookies_set({"date": "a=b"}) == frozenset()


def test_a_date_s_comma_begins_no_cookie() -> None:
    assert cookies_set([(b"set-cookie", f"a=1; {END}; path=/".encode())]) == {"a"}


def test_only_the_provider_s_own_are_taken_out() -> None:
    assert without_cookies(b"__cf_bm=1; tenant=a; _cfuvid=x=y", KNOWN_COOKIES) == b"tenant=a"
    assert without_cookies(b"__cf_bm=1", KNOWN_COOKIES) == b""
