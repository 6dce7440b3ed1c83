"""Own which protocol versions and features exist and how two sides agree; know nothing of how they are told to each other.

The version is one integer and moves only when something breaks; everything else is a feature. Unknown means "no".
"""

from typing import Final, cast

from hub_protocol.errors import RemoteProtocolError

__all__ = ["FEATURES", "PROTOCOL_VERSIONS", "agree_features", "check_picked_version", "pick_version"]

PROTOCOL_VERSIONS: Final = (1,)

FEATURES: Final[dict[str, str]] = {
    "cancel": "the hub sends `$/cancelRequest`; the module stops the work",
    "concurrent": "the module reads messages while calls are under way: it answers `ping` at any time",
    "context": "each call carries `context` beside `params`",
    "host_services": "the module may send requests `hub.*`",
    "progress": "the module may send `$/progress`",
}


def pick_version(offered: object) -> int:
    """Return the highest version that both sides know (the module's side of HUB-VER-1).

    Raises:
        RemoteProtocolError: there is none (kind `no_common_version`, HUB-VER-2); garbage counts as nothing offered.
    """
    offers = cast("list[object]", offered) if isinstance(offered, list) else []
    # type() and not ==: True is 1, and 1.0 is no version.
    known = [version for version in PROTOCOL_VERSIONS if any(type(offer) is int and offer == version for offer in offers)]
    if not known:
        msg = f"no common protocol version: the hub offers {offered!r:.200}, this module knows {list(PROTOCOL_VERSIONS)}"
        raise RemoteProtocolError(msg, kind="no_common_version")
    return max(known)


def check_picked_version(picked: int) -> int:
    """Return `picked` when the hub offered it (the hub's side of HUB-VER-1).

    Raises:
        RemoteProtocolError: it was not offered (kind `no_common_version`).
    """
    if picked not in PROTOCOL_VERSIONS:
        msg = f"no common protocol version: the hub offers {list(PROTOCOL_VERSIONS)}, the module picked {picked}"
        raise RemoteProtocolError(msg, kind="no_common_version")
    return picked


def agree_features(ours: frozenset[str], theirs: list[str]) -> frozenset[str]:
    """Return the features in force: named by both and known to this version (HUB-VER-3)."""
    return ours & frozenset(theirs) & frozenset(FEATURES)
