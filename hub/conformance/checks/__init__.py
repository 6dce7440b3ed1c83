"""Own the list of all checks, in the order in which they run; know nothing of how any works."""

from typing import Final

from hub.conformance._check import Check
from hub.conformance.checks import (
    big,
    calls,
    cancellation,
    capabilities,
    concurrency,
    credentials,
    envelope,
    framing,
    garbage,
    handshake,
    headers,
    host,
    identifiers,
    interfaces,
    launch,
    output,
    shutdown,
    versions,
)

__all__ = ["CHECKS"]

# Areas come in this order; what only watches comes last in its area, and the area `output` last of all.
CHECKS: Final[tuple[Check, ...]] = (
    *launch.CHECKS,
    *handshake.CHECKS,
    *versions.CHECKS,
    *capabilities.CHECKS,
    *interfaces.CHECKS,
    *framing.CHECKS,
    *headers.CHECKS,
    *garbage.CHECKS,
    *envelope.CHECKS,
    *identifiers.CHECKS,
    *calls.CHECKS,
    *concurrency.CHECKS,
    *cancellation.CHECKS,
    *host.CHECKS,
    *credentials.CHECKS,
    *big.CHECKS,
    *shutdown.CHECKS,
    *output.CHECKS,
)
