"""Own what `--hub-info` prints: all that a module says about itself, as the other SDKs do; know nothing of frames."""

import msgspec

from hub_sdk.codec import Offer, show_information
from hub_sdk.serve._definition import Definition

__all__ = ["describe"]


def describe(definition: Definition) -> str:
    """Return the answers to `module_info` and `capabilities` as one JSON document, laid out for people."""
    shown = {
        "module_info": show_information(definition.information, Offer()),
        "capabilities": definition.capabilities(),
    }
    return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode()
