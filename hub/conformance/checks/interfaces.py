"""Own the checks of interfaces that a module claims to implement; call no function."""

import json
from typing import Any, Final, cast

from hub.conformance._bench import Bench
from hub.conformance._check import Check, Failed, NotOffered, Outcome
from hub.conformance._judging import must, problem
from hub.conformance._members import members
from hub.conformance._promises import Promises, promises_of

__all__ = ["CHECKS"]

_AREA: Final = "interfaces"
_SHOWN: Final = 100


def _capabilities(bench: Bench) -> Any:
    answer = bench.introduction().capabilities
    return answer.result if answer is not None else None


def _promises(bench: Bench) -> Promises:
    return bench.remembered("promises", lambda: promises_of(bench.target, _capabilities(bench)))


@must(
    "HUB-CAPS-9/claims-can-be-read",
    _AREA,
    "names with versions, such as cloud.compute/1.0",
    "write NAME/MAJOR.MINOR; `hub interfaces` shows those that there are",
)
def readable(bench: Bench) -> Outcome:
    claims: Any = members(_capabilities(bench)).get("implements")
    if claims is None:
        return NotOffered("it claims no interface")
    if not isinstance(claims, list):
        return problem("implements is no array", bench.introduction().capabilities)
    wrong = [
        *_promises(bench).unreadable,
        *(json.dumps(one) for one in cast("list[object]", claims) if not isinstance(one, str)),
    ]
    return problem(f"{wrong[0][:_SHOWN]} is none", bench.introduction().capabilities) if wrong else None


@must(
    "HUB-IFACE-7/brings-good-interfaces",
    _AREA,
    "files that describe interfaces, each the same as others of its name and version",
    "correct the file in interfaces/, or give it a name or version of its own",
)
def brought(bench: Bench) -> Outcome:
    found = _promises(bench).brought
    return Failed(found.message) if found is not None else None


def _kept(check: str, right: str, mend: str) -> Check:
    @must(check, _AREA, right, mend)
    def run(bench: Bench) -> Outcome:
        found = _promises(bench)
        for fault in found.broken:
            if fault.data.get("requirement") == check.partition("/")[0]:
                data = fault.data
                why = fault.message.partition(": it does not satisfy ")[2]
                return problem(f"{why} ({data.get('interface')})", bench.introduction().capabilities)
        if found.known:
            return None
        unknown = f"nobody here knows {', '.join(map(str, found.unknown))}"
        return NotOffered(unknown if found.unknown else "it claims no interface")

    return run


CHECKS: Final = (
    readable,
    brought,
    _kept(
        "HUB-IFACE-1/has-every-function", "each function of the interface, under its name", "add the function, or do not claim"
    ),
    _kept(
        "HUB-IFACE-2/takes-all-arguments",
        "params that accept whatever the interface's params accept",
        "take the schema of the interface (`hub interfaces NAME --json`) and only add to it what callers may leave out",
    ),
    _kept(
        "HUB-IFACE-3/promises-its-results",
        "returns that accept nothing but what the interface's returns accept",
        "take the schema of the interface, and only say more of the results",
    ),
    _kept(
        "HUB-IFACE-4/keeps-the-hints",
        "read_only and idempotent where the interface says so, and no destructive where it does not",
        "make the hints those of the interface",
    ),
    _kept(
        "HUB-IFACE-5/declares-the-same-errors",
        "the interface's codes in errors",
        "declare the interface's errors, and use them",
    ),
)
