"""Own what a module said of itself (module_info and capabilities), checked; know no processes and no approvals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import msgspec
from pydantic import ValidationError

from hub._licence import Verdict, judge
from hub._signature import render_signature
from hub._validators import SchemaValidator, compile_schema, why_bad_schema
from hub.errors import BadLicense, HandshakeFailed, NoCommonVersion
from hub_protocol.errors import RemoteProtocolError
from hub_protocol.types import CapabilitiesResult, ModuleInfo, explain
from hub_protocol.version import check_picked_version

__all__ = ["Claim", "Function", "Introduction", "read_capabilities", "read_module_info"]

_TAKES_NOTHING: dict[str, Any] = {"type": "object", "additionalProperties": False}
# A person mends the first few and runs it again.
_MAX_PROBLEMS_SHOWN = 3
# Compiling takes the square of them: a third of a second for so many in one schema, four for four times as many.
_MAX_REFERENCES = 10_000


@dataclass(frozen=True)
class Function:
    """One callable of a module, as its capabilities declare it; `declaration` is that JSON object."""

    name: str
    declaration: Mapping[str, Any] = field(repr=False)

    @property
    def summary(self) -> str:
        """One line, or ""."""
        return self.declaration.get("summary") or ""

    @property
    def description(self) -> str:
        """As much as the author wrote, or ""."""
        return self.declaration.get("description") or ""

    @property
    def params(self) -> dict[str, Any]:
        """The JSON Schema of the arguments, an object."""
        return self.declaration.get("params") or _TAKES_NOTHING

    @property
    def returns(self) -> dict[str, Any] | bool:
        """The JSON Schema of the result; True means any value."""
        returns = self.declaration.get("returns")
        return True if returns is None else returns  # null counts as left out (HUB-MSG-8)

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The module's own errors that it may answer: code, message, data (a schema)."""
        return self.declaration.get("errors") or []

    @property
    def examples(self) -> list[dict[str, Any]]:
        """Examples: params, and result or error."""
        return self.declaration.get("examples") or []

    @property
    def hints(self) -> dict[str, bool]:
        """`read_only`, `destructive`, `idempotent`, `open_world`, where given."""
        return self.declaration.get("hints") or {}

    @property
    def deprecated(self) -> dict[str, str] | None:
        """`since` and `use_instead`, or None when it is not deprecated."""
        return self.declaration.get("deprecated")

    @cached_property
    def timeout_seconds(self) -> float | None:
        """How long a call may take when the caller says nothing; None means the hub's default."""
        return self.declaration.get("timeout_seconds")

    @property
    def signature(self) -> str:
        """One line: name, parameters with types, type of the result."""
        return render_signature(self.declaration)

    # Compiled at the first call and kept: a module of a thousand functions pays for those that are used.
    @cached_property
    def params_validator(self) -> SchemaValidator:
        """The compiled `params`."""
        return compile_schema(self.params)

    @cached_property
    def returns_validator(self) -> SchemaValidator | None:
        """The compiled `returns`; None when any value will do."""
        return None if self.returns is True else compile_schema(self.returns)


@dataclass(frozen=True, slots=True)
class Claim:
    """An interface that a module says it implements, and the version that this was proved for; None while nobody knows it.

    `functions` are the names of the functions of that version.
    """

    name: str
    version: str
    proved: str | None = None
    functions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}/{self.version}"


@dataclass(frozen=True)
class Introduction:
    """Who a module is and what it can do. `module_info` and `capabilities` are the JSON objects as they came.

    `claims` are the interfaces that it says it implements, judged.
    """

    module_info: Mapping[str, Any] = field(repr=False)
    capabilities: Mapping[str, Any] = field(repr=False)
    licence_verdict: Verdict
    functions: Mapping[str, Function]
    claims: tuple[Claim, ...] = ()

    @property
    def name(self) -> str:
        """The module's name."""
        return self.module_info["name"]

    @property
    def version(self) -> str:
        """SemVer 2.0."""
        return self.module_info["version"]

    @property
    def license(self) -> str:
        """The SPDX expression as the module gave it; `licence_verdict` judges it."""
        return self.module_info["license"]

    @property
    def authors(self) -> list[str]:
        """At least one."""
        return list(self.module_info["authors"])

    @property
    def description(self) -> list[str]:
        """Lines."""
        return list(self.module_info.get("description") or [])

    @property
    def required_modules(self) -> dict[str, str]:
        """Module name to semver requirement."""
        return dict(self.module_info.get("required_modules") or {})

    @property
    def extra_info(self) -> dict[str, str]:
        """Whatever else the module wants shown when it is loaded."""
        return dict(self.module_info.get("extra_info") or {})

    @property
    def homepage(self) -> str | None:
        """A URL."""
        return self.module_info.get("homepage")

    @property
    def protocol_version(self) -> int:
        """The version that the module picked."""
        return self.module_info.get("protocol_version") or 1

    @property
    def features(self) -> frozenset[str]:
        """What the module offered, also what this hub does not know."""
        return frozenset(self.module_info.get("features") or ())

    @property
    def permissions(self) -> tuple[str, ...]:
        """The host services that the module asks for, sorted."""
        return tuple(sorted(set(self.capabilities.get("permissions") or ())))

    @property
    def implements(self) -> tuple[str, ...]:
        """The interfaces that it says it implements, as it wrote them (HUB-CAPS-9)."""
        return tuple(dict.fromkeys(self.capabilities.get("implements") or ()))

    @property
    def unknown_interfaces(self) -> tuple[str, ...]:
        """Those of them that the hub does not know, and so does not serve."""
        return tuple(str(claim) for claim in self.claims if claim.proved is None)


def read_module_info(result: object, *, name: str, version: str | None) -> dict[str, Any]:
    """Return the checked result of `module_info`; `name` and `version` are the manifest's.

    Raises:
        HandshakeFailed: a member is wrong, or not what the manifest says (HUB-INFO-1 to 6).
        NoCommonVersion: the version picked was not offered (HUB-VER-1).
        BadLicense: `license` is not an SPDX expression (HUB-INFO-4).
    """
    if isinstance(result, dict):
        # Before the shape: a module of a later version may look different, and the reason to tell is its version.
        _check_version(name, cast("dict[str, Any]", result).get("protocol_version", 1))
    try:
        ModuleInfo.model_validate(result)
    except ValidationError as error:
        raise _shape_error(name, "module_info", error) from None
    info = cast("dict[str, Any]", result)
    for member, expected in (("name", name), ("version", version)):
        if expected is not None and info[member] != expected:
            msg = f"cannot introduce {name}: module_info says {member} {info[member]!r}, the plugin on disk says {expected!r}"
            raise HandshakeFailed(msg, hint="make the two equal", data={"requirement": "HUB-INFO-2", "pointer": f"/{member}"})
    return info


def _check_version(name: str, picked: object) -> None:
    if type(picked) is not int:
        return
    try:
        check_picked_version(picked)
    except RemoteProtocolError as error:
        raise NoCommonVersion(f"cannot introduce {name}: {error}", hint="update the module or the hub") from None


def read_capabilities(info: Mapping[str, Any], result: object) -> Introduction:
    """Return the introduction that a checked `module_info` and the result of `capabilities` make.

    Raises:
        HandshakeFailed: a member is wrong (HUB-CAPS-1 to 7).
        BadLicense: `license` is not an SPDX expression (HUB-INFO-4).
    """
    name = info["name"]
    try:
        CapabilitiesResult.model_validate(result)
    except ValidationError as error:
        raise _shape_error(name, "capabilities", error) from None
    capabilities = cast("dict[str, Any]", result)
    if (references := msgspec.json.encode(capabilities).count(b'"$ref":')) > _MAX_REFERENCES:
        msg = f"cannot introduce {name}: its schemas have {references} references; the hub takes {_MAX_REFERENCES}"
        raise HandshakeFailed(msg, hint=_hint(name), data={"requirement": "HUB-CAPS-3", "pointer": "/functions"})
    functions: dict[str, Function] = {}
    for position, declaration in enumerate(capabilities["functions"]):
        for member in ("params", "returns"):
            schema = declaration.get(member)
            if schema is not None and (why := why_bad_schema(schema)) is not None:
                pointer = f"/functions/{position}/{member}"
                msg = f"cannot introduce {name}: the {member} of {declaration['name']} are no JSON Schema 2020-12: {why}"
                raise HandshakeFailed(msg, hint=_hint(name), data={"requirement": "HUB-CAPS-3", "pointer": pointer})
        functions[declaration["name"]] = Function(declaration["name"], declaration)
    try:
        verdict = judge(info["license"])
    except BadLicense as error:
        error.data.update(requirement="HUB-INFO-4", pointer="/license")
        raise
    return Introduction(info, capabilities, verdict, functions)


def _hint(name: str) -> str:
    return f"this is a fault of the module: hub plugin test {name}"


def _shape_error(name: str, method: str, error: ValidationError) -> HandshakeFailed:
    problems = explain(error)
    shown = "; ".join(f"{problem.pointer or 'the result'} {problem.message}" for problem in problems[:_MAX_PROBLEMS_SHOWN])
    more = f" (and {len(problems) - _MAX_PROBLEMS_SHOWN} more)" if len(problems) > _MAX_PROBLEMS_SHOWN else ""
    data = {
        "requirement": problems[0].requirement,
        "errors": [{"pointer": problem.pointer, "message": problem.message} for problem in problems],
    }
    return HandshakeFailed(f"cannot introduce {name}: {method}: {shown}{more}", hint=_hint(name), data=data)
