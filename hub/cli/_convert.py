"""Own how words of a command line become one JSON value, by its schema, and back; know no options and no functions.

The rules, in the order in which they are tried. A text fits
  a choice     that is this string, or whose JSON is this text
  null         as `null`
  boolean      as `true` or `false`
  integer      as digits; where a string would do too, only as JSON writes it, so that `012` stays a text
  number       likewise, with fraction and exponent
  array        as a JSON array
  object       as a JSON object
  string       always, as it is
  array        by its items: each repetition of the option is one, also a single one
  any value    as JSON where it is JSON; else as a text, but what begins like an object or array must be one
"""

import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from hub.cli._schema_shapes import ANY, CHOICE, Shape, expected, shapes_of
from hub.cli._strict_json import MAX_SAFE_INTEGER, NotJson, read_json
from hub.cli._text import harmless, shown_value

__all__ = ["Unfit", "as_words", "convert"]

_INTEGER: Final = re.compile(r"-?[0-9]+", re.ASCII)
_NUMBER: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# Python reads no more digits than this in one go; no number that the protocol allows has as many.
_MAX_DIGITS: Final = 400

_NOTHING: Final = object()


class Unfit(ValueError):
    """A text cannot be a value of the schema: `why`, as in `must be an integer`, and what it `got`, which may be a secret.

    What `but` says of it may tell a part of it.
    """

    def __init__(self, why: str, got: str | None = None, *, but: str = "") -> None:
        super().__init__(why if got is None else f"{why}, got '{shown_value(got)}'{but and f', but {harmless(but)}'}")
        self.why = why
        self.got = got


def convert(texts: Sequence[str], schema: object, root: object) -> Any:
    """Return the value that `texts`, what was given for one parameter, mean under `schema`; several are the items of an array.

    Raises:
        Unfit: they mean none.
    """
    shapes = shapes_of(schema, root)
    if len(texts) == 1 and (found := _one(texts[0], shapes)) is not _NOTHING:
        return found
    array = next((shape for shape in shapes if shape.kind in {"array", ANY}), None)
    if array is None:
        raise Unfit(f"must be {expected(schema, root)}", texts[0]) if len(texts) == 1 else Unfit("was given more than once")
    return [_converted_item(text, _item(array, index), root) for index, text in enumerate(texts)]


def _converted_item(text: str, schema: object, root: object) -> Any:
    # Not `convert`: an item that is a list itself has to be JSON. Repetition has one level, and a schema may be its own item.
    found = _one(text, shapes_of(schema, root))
    if found is _NOTHING:
        raise Unfit(f"must be a list, each {expected(schema, root)}", text)
    return found


def _item(array: Shape, index: int) -> object:
    first = array.schema.get("prefixItems")
    if isinstance(first, list) and index < len(cast("list[object]", first)):
        return cast("list[object]", first)[index]
    return array.schema.get("items", {})


def _one(text: str, shapes: Sequence[Shape]) -> Any:
    if _SURROGATE.search(text):
        raise Unfit("must be UTF-8 text", text)
    kinds = {shape.kind: shape for shape in reversed(shapes)}
    for shape in shapes:
        if shape.kind == CHOICE and (found := _choice(text, shape.choices)) is not _NOTHING:
            return found
    exact = "string" in kinds or ANY in kinds
    for kind, read in _READERS.items():
        if kind in kinds and (found := read(text, exact)) is not _NOTHING:
            return found
    if "string" in kinds:
        return text
    if ANY in kinds:
        return _any(text)
    return _NOTHING


def _any(text: str) -> Any:
    try:
        return read_json(text)
    except NotJson as error:
        if text.lstrip().startswith(("{", "[")):
            # A mistake in JSON is likelier than a text that looks like it, which can be written as a JSON string.
            raise Unfit("must be JSON where it begins like an object or an array", text, but=str(error)) from None
        return text


def _choice(text: str, choices: Sequence[Any]) -> Any:
    if text in choices:
        return text
    found = _json(text)
    same = [choice for choice in choices if type(choice) is type(found) and choice == found]
    return same[0] if same and found is not _NOTHING else _NOTHING


def _null(text: str, _exact: bool) -> Any:
    return None if text == "null" else _NOTHING


def _boolean(text: str, exact: bool) -> Any:
    return {"true": True, "false": False}.get(text if exact else text.lower(), _NOTHING)


def _integer(text: str, exact: bool) -> Any:
    if not (_JSON_NUMBER if exact else _INTEGER).fullmatch(text) or not _INTEGER.fullmatch(text) or len(text) > _MAX_DIGITS:
        return _NOTHING
    return _whole(text, exact=exact)


def _whole(text: str, *, exact: bool) -> Any:
    number = int(text)
    if abs(number) <= MAX_SAFE_INTEGER:
        return number
    if exact:
        return _NOTHING
    raise Unfit(f"must be within ±{MAX_SAFE_INTEGER}", text)


def _number(text: str, exact: bool) -> Any:
    if not (_JSON_NUMBER if exact else _NUMBER).fullmatch(text) or len(text) > _MAX_DIGITS:
        return _NOTHING
    if _INTEGER.fullmatch(text):
        return _whole(text, exact=exact)
    number = float(text)
    return number if math.isfinite(number) else _NOTHING


def _array(text: str, _exact: bool) -> Any:
    found = _json(text) if text.lstrip().startswith("[") else _NOTHING
    return cast("list[Any]", found) if isinstance(found, list) else _NOTHING


def _object(text: str, _exact: bool) -> Any:
    found = _json(text) if text.lstrip().startswith("{") else _NOTHING
    return cast("dict[str, Any]", found) if isinstance(found, dict) else _NOTHING


_READERS: Final[dict[str, Callable[[str, bool], Any]]] = {
    "null": _null,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "array": _array,
    "object": _object,
}


def _json(text: str) -> Any:
    try:
        return read_json(text)
    except NotJson:
        return _NOTHING


def as_words(value: Any, schema: object, root: object) -> list[str] | None:
    """Return the words that mean `value` under `schema`, or None when no words do (then `--params` says it)."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in cast("list[object]", value)):
        words = cast("list[str]", value)
    else:
        words = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)]
    try:
        return words if _same(convert(words, schema, root), value) else None
    except Unfit:
        return None


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
