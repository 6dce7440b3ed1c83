"""Own the words after `hub call`: which are ours, which are the function's; know no schema, and nothing of what they mean.

Ours are `--timeout S`, `--params JSON|-|@FILE`, `--json`, `--plugins DIR`, `--verbose`, `-v`, `--help`, `-h`. The first word
that is no option is the function; everything else after it belongs to the function. A word that begins with `--` is never the
value of the option before it: such a value is written behind an equals sign, as in `--name=--limit`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hub.errors import UsageError

__all__ = ["OWN_OPTIONS", "PARAMETER_ESCAPE", "CallLine", "read_call_line"]

_WITH_VALUE: Final = ("timeout", "params", "plugins")
_FLAGS: Final = ("json", "verbose", "help")
_SHORT: Final = {"-v": "verbose", "-h": "help"}

OWN_OPTIONS: Final = frozenset((*_WITH_VALUE, *_FLAGS))
# `--param:timeout 5` reaches a parameter whose name is one of ours.
PARAMETER_ESCAPE: Final = "param:"

_HINT: Final = "`hub call MODULE.FUNCTION --help` shows what a function takes, `hub functions` what there is"


@dataclass(slots=True)
class CallLine:
    """What was written: `words` are those of the function, in order; everything else is ours."""

    address: str | None = None
    words: list[str] = field(default_factory=list[str])
    timeout: str | None = None
    params: str | None = None
    plugins: list[str] = field(default_factory=list[str])
    json: bool = False
    verbose: bool = False
    help: bool = False

    def give(self, name: str, value: str) -> None:
        """Note an option with a value."""
        if name == "plugins":
            self.plugins.append(value)
        elif name == "timeout":
            self.timeout = value
        elif self.params is not None:
            raise UsageError("cannot call: --params was given more than once", hint="put all parameters into one JSON object")
        else:
            self.params = value


def read_call_line(argv: Sequence[str]) -> CallLine:
    """Return the words after `hub call`, sorted.

    Raises:
        UsageError: one of our own options lacks its value or has one too many; an option of the function stands before it.
    """
    line = CallLine()
    rest = list(reversed(argv))
    while rest:
        word = rest.pop()
        name, equals, value = word[2:].partition("=")
        if word in _SHORT:
            setattr(line, _SHORT[word], True)
        elif word.startswith("--") and name in _FLAGS:
            if equals:
                raise UsageError(f"cannot call: --{name} takes no value", hint=_HINT)
            setattr(line, name, True)
        elif word.startswith("--") and name in _WITH_VALUE:
            line.give(name, value if equals else _value_of(name, rest))
        elif line.address is None:
            if word.startswith("-"):
                raise UsageError(f"cannot call: {word} stands before the name of the function", hint=_HINT)
            line.address = word
        else:
            line.words.append(word)
    return line


def _value_of(name: str, rest: list[str]) -> str:
    if not rest or rest[-1].startswith("--"):
        raise UsageError(f"cannot call: --{name} needs a value", hint=_HINT)
    return rest.pop()
