"""Own the words after `hub call`: which are ours, which are the function's; know no schema, and nothing of what they mean.

Ours are `--timeout S`, `--params JSON|-|@FILE`, `--account NAME`, `--keep PLACE`, `--json`, `--plugins DIR`, `--verbose`, `-v`,
`--help`, `-h`. The first word that is no option is the function; everything else after it belongs to the function. A word that
begins with `--` is never the value of the option before it: such a value is written behind an equals sign: `--name=--limit`.

`--all`, `--on MODULE` and `--interface-version REQ` are ours where the function is one of an interface, with two dots or more
in its address; else they are the function's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hub.errors import UsageError


__all__ = ["OWN_OPTIONS", "PARAMETER_ESCAPE", "CallLine", "read_call_line"]

_WITH_VALUE: Final = ("timeout", "params", "plugins", "account", "keep")
_FLAGS: Final = ("json", "verbose", "help")
_FLAG_OF_INTERFACES: Final = "all"
_WITH_VALUE_OF_INTERFACES: Final = ("on", "interface-version")
_SHORT: Final = {"-v": "verbose", "-h": "help"}

_OF_INTERFACES: Final = (_FLAG_OF_INTERFACES, *_WITH_VALUE_OF_INTERFACES)
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
    all: bool = False
    on: list[str] = field(default_factory=list[str])
    interface_version: str | None = None

    @property
    def is_for_interface(self) -> bool:
        """Whether the function is one of an interface: its address has a dot more than that of a module's function."""
        return self.address is not None and self.address.count(".") > 1

    def give(self, name: str, value: str) -> None:
        """Note an option with a value."""
        if name in ("plugins", "on"):
            getattr(self, name).append(value)
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
        elif word.startswith("--") and (line.address is None or line.is_for_interface) and name in _OF_INTERFACES:
            _take_of_interfaces(line, name, value if equals else None, rest)
        elif line.address is None:
            if word.startswith("-"):
                raise _usage(f"{word} stands before the name of the function")
            line.address = word
        else:
            line.words.append(word)
    if line.address is not None and not line.is_for_interface and (line.all or line.on or line.interface_version):
        raise _usage(f"--all, --on and --interface-version are for functions of interfaces, which {line.address} is not")
    return line


def _take_of_interfaces(line: CallLine, name: str, value: str | None, rest: list[str]) -> None:
    if name != _FLAG_OF_INTERFACES:
        line.give(name.replace("-", "_"), _value_of(name, rest) if value is None else value)
    elif value is not None:
        raise _usage(f"--{name} takes no value")
    else:
        line.all = True


def _value_of(name: str, rest: list[str]) -> str:
    if not rest or rest[-1].startswith("--"):
        raise _usage(f"--{name} needs a value")
    return rest.pop()


def _usage(why: str) -> "UsageError":
    from hub.errors import UsageError  # 25 ms that `hub call --help` does not pay

    return UsageError(f"cannot call a function: {why}", hint="`hub call --help` shows how it is written")
