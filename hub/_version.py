"""Own the release number of the hub; it is in no way tied to the version of the protocol."""

__all__ = ["HUB_VERSION"]

HUB_VERSION = "0.1.0"
