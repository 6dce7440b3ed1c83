"""Own what a person sees of a module before approving it, and in `hub plugin info`: all that it says and asks; pure text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from hub.cli._permissions import permission_in_words
from hub.cli._plugin_list import APPROVED, CHANGED, NOT_APPROVED
from hub.cli._text import harmless, harmless_lines
from hub.cli.functions import function_json
from hub_protocol.methods import is_file_name

if TYPE_CHECKING:
    from hub import ApprovalRequest, Claim, Function, Verdict

__all__ = ["page_json", "page_lines", "state_of"]

_INDENT: Final = "  "


def state_of(request: "ApprovalRequest") -> str:
    """Return whether this exact content is approved, in the words of `hub plugin list`."""
    if request.approved:
        return APPROVED
    return NOT_APPROVED if request.difference is None else CHANGED


def page_lines(request: "ApprovalRequest") -> Iterator[str]:
    """Return the page as lines, each harmless: nothing that a plugin wrote can look like a line of ours."""
    for line in _page(request):
        yield harmless(line)


def _page(request: "ApprovalRequest") -> Iterator[str]:
    found = request.introduction
    yield f"{found.name} {found.version}"
    for line in found.description:
        yield from (f"{_INDENT}{part}" for part in harmless_lines(line))
    yield f"authors: {', '.join(found.authors)}"
    yield f"licence: {_licence(found.licence_verdict)}"
    if found.homepage:
        yield f"homepage: {found.homepage}"
    yield from (f"{name}: {value}" for name, value in found.extra_info.items())
    yield f"path: {request.plugin.path}"
    yield f"digest: {request.content.digest}"
    required = [name for name in found.required_modules if not is_file_name(name)]
    yield f"requires: {', '.join(f'{name} {found.required_modules[name]}' for name in required) or 'no other module'}"
    if skipped := [name for name in found.required_modules if is_file_name(name)]:
        yield f"skipped: {', '.join(skipped)}: the name of a file, which is no module"
    if found.claims:
        yield f"implements: {', '.join(f'{claim} ({_standing(claim)})' for claim in found.claims)}"
    yield from _section("functions", [_function(function) for function in found.functions.values()], "none")
    # HUB-CAPS-7: what a module requires it may call, without asking for it.
    granted = dict.fromkeys([*request.content.permissions, *(f"call:{name}" for name in required)])
    asked = [f"{permission}: {permission_in_words(permission)}" for permission in granted]
    yield from _section("permissions", asked, "none: it can ask the hub for nothing")
    yield f"approval: {state_of(request)}"
    if request.difference:
        yield from _section("changed since it was approved", list(request.difference), "")


def _section(title: str, lines: list[str], nothing: str) -> Iterator[str]:
    if not lines:
        yield f"{title}: {nothing}"
        return
    yield f"{title}:"
    yield from (f"{_INDENT}{line}" for line in lines)


def _licence(verdict: "Verdict") -> str:
    judged = (
        "free and open-source software" if verdict.free else "NOT free and open-source software by the lists of FSF and OSI"
    )
    return f"{verdict.expression} ({judged}: {'; '.join(verdict.reasons)})"


def _standing(claim: "Claim") -> str:
    if claim.proved is None:
        return "unknown here: not served"
    return "satisfied" if claim.proved == claim.version else f"satisfied, checked against {claim.proved}"


def _function(function: "Function") -> str:
    marks = ["DESTRUCTIVE"] if function.hints.get("destructive") else []
    marks += ["deprecated"] if function.deprecated else []
    return f"{function.signature}  [{', '.join(marks)}]" if marks else function.signature


def page_json(request: "ApprovalRequest") -> dict[str, Any]:
    """Return what `--json` says of a module."""
    found = request.introduction
    return {
        "name": found.name,
        "version": found.version,
        "state": state_of(request),
        "difference": list(request.difference or ()),
        "authors": found.authors,
        "license": found.license,
        "license_free": found.licence_verdict.free,
        "license_reasons": list(found.licence_verdict.reasons),
        "description": found.description,
        "homepage": found.homepage,
        "extra_info": found.extra_info,
        "required_modules": found.required_modules,
        "implements": [
            {"interface": claim.name, "version": claim.version, "checked_against": claim.proved} for claim in found.claims
        ],
        "permissions": list(request.content.permissions),
        "protocol_version": found.protocol_version,
        "features": sorted(found.features),
        "path": str(request.plugin.path),
        "digest": request.content.digest,
        "functions": [function_json(found.name, function) for function in found.functions.values()],
    }
