"""Own that the placeholders of the sessions refuse what they must: a pattern that fits everything would prove nothing."""

from typing import Any

import pytest

from tests.protocol.patterns import Bindings, fill, fits
from tests.protocol.vectors import equal

FITTING: list[tuple[Any, Any]] = [
    ({"a": 1}, {"a": 1, "b": 2}),
    ([1, {"$any": True}], [1, None]),
    ({"a": {"$any": True}}, {"a": None}),
    ({"$string": True}, ""),
    ({"$integer": True}, 0),
    ({"$number": True}, 0.5),
    ({"$boolean": True}, False),
    ({"$array": True}, []),
    ({"$object": True}, {}),
    ({"a": {"$absent": True}}, {}),
    ({"$equals": {"a": 1}}, {"a": 1.0}),
    ({"$one_of": [1, {"$string": True}]}, "x"),
    ({"$contains": [{"name": "b"}]}, [{"name": "a"}, {"name": "b", "more": 1}]),
    ({"$without": "secret"}, "internal error"),
    ({"$bind": "id"}, "m1"),
    ({"$bound": "known"}, 7),
]
NOT_FITTING: list[tuple[Any, Any]] = [
    ({"a": 1}, {"b": 1}),
    ({"a": 1}, [1]),
    ([1], [1, 2]),
    ([1], {"0": 1}),
    (1, True),
    (None, 0),
    ({"a": {"$any": True}}, {}),
    ({"a": None}, {}),
    ({"$string": True}, 1),
    ({"$integer": True}, True),
    ({"$integer": True}, 1.5),
    ({"$number": True}, True),
    ({"$boolean": True}, 1),
    ({"$array": True}, {}),
    ({"$object": True}, []),
    ({"a": {"$absent": True}}, {"a": None}),
    ({"$equals": {"a": 1}}, {"a": 1, "b": 2}),
    ({"a": {"$equals": None}}, {}),
    ({"$one_of": [1, 2]}, 3),
    ({"$contains": [1, 4]}, [1, 2, 3]),
    ({"$contains": [1]}, 1),
    ({"$without": "secret"}, "the secret is out"),
    ({"$without": "secret"}, 1),
    ({"$bind": "id"}, True),
    ({"$bind": "id"}, None),
    ({"$bound": "known"}, "7"),
]


@pytest.mark.parametrize(("pattern", "value"), FITTING, ids=repr)
def test_a_pattern_fits_what_the_readme_says(pattern: Any, value: Any) -> None:
    assert fits(pattern, value, {"known": 7})


@pytest.mark.parametrize(("pattern", "value"), NOT_FITTING, ids=repr)
def test_a_pattern_does_not_fit_anything_else(pattern: Any, value: Any) -> None:
    assert not fits(pattern, value, {"known": 7})


def test_a_bound_value_stands_in_what_is_sent() -> None:
    bound: Bindings = {}
    assert fits({"id": {"$bind": "asked"}}, {"id": "m1"}, bound)
    assert fill({"id": {"$bound": "asked"}, "result": [{"$bound": "asked"}]}, bound) == {"id": "m1", "result": ["m1"]}


def test_values_are_equal_as_json_and_not_as_python() -> None:
    assert equal({"a": [1, None]}, {"a": [1.0, None]})
    for one, other in ((True, 1), (0, False), ("1", 1), (None, False), ([], {}), ({"a": 1}, {"a": 1, "b": 2}), ([1], [1, 1])):
        assert not equal(one, other)
