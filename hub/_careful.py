"""Own the checking of values against schemas that grow by powers: slowly, once at each place, and with an end.

What was checked against the target of a reference is remembered with its outcome, so that the work is bounded by the size of
the schema times that of the value, and then by a number of steps. It takes some hundred times as long as the compiled
validator, which every other schema has.
"""

from collections.abc import Iterator
from contextvars import ContextVar
from itertools import islice
from typing import Any, Final, cast

import jsonschema
from jsonschema import validators

from hub._schema_growth import Misfit

__all__ = ["CarefulValidator"]

# A second or so: a syntax tree of some thousand nodes. It is spent in a thread, and the event loop goes on meanwhile.
_MAX_STEPS: Final = 5_000


class _TooCostlyError(Exception):
    """The number of steps is used up."""


class _Memory:
    """What is known of one value: by reference and place, the first error or none. Places live as long as the value does."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], tuple[jsonschema.ValidationError, ...]] = {}
        self.steps = 0


_memory: ContextVar[_Memory] = ContextVar("_memory")


def _check_reference(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    memory = _memory.get()
    place = (reference, id(instance))
    if place not in memory.known:
        memory.steps += 1
        if memory.steps > _MAX_STEPS:
            raise _TooCostlyError
        # While it is under way it fits as far as is known: one that refers to itself at the same place says nothing more.
        memory.known[place] = ()
        checks = cast("Any", jsonschema.Draft202012Validator.VALIDATORS)["$ref"]
        memory.known[place] = tuple(islice(checks(validator, reference, instance, schema), 1))
    yield from memory.known[place]


_Validator: Final = cast("Any", validators).extend(jsonschema.Draft202012Validator, {"$ref": _check_reference})


class CarefulValidator:
    """Checks values against `schema`, in the words of the compiled validators; see `grows_by_powers`."""

    def __init__(self, schema: Any) -> None:
        self._validator = _Validator(schema)

    def is_valid(self, value: object) -> bool:
        """Return whether `value` fits, as far as that can be said in bounded time."""
        return next(self.iter_errors(value), None) is None

    def iter_errors(self, value: object) -> Iterator[Misfit]:
        """Yield the places that do not fit; what takes too many steps does not fit."""
        token = _memory.set(_Memory())
        try:
            for error in self._validator.iter_errors(value):
                yield Misfit(list(error.absolute_path), _words(error))
        except (_TooCostlyError, RecursionError):
            yield Misfit([], "it takes too many steps to check it against this schema")
        finally:
            _memory.reset(token)


def _words(error: jsonschema.ValidationError) -> str:
    # The library's own words hold the value, which may be a secret.
    return f"the value does not keep {error.validator!r} of its schema"
