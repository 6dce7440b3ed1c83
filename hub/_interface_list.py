"""Own the list of all interfaces and of who implements them, as JSON; pure: know no processes and no output."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hub._interface import Interface, InterfaceVersion
from hub._introduction import Claim

__all__ = ["interface_rows"]

_OWN: Final = "hub"


def interface_rows(known: Iterable[Interface], claims: Mapping[str, Sequence[Claim]]) -> list[dict[str, Any]]:
    """Return an object for each interface by name and version; of one that only modules name, `from` is null."""
    rows = {interface.identity: _row(interface) for interface in known}
    for module in sorted(claims):
        for claim in claims[module]:
            identity = InterfaceVersion.parse(f"{claim.name}/{claim.proved or claim.version}")
            row = rows.setdefault(identity, _unknown(identity))
            if module not in row["modules"]:
                row["modules"].append(module)
    return [rows[identity] for identity in sorted(rows)]


def _row(interface: Interface) -> dict[str, Any]:
    return {
        "name": interface.name,
        "version": interface.version,
        "from": interface.origin or _OWN,
        "summary": interface.summary,
        "modules": [],
        "functions": [{"signature": one.signature, **one.declaration} for one in interface.functions.values()],
    }


def _unknown(identity: InterfaceVersion) -> dict[str, Any]:
    return {"name": identity.name, "version": identity.version, "from": None, "summary": "", "modules": [], "functions": []}
