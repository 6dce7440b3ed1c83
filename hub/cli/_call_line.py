"""Own the words after `hub call`: which are ours, which are the function's; know no schema, and nothing of what they mean.

Ours are `--timeout S`, `--params JSON|-|@FILE`, `--account NAME`, `--keep PLACE`, `--json`, `--plugins DIR`, `--verbose`, `-v`,
`--help`, `-h`. The first word that is no option is the function; everything else after it belongs to the function. A word that
begins with `--` is never the value of the option before it: such a value is written behind an equals sign: `--name=--limit`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hub.errors import UsageError


__all__ = ["OWN_OPTIONS", "PARAMETER_ESCAPE", "CallLine", "read_call_line"]

_WITH_VALUE: Final = ("timeout", "params", "plugins", "account", "keep")
_FLAGS: Final = ("json", "verbose", "help")
_SHORT: Final = {"-v": "verbose", "-h": "help"}

OWN_OPTIONS: Final = frozenset((*_WITH_VALUE, *_FLAGS))
# `--param:timeout 5` reaches a parameter whose name is one of ours.
PARAMETER_ESCAPE: Final = "param:"


@dataclass(slots=True)
class CallLine:
    """What was written: `words` are those of the function, in order; everything else is ours."""

    address: str | None = None
    words: list[str] = field(default_factory=list[str])
    timeout: str | None = None
    params: str | None = None
    account: str | None = None
    keep: str | None = None
    plugins: list[str] = field(default_factory=list[str])
    json: bool = False
    verbose: bool = False
    help: bool = False

    def give(self, name: str, value: str) -> None:
        """Note an option with a value."""
        if name == "plugins":
            self.plugins.append(value)
        elif getattr(self, name) is not None and name != "timeout":
            raise _usage(f"--{name} was given more than once")
        else:
            setattr(self, name, value)


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
                raise _usage(f"--{name} takes no value")
            setattr(line, name, True)
        elif word.startswith("--") and name in _WITH_VALUE:
            line.give(name, value if equals else _value_of(name, rest))
        elif line.address is None:
            if word.startswith("-"):
                raise _usage(f"{word} stands before the name of the function")
            line.address = word
        else:
            line.words.append(word)
    return line


def _value_of(name: str, rest: list[str]) -> str:
    if not rest or rest[-1].startswith("--"):
        raise _usage(f"--{name} needs a value")
    return rest.pop()


def _usage(why: str) -> "UsageError":
    from hub.errors import UsageError  # 25 ms that `hub call --help` does not pay

    return UsageError(f"cannot call a function: {why}", hint="`hub call --help` shows how it is written")
