"""Own what an approval covers, and in words what changed since; pure: know nothing of where approvals are kept."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar

from hub._names import printable
from hub._signature import render_signature

__all__ = ["ApprovalContent", "Difference", "FunctionPin", "content_of", "difference_between"]

_T = TypeVar("_T")

# What decides how a call behaves. The summary and other prose may be reworded without asking anybody.
_PINNED_PARTS: Final = ("params", "returns", "errors", "hints")
# A new build changes thousands of files; nobody reads more lines than a screen has.
_MAX_FILE_LINES = 20


@dataclass(frozen=True, slots=True)
class FunctionPin:
    """One function as it was approved: its signature for people, and a digest of each part that decides how a call behaves."""

    signature: str
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalContent:
    """Exactly what a person approves."""

    name: str
    version: str
    digest: str
    license: str
    functions: Mapping[str, FunctionPin]
    permissions: tuple[str, ...]
    required_modules: Mapping[str, str]
    files: Mapping[str, str] | None = None
    """Relative path to what it was; only to name what changed, the digest decides. None in a grant."""
    license_free: bool | None = None
    """The verdict on the licence, remembered so that it need not be judged again; never compared."""
    implements: tuple[str, ...] | None = None
    """The interfaces that it claimed, remembered so that it need not be started to know; never compared. None: not known."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed since the approval: one line each, most important first."""

    lines: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.lines)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def content_of(  # noqa: PLR0913 - all of it is what is approved; by keyword only
    *,
    name: str,
    version: str,
    digest: str,
    files: Mapping[str, str],
    license: str,  # noqa: A002 - the word of module_info
    functions: Iterable[Mapping[str, Any]],
    permissions: Iterable[str] = (),
    required_modules: Mapping[str, str] = MappingProxyType({}),
    license_free: bool | None = None,
    implements: Iterable[str] | None = None,
) -> ApprovalContent:
    """Return what has to be approved, from what a module said of itself; `functions` is the list of its capabilities answer."""
    return ApprovalContent(
        name=name,
        version=version,
        digest=digest,
        files=files,
        license=license,
        functions={str(function["name"]): _pin(function) for function in functions},
        permissions=tuple(sorted(set(permissions))),
        required_modules=required_modules,
        license_free=license_free,
        implements=None if implements is None else tuple(implements),
    )


def _pin(function: Mapping[str, Any]) -> FunctionPin:
    parts = {part: _short_digest(function[part]) for part in _PINNED_PARTS if function.get(part) is not None}
    return FunctionPin(render_signature(function), parts)


def _short_digest(value: object) -> str:
    # An object's members have no order, so their order is no change.
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def difference_between(approved: ApprovalContent, now: ApprovalContent) -> Difference:
    """Return what is different now; an empty (false) difference means that the approval still holds."""
    lines = [
        *_single("licence", approved.license, now.license),
        *_permissions(approved.permissions, now.permissions),
        *_by_name("function", approved.functions, now.functions, _signature_of, _function_changed),
        *_by_name("required module", approved.required_modules, now.required_modules, _plain, _requirement_changed),
        *_single("version", approved.version, now.version),
    ]
    if approved.digest != now.digest:
        lines += _files(approved.files, now.files)
    return Difference(tuple(lines))


def _single(what: str, before: str, after: str) -> list[str]:
    return [] if before == after else [f"{what} {printable(before, 80)} -> {printable(after, 80)}"]


def _permissions(before: Iterable[str], after: Iterable[str]) -> list[str]:
    added = [f"permission {printable(name, 80)} added" for name in sorted(set(after) - set(before))]
    return added + [f"permission {printable(name, 80)} removed" for name in sorted(set(before) - set(after))]


def _by_name(
    what: str,
    before: Mapping[str, _T],
    after: Mapping[str, _T],
    show: Callable[[_T], str],
    changed: Callable[[_T, _T], str],
) -> list[str]:
    lines: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        shown = f"{what} {printable(name, 80)}"
        if name not in before:
            lines.append(f"{shown} added: {show(after[name])}")
        elif name not in after:
            lines.append(f"{shown} removed")
        elif before[name] != after[name]:
            lines.append(f"{shown} changed: {changed(before[name], after[name])}")
    return lines


def _signature_of(pin: FunctionPin) -> str:
    return pin.signature


def _plain(text: str) -> str:
    return printable(text, 80)


def _requirement_changed(before: str, after: str) -> str:
    return f"{_plain(after)} (was {_plain(before)})"


def _function_changed(before: FunctionPin, after: FunctionPin) -> str:
    if before.signature != after.signature:
        return f"{after.signature} (was {before.signature})"
    changed = [part for part in _PINNED_PARTS if before.parts.get(part) != after.parts.get(part)]
    return f"its {' and '.join(changed)}" if changed else "its signature"


def _files(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> list[str]:
    if before is None or after is None:
        return ["the plugin's files changed"]
    lines: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        shown = f"file {printable(path, 120)}"
        if path not in before:
            lines.append(f"{shown} added")
        elif path not in after:
            lines.append(f"{shown} removed")
        elif before[path] != after[path]:
            lines.append(f"{shown} {_file_change(before[path], after[path])}")
    if len(lines) > _MAX_FILE_LINES:
        return [*lines[:_MAX_FILE_LINES], f"and {len(lines) - _MAX_FILE_LINES} more files"]
    return lines or ["the plugin's files changed"]


def _file_change(before: str, after: str) -> str:
    (kind_before, _, value_before), (kind_after, _, value_after) = before.partition(" "), after.partition(" ")
    if value_before == value_after and {kind_before, kind_after} == {"file", "executable"}:
        return "became executable" if kind_after == "executable" else "is no longer executable"
    if kind_after == "link":
        return f"is now a link to {printable(value_after, 80)}"
    return "changed"
