"""Own what the member `context` of a call says (HUB-CALL-6); know nothing of what is done with it."""

from typing import Any, cast

import msgspec

__all__ = ["Surroundings", "read_surroundings"]


class Surroundings(msgspec.Struct, frozen=True):
    """What the hub says about a call beside its arguments; nothing where the feature `context` is not in force."""

    timeout_seconds: float | None = None
    trace_id: str | None = None
    chain: tuple[str, ...] = ()
    profile: str | None = None


def read_surroundings(context: dict[str, Any] | None) -> Surroundings:
    """Return what of a context can be read; a member that is not as it should be counts as left out."""
    if context is None:
        return Surroundings()
    timeout = context.get("timeout_ms")
    trace_id, profile, chain = context.get("trace_id"), context.get("profile"), context.get("chain")
    return Surroundings(
        timeout / 1000 if type(timeout) in (int, float) and timeout is not None else None,
        trace_id if isinstance(trace_id, str) else None,
        tuple(name for name in cast("list[Any]", chain) if isinstance(name, str)) if isinstance(chain, list) else (),
        profile if isinstance(profile, str) else None,
    )
