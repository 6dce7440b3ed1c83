"""Own what the operator and the account's owner have set, as values; know nothing of who uses them."""

from typing import Annotated, Final, NamedTuple

from hub_sdk import Ge, Gt, InvalidParams, Le

__all__ = ["Keys", "Settings", "checked"]

_MAX_TIMEOUT_SECONDS: Final = 300
_MAX_ATTEMPTS: Final = 10
# What is not encrypted goes no further than this machine.
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Settings(NamedTuple):
    """What the operator set."""

    base_url: str = ""
    timeout_seconds: Annotated[float, Gt(0), Le(_MAX_TIMEOUT_SECONDS)] = 10.0
    max_attempts: Annotated[int, Ge(1), Le(_MAX_ATTEMPTS)] = 4


class Keys(NamedTuple):
    """What an account signs its requests with."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        """Return nothing that is secret."""
        return "Keys(***)"


def checked(settings: Settings) -> Settings:
    """Return the settings. Raises: InvalidParams, where they fit their types and still cannot be used."""
    from urllib.parse import urlsplit  # 4 ms, which a module that is only introduced does not pay

    if not settings.base_url:
        return settings
    try:
        place = urlsplit(settings.base_url)
        usable = place.scheme in ("http", "https") and bool(place.hostname) and (place.port is None or place.port > 0)
        usable = usable and place.username is None and not place.query and not place.fragment
        usable = usable and (place.scheme == "https" or place.hostname in _LOOPBACK)
    except ValueError:
        usable = False
    if not usable:
        raise InvalidParams(
            "base_url must be empty or an address such as https://host:port (http only on this machine)",
            pointer="/config/base_url",
        )
    return settings
