"""Own one interface: what a file says of it, checked; know no modules and not where interfaces come from."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, cast

from pydantic import ValidationError

from hub._introduction import Function
from hub._names import printable
from hub._validators import why_bad_schema
from hub.errors import BadInterface
from hub_protocol.methods import INTERFACE_NAME_PATTERN
from hub_protocol.types import CapabilitiesResult, explain

__all__ = ["Interface", "InterfaceVersion", "read_interface"]

_NAME: Final = re.compile(INTERFACE_NAME_PATTERN)
_VERSION: Final = re.compile(r"(0|[1-9][0-9]{0,5})(?:\.(0|[1-9][0-9]{0,5}))?")
_HINT: Final = "protocol/README.md, section Interfaces, shows how such a file is written"


class InterfaceVersion(NamedTuple):
    """An interface by name, with its version."""

    name: str
    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> "InterfaceVersion":
        """Return what `cloud.compute/1.0` says; `cloud.compute/1` means minor version 0 (HUB-CAPS-9).

        Raises:
            ValueError: it says nothing of the kind.
        """
        name, _, written = text.partition("/")
        found = _VERSION.fullmatch(written)
        if found is None or _NAME.fullmatch(name) is None:
            raise ValueError(f"{printable(text, 60)} is not an interface with its version")
        return cls(name, int(found[1]), int(found[2] or 0))

    @property
    def version(self) -> str:
        """MAJOR.MINOR."""
        return f"{self.major}.{self.minor}"

    def __str__(self) -> str:
        return f"{self.name}/{self.version}"


@dataclass(frozen=True)
class Interface:
    """A named set of function signatures. `origin` is the plugin that brought it, None for one of the hub's own."""

    identity: InterfaceVersion
    summary: str
    functions: Mapping[str, Function]
    origin: str | None
    document: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The name, without the version."""
        return self.identity.name

    @property
    def version(self) -> str:
        """MAJOR.MINOR."""
        return self.identity.version

    def is_same_as(self, other: "Interface") -> bool:
        """Return whether the other says the same (HUB-IFACE-7)."""
        written = [json.dumps(one.document, sort_keys=True) for one in (self, other)]
        return written[0] == written[1]


def read_interface(text: str | bytes, *, file: str, origin: str | None) -> Interface:
    """Return the interface that a file of this text describes; `file` is its name, for people.

    Raises:
        BadInterface: it does not; `data` has `file` and the JSON `pointer`.
    """
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad(file, "", f"it is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise _bad(file, "", "it is not a JSON object")
    document = cast("dict[str, Any]", found)
    name, version, summary = (document.get(member) for member in ("interface", "version", "summary"))
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise _bad(file, "/interface", "it must be a name with at least one dot, such as example.greeting")
    if not isinstance(version, str) or "." not in version or _VERSION.fullmatch(version) is None:
        raise _bad(file, "/version", 'it must be "MAJOR.MINOR", such as "1.0"')
    if summary is not None and not isinstance(summary, str):
        raise _bad(file, "/summary", "it must be a string")
    functions = _functions(file, document.get("functions"))
    return Interface(InterfaceVersion.parse(f"{name}/{version}"), summary or "", functions, origin, document)


def _functions(file: str, declared: object) -> dict[str, Function]:
    try:
        CapabilitiesResult.model_validate({"functions": declared})
    except ValidationError as error:
        problem = explain(error)[0]
        raise _bad(file, problem.pointer, f"it {problem.message}", requirement=problem.requirement) from None
    functions = cast("list[dict[str, Any]]", declared)
    if not functions:
        raise _bad(file, "/functions", "it must have at least one function")
    for position, function in enumerate(functions):
        for member in ("params", "returns"):
            schema = function.get(member)
            if schema is not None and (why := why_bad_schema(schema)) is not None:
                raise _bad(file, f"/functions/{position}/{member}", f"it is no JSON Schema 2020-12: {why}")
    return {function["name"]: Function(function["name"], function) for function in functions}


def _bad(file: str, pointer: str, why: str, *, requirement: str | None = None) -> BadInterface:
    where = f" at {printable(pointer)}" if pointer else ""
    data = {"file": file, "pointer": pointer} | ({"requirement": requirement} if requirement else {})
    return BadInterface(f"cannot read the interface in {printable(file)}{where}: {why}", hint=_HINT, data=data)
