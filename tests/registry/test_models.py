import pytest


def test_an_unknown_name_says_which_there_are(pins_of):
    pins = pins_of("models: {a: {production: x}, b: {production: y}}")
    with pytest.raises(KeyError, match=r"'c' is not in .*models\.yml; it names: a, b"):
        pins["c"]


def test_membership(pins_of):
    pins = pins_of("models: {a: {production: x}}")
    assert "a" in pins
    assert "b" not in pins


def test_fallbacks_in_order_with_logical_names_resolved(pins_of):
    pins = pins_of("models: {a: {production: x, fallback: [z, b]}, b: {production: y}}")
    assert pins.fallbacks("a") == ("z", "y")
    assert pins.fallbacks("b") == ()
