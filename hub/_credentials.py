"""Own what modules keep secret, each its own and for one account: limits, expiry, where it is kept; know no wire and no person.

In memory until the hub ends, or in the system's keyring (HUB-CRED-4). Nothing of a value is ever written anywhere else.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from hub._keyring import Keyring
from hub._keyring_index import KeyringIndex, Place
from hub._secrets import Secrets
from hub.errors import BadSettings, StoreFull
from hub_protocol.limits import CREDENTIAL_VALUE_BYTES, CREDENTIALS_PER_ACCOUNT

__all__ = ["DEFAULT_ACCOUNT", "KEEPS", "Credentials", "Keep", "KeptCredential", "check_account", "check_keep"]

Keep = Literal["session", "keyring"]
KEEPS: Final[tuple[Keep, ...]] = ("session", "keyring")

# HUB-CRED-1: whose a call is that names no profile.
DEFAULT_ACCOUNT: Final = "default"
_ACCOUNT_CHARACTERS: Final = 64  # as many as the name of a module has: it becomes a name in keyrings, too
_IN_ACCOUNTS: Final = re.compile(r"[A-Za-z0-9_.@-]")
_ACCOUNT: Final = re.compile(rf"[A-Za-z0-9]{_IN_ACCOUNTS.pattern}{{0,{_ACCOUNT_CHARACTERS - 1}}}")
# Sixteen full accounts of one module: 64 MiB at most in memory, as much as its store.
_PER_MODULE: Final = 16 * CREDENTIALS_PER_ACCOUNT


@dataclass(frozen=True, slots=True)
class KeptCredential:
    """One credential as a person may see it: everything but its value. `expires` is in seconds since 1970."""

    module: str
    account: str
    name: str
    kept: Keep
    expires: float | None

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        shown = {"module": self.module, "account": self.account, "name": self.name, "kept": self.kept}
        return {**shown, "expires": self.expires}


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    expires: float | None


class Credentials:
    """What all modules of one hub keep secret.

    Args:
        keyring, index: the system's keyring, and the list of what the hub put there.
        secrets: is told every value that comes in or goes out.
        keep: where new ones are kept when the call says nothing.
        now: seconds since 1970. Not a monotonic clock: what expires does so at the service, also while this machine sleeps.
    """

    def __init__(
        self,
        keyring: Keyring,
        index: KeyringIndex,
        secrets: Secrets,
        *,
        keep: Keep = "session",
        now: Callable[[], float] = time.time,
    ) -> None:
        self.keep: Keep = keep
        self._keyring = keyring
        self._index = index
        self._secrets = secrets
        self._now = now
        self._session: dict[Place, _Value] = {}

    # For modules

    async def get(self, place: Place) -> tuple[bool, Any]:
        """Return whether there is a value, and the value.

        Raises:
            CredentialsUnavailable: it is in the keyring, which cannot be read (HUB-CRED-4).
        """
        if await self._drop_expired(place):
            return False, None
        found = self._session.get(place)
        text = found.text if found is not None else await self._from_keyring(place)
        if text is None:
            return False, None
        value = json.loads(text)
        self._secrets.learn(place.module, value)
        return True, value

    async def put(self, place: Place, value: object, ttl_seconds: float | None = None, keep: Keep | None = None) -> Keep:
        """Keep a JSON value, and return where: as `keep` says, else where it is already, else as the hub was told.

        Raises:
            StoreFull: the value, or what the account holds, is too large (HUB-CRED-2).
            CredentialsUnavailable: the keyring cannot be used (HUB-CRED-4).
        """
        # Before anything can fail: what was said here is a secret from now on.
        self._secrets.learn(place.module, value)
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        if len(text.encode()) > CREDENTIAL_VALUE_BYTES:
            msg = f"cannot keep this for {place.module}: the value is larger than {CREDENTIAL_VALUE_BYTES} bytes"
            raise StoreFull(msg, hint="a credential is a token or a key; keep data in the module's data_directory")
        self._must_have_room(place)
        expires = None if ttl_seconds is None else self._now() + ttl_seconds
        kept = keep or ("keyring" if place in self._index.places() else self.keep)
        if kept == "session":
            await self._remove_from_keyring(place)
            self._session[place] = _Value(text, expires)
            return kept
        # In the list first: what is in the keyring and in no list would never be found again.
        is_new = place not in self._index.places()
        self._index.add(place, expires)
        try:
            await self._keyring.set(_service(place), place.name, text)
        except BaseException:
            if is_new:
                self._index.remove(place)
            raise
        self._session.pop(place, None)
        return kept

    async def delete(self, place: Place) -> bool:
        """Forget one, wherever it is kept; return whether there was one.

        Raises:
            CredentialsUnavailable: it is in the keyring, which cannot be used.
        """
        was_there = place in self._live()
        await self._remove(place)
        return was_there

    # For the person

    def listed(self) -> list[KeptCredential]:
        """Return what is kept, without values, in order.

        Raises:
            CredentialsUnavailable: the list of what is in the keyring cannot be read.
        """
        return [
            KeptCredential(place.module, place.account, place.name, kept, expires)
            for place, (kept, expires) in sorted(self._live().items())
        ]

    def accounts_of(self, module: str) -> tuple[str, ...]:
        """Return the accounts that a module keeps something for; where there is none, the default one.

        Raises:
            CredentialsUnavailable: the list of what is in the keyring cannot be read.
        """
        return tuple(sorted({place.account for place in self._live() if place.module == module})) or (DEFAULT_ACCOUNT,)

    async def forget(self, module: str, account: str | None = None) -> int:
        """Forget all of a module, or of one account of it; return how many there were.

        Raises:
            CredentialsUnavailable: some are in the keyring, which cannot be used; the others are gone.
        """
        live = self._live()
        everywhere = {*self._session, *self._index.places()}  # what has expired, too
        mine = [place for place in everywhere if place.module == module and account in (None, place.account)]
        for place in sorted(mine, key=lambda place: place not in self._session):
            await self._remove(place)
        return sum(place in live for place in mine)

    # Where it is

    def _live(self) -> dict[Place, tuple[Keep, float | None]]:
        now = self._now()
        found: dict[Place, tuple[Keep, float | None]] = {
            place: ("keyring", expires) for place, expires in self._index.places().items()
        }
        found |= {place: ("session", value.expires) for place, value in self._session.items()}
        return {place: told for place, told in found.items() if told[1] is None or told[1] > now}

    def _must_have_room(self, place: Place) -> None:
        others = [other for other in self._live() if other != place and other.module == place.module]
        account = sum(other.account == place.account for other in others)
        if account >= CREDENTIALS_PER_ACCOUNT or len(others) >= _PER_MODULE:
            whose = f"the account {place.account}" if account >= CREDENTIALS_PER_ACCOUNT else "all accounts"
            raise StoreFull(
                f"cannot keep more for {place.module}: {whose} of it has {account or len(others)} credentials already",
                hint=f"`hub credentials list` shows them, `hub credentials forget {place.module}` removes them",
            )

    async def _drop_expired(self, place: Place) -> bool:
        kept = place in self._session or place in self._index.places()
        if not kept or place in self._live():
            return False
        await self._remove(place)
        return True

    async def _from_keyring(self, place: Place) -> str | None:
        if place not in self._index.places():
            return None  # the keyring is not even asked: that may open a window before the person
        text = await self._keyring.get(_service(place), place.name)
        if text is None:  # the person has removed it there
            self._index.remove(place)
        return text

    async def _remove(self, place: Place) -> None:
        self._session.pop(place, None)
        await self._remove_from_keyring(place)

    async def _remove_from_keyring(self, place: Place) -> None:
        if place in self._index.places():
            await self._keyring.delete(_service(place), place.name)
            self._index.remove(place)


def _service(place: Place) -> str:
    # Neither the name of a module nor that of an account has a slash.
    return f"hub/{place.module}/{place.account}"


def check_account(account: str) -> str:
    """Return the name of an account if it is one: a letter or digit, then up to 63 of letters, digits and `_ . @ -`.

    Raises:
        BadSettings: it is none.
    """
    if _ACCOUNT.fullmatch(account) is None:
        raise BadSettings(
            f"cannot use the account {account!r:.80}: {_why_no_account(account)}",
            hint=f"an account has a name of at most {_ACCOUNT_CHARACTERS} letters, digits and _ . @ -",
        )
    return account


def _why_no_account(account: str) -> str:
    if len(account) > _ACCOUNT_CHARACTERS:
        return f"it has {len(account)} characters, more than {_ACCOUNT_CHARACTERS}"
    if _ACCOUNT.match(account) is None:
        return "it must begin with a letter or digit"
    strange = next(character for character in account if _IN_ACCOUNTS.match(character) is None)
    return f"it must not hold {strange!r}"


def check_keep(keep: str) -> Keep:
    """Return where credentials are to be kept, if it is a place.

    Raises:
        BadSettings: it is none.
    """
    for known in KEEPS:
        if keep == known:
            return known
    raise BadSettings(f"cannot keep credentials in {keep!r:.80}: there is no such place", hint="it is session or keyring")
