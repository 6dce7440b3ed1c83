"""Own the checks of what module_info and module_init answer; know no functions."""

from collections.abc import Callable
from typing import Any, Final, cast

from hub._licence import judge
from hub.conformance._bench import Bench
from hub.conformance._check import Check, NotOffered, Outcome
from hub.conformance._contract import definition_faults
from hub.conformance._judging import must, problem, should
from hub.errors import BadLicense
from hub_protocol.methods import is_file_name

__all__ = ["CHECKS"]

_AREA: Final = "handshake"
# Each has a check of its own; the shape of everything else is one.
_OWN: Final = ("/name", "/version", "/license", "/authors", "/required_modules", "/protocol_version")
_OPTIONAL: Final = ("description", "required_modules", "extra_info", "homepage", "protocol_version", "features")


def _info(bench: Bench) -> dict[str, Any]:
    answer = bench.introduction().info
    result = answer.result if answer is not None else None
    return cast("dict[str, Any]", result) if isinstance(result, dict) else {}


def _fail(bench: Bench, why: str) -> Outcome:
    return problem(why, bench.introduction().info)


@must(
    "HUB-INFO-1/answers-with-an-object",
    _AREA,
    "an object with name, version, license and authors",
    "answer module_info with an object",
)
def is_object(bench: Bench) -> Outcome:
    answer = bench.introduction().info
    return None if answer is None or isinstance(answer.result, dict) else problem("the result is no object", answer)


@must(
    "HUB-INFO-1/has-what-is-required",
    _AREA,
    "the members name, version, license and authors",
    "add the missing member",
)
def has_required(bench: Bench) -> Outcome:
    missing = [name for name in ("name", "version", "license", "authors") if name not in _info(bench)]
    return _fail(bench, f"{' and '.join(missing)} missing") if missing else None


@must(
    "HUB-INFO-1/members-have-their-types",
    _AREA,
    "each member in the type of the table, or left out",
    "correct the type of the member, or leave it out",
)
def types(bench: Bench) -> Outcome:
    # The hub takes a null homepage for an absent one; that it should not be written is another rule.
    told = {name: value for name, value in _info(bench).items() if (name, value) != ("homepage", None)}
    faults = [fault for fault in definition_faults("ModuleInfo", told) if fault[0] and not fault[0].startswith(_OWN)]
    return _fail(bench, f"{faults[0][0]}: {faults[0][1]}") if faults else None


def _member(check: str, pointer: str, right: str, mend: str) -> Check:
    @must(check, _AREA, right, mend)
    def run(bench: Bench) -> Outcome:
        faults = [fault for fault in definition_faults("ModuleInfo", _info(bench)) if fault[0].split("/")[1:2] == [pointer]]
        return _fail(bench, f"{faults[0][0]}: {faults[0][1]}") if faults else None

    return run


def _as_manifest(check: str, member: str, told: Callable[[Bench], str | None]) -> Check:
    @must(check, _AREA, f"the {member} that plugin.toml gives (by default, the name of the directory)", "make the two equal")
    def run(bench: Bench) -> Outcome:
        expected = told(bench)
        if expected is None:
            return NotOffered(f"no manifest says the {member}")
        found = _info(bench).get(member)
        return None if found == expected else _fail(bench, f"module_info says {found!r}, the plugin on disk says {expected!r}")

    return run


@must(
    "HUB-INFO-4/license-is-spdx",
    _AREA,
    "an SPDX expression such as MIT OR Apache-2.0, or LicenseRef-… for a licence that is not listed",
    "look the identifier up in the SPDX licence list",
)
def spdx(bench: Bench) -> Outcome:
    found = _info(bench).get("license")
    if not isinstance(found, str):
        return _fail(bench, "license is no string") if "license" in _info(bench) else None
    try:
        judge(found)
    except BadLicense as error:
        return _fail(bench, error.message)
    return None


@must(
    "HUB-INFO-6/names-modules-not-files",
    _AREA,
    "names of modules, such as system",
    "name the module, not its file: leave the extension out",
)
def no_files(bench: Bench) -> Outcome:
    required = _info(bench).get("required_modules")
    files = [name for name in cast("dict[str, Any]", required) if is_file_name(name)] if isinstance(required, dict) else []
    return _fail(bench, f"{files[0]} names a file") if files else None


@should(
    "HUB-MSG-8/leaves-out-what-is-absent",
    _AREA,
    "a member that is left out where there is nothing to say",
    "leave optional members out instead of writing null (most JSON libraries have a switch for it)",
)
def no_nulls(bench: Bench) -> Outcome:
    nulls = [name for name in _OPTIONAL if name in _info(bench) and _info(bench)[name] is None]
    return _fail(bench, f"{nulls[0]} is null") if nulls else None


@must(
    "HUB-INIT-1/answers-with-an-object",
    _AREA,
    "an object; {} where there is nothing to say",
    "answer module_init with {}",
)
def init(bench: Bench) -> Outcome:
    answer = bench.introduction().init
    if answer is None:
        return None
    if not answer.is_result:
        return problem("module_init is answered with an error", answer)
    return None if isinstance(answer.result, dict) else problem("the result is no object", answer)


@must(
    "HUB-LIFE-10/says-why-it-is-disabled",
    _AREA,
    'a reason in words: {"disable": "no such hardware"}',
    "give the reason as a string, or leave disable out",
)
def disable(bench: Bench) -> Outcome:
    answer = bench.introduction().init
    result = answer.result if answer is not None else None
    if not isinstance(result, dict) or "disable" not in result:
        return NotOffered("it does not disable itself")
    reason = cast("dict[str, Any]", result)["disable"]
    return None if isinstance(reason, str) and reason.strip() else problem("disable is not a reason in words", answer)


CHECKS: Final = (
    is_object,
    has_required,
    types,
    _member(
        "HUB-INFO-2/name-fits",
        "name",
        "a lower-case letter, then letters, digits, _ and -, at most 64 in all",
        "choose such a name",
    ),
    _as_manifest("HUB-INFO-2/name-is-the-manifests", "name", lambda bench: bench.target.manifest_name),
    _as_manifest("HUB-INFO-2/version-is-the-manifests", "version", lambda bench: bench.target.manifest_version),
    _member("HUB-INFO-3/version-is-semver", "version", "a version by SemVer 2.0, such as 1.4.0", "write three numbers: 1.4.0"),
    spdx,
    _member("HUB-INFO-5/has-authors", "authors", "an array with at least one author, none empty", "name who wrote it"),
    _member(
        "HUB-INFO-6/requirements-can-be-read",
        "required_modules",
        'an object from module names to requirements such as "^1.2"',
        "write 1.2.3, ^1.2, ~1.2.3, >=1.0,<2, 1.2.* or *",
    ),
    no_files,
    no_nulls,
    init,
    disable,
)
