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


def test_a_canary_serves_its_share_and_each_key_always_the_same(pins_of):
    pins = pins_of("models: {a: {production: x, canary: {model: y, percent: 20}}}")
    served = [pins.serving("a", f"user {number}") for number in range(2000)]
    assert 0.15 < served.count("y") / 2000 < 0.25
    assert served == [pins.serving("a", f"user {number}") for number in range(2000)]


@pytest.mark.parametrize(("percent", "id"), [(0, "x"), (100, "y")])
def test_a_canary_of_none_or_all(pins_of, percent, id):
    pins = pins_of(f"models: {{a: {{production: x, canary: {{model: y, percent: {percent}}}}}}}")
    assert {pins.serving("a", str(number)) for number in range(50)} == {id}


def test_without_a_canary_the_pin_serves(pins_of):
    assert pins_of("models: {a: {production: x}}").serving("a", "user") == "x"
