"""Own the list of what is in the keyring: module, account, name and expiry of each, one small file each; never a value.

The keyring itself cannot be asked what it holds. A file each, so that two hubs of one person never write the same one.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, cast

from hub._names import printable
from hub._private import make_private_directory, read_bounded, write_private
from hub.errors import CredentialsUnavailable

__all__ = ["KeyringIndex", "Place"]

_FORMAT: Final = 1
# Three names of at most 64 characters, and two numbers.
_FILE_BYTES: Final = 8 * 1024
# Of all files: no person has so many accounts.
_MAX_FILES: Final = 10_000


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Whose a credential is, and its name (HUB-CRED-1)."""

    module: str
    account: str
    name: str


class KeyringIndex:
    """The list, below one directory. It is read anew when it has changed, for another hub may have written to it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: int | None = None
        self._places: dict[Place, float | None] = {}

    def places(self) -> Mapping[Place, float | None]:
        """Return what is in the keyring, with the time at which it is of no use any more (seconds since 1970).

        Raises:
            CredentialsUnavailable: the directory cannot be read.
        """
        try:
            changed = self._directory.stat().st_mtime_ns
            if changed != self._seen:
                files = sorted(self._directory.glob("*.json"))[:_MAX_FILES]
                self._places = dict(found for file in files if (found := _read(file)) is not None)
                self._seen = changed
        except FileNotFoundError:
            self._places, self._seen = {}, None
        except OSError as error:
            raise self._unusable("read", error) from error
        return self._places

    def add(self, place: Place, expires: float | None) -> None:
        """Note that something is in the keyring; it may be noted already.

        Raises:
            BadSettings, CredentialsUnavailable: it cannot be written.
        """
        told = {"format": _FORMAT, "module": place.module, "account": place.account, "name": place.name, "expires": expires}
        make_private_directory(self._directory)
        try:
            write_private(self._file(place), json.dumps(told).encode())
        except OSError as error:
            raise self._unusable("write", error) from error
        self._seen = None

    def remove(self, place: Place) -> None:
        """Note that nothing is there any more.

        Raises:
            CredentialsUnavailable: it cannot be written.
        """
        try:
            self._file(place).unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable("write", error) from error
        self._seen = None

    def _file(self, place: Place) -> Path:
        # A name may hold any character and be longer than that of a file.
        key = json.dumps([place.module, place.account, place.name]).encode()
        return self._directory / f"{sha256(key).hexdigest()}.json"

    def _unusable(self, what: str, error: OSError) -> CredentialsUnavailable:
        why = (error.strerror or str(error)).lower()
        msg = f"cannot {what} the list of what is in the keyring: {printable(str(self._directory))}: {why}"
        return CredentialsUnavailable(msg, hint="look at owner and mode of the directory")


def _read(file: Path) -> tuple[Place, float | None] | None:
    """Return what a file says; None for one that is gone, or none of ours."""
    try:
        told: Any = json.loads(read_bounded(file, _FILE_BYTES, follow_symlinks=False))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    found = cast("dict[str, Any]", told)
    names = [found.get(member) for member in ("module", "account", "name")]
    expires = found.get("expires")
    if not all(isinstance(name, str) for name in names) or not (expires is None or _is_time(expires)):
        return None
    return Place(*cast("list[str]", names)), expires


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
