"""Own the system's keyring: one call of its library at a time, in a thread, within a deadline; know no account and no module.

The library is imported when a person has chosen the keyring, and not before: it looks for back ends on the whole machine.
"""

import os
import threading
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

import anyio

from hub.errors import CredentialsUnavailable

__all__ = ["Keyring", "KeyringBackend", "system_keyring"]

# A locked keyring asks the person to open it; one on D-Bus that never answers must not hold a call for ever.
_ANSWER_SECONDS: Final = 20.0
# What the library itself calls a back end that is fit for secrets; below are those that fail, forget, or write plain text.
_FIT_PRIORITY: Final = 1.0

_HINTS: Final = {
    "NoKeyringError": ("there is none here", "keep credentials for the session: leave out --keep keyring, and use `hub up`"),
    "KeyringLocked": ("it is locked", "unlock it, then try again"),
    "InitError": ("it cannot be opened", "unlock it, then try again"),
}


class KeyringBackend(Protocol):
    """What the hub uses of a back end of the library `keyring`. All of it may block, and raise what it likes."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return what stands there."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Remove; raises when there is nothing."""
        ...


def system_keyring() -> KeyringBackend:
    """Return the back end that the library chose for this machine; blocks.

    Raises:
        keyring.errors.NoKeyringError: there is none that is fit for secrets.
    """
    import keyring
    from keyring.errors import NoKeyringError

    backend = keyring.get_keyring()
    if backend.priority < _FIT_PRIORITY:
        raise NoKeyringError
    return cast("KeyringBackend", backend)


class Keyring:
    """The keyring of this person. `open_backend` is called at the first use, in the thread."""

    def __init__(
        self, open_backend: Callable[[], KeyringBackend] = system_keyring, *, answer_seconds: float = _ANSWER_SECONDS
    ) -> None:
        self._open = open_backend
        self._answer_seconds = answer_seconds
        self._backend: KeyringBackend | None = None
        self._turn = anyio.Lock()
        self._thread: threading.Thread | None = None

    async def get(self, service: str, name: str) -> str | None:
        """Return what stands under a name of a service, or None.

        Raises:
            CredentialsUnavailable: it cannot be read.
        """
        return await self._do("read", lambda backend: backend.get_password(service, name))

    async def set(self, service: str, name: str, text: str) -> None:
        """Write.

        Raises:
            CredentialsUnavailable: it cannot be written.
        """
        await self._do("write to", lambda backend: backend.set_password(service, name, text))

    async def delete(self, service: str, name: str) -> None:
        """Remove; that there was nothing is as good.

        Raises:
            CredentialsUnavailable: it cannot be written.
        """

        def remove(backend: KeyringBackend) -> None:
            # Each back end has its own word for "not there", and some the same one for "cannot": hence it is looked at first.
            if backend.get_password(service, name) is not None:
                backend.delete_password(service, name)

        await self._do("write to", remove)

    async def _do(self, what: str, work: Callable[[KeyringBackend], Any]) -> Any:
        with anyio.move_on_after(self._answer_seconds):
            async with self._turn:
                if self._thread is not None and self._thread.is_alive():
                    raise _unavailable(what, "it has not answered yet what was asked before")
                return await self._in_thread(what, work)
        raise _unavailable(what, f"it did not answer within {self._answer_seconds:g} s")

    async def _in_thread(self, what: str, work: Callable[[KeyringBackend], Any]) -> Any:
        result: list[Any] = []
        failed: list[Exception] = []
        # A pipe, and no call into the event loop: that would wait for its turn, and for ever where the loop is just closing.
        answered, answer = os.pipe()

        def run() -> None:
            try:
                self._backend = self._backend or self._open()
                result.append(work(self._backend))
            except Exception as error:  # noqa: BLE001 - back ends raise whatever the machine below them raises
                failed.append(error)
            finally:
                os.close(answer)

        # A thread of its own, and a daemon: one that hangs must keep neither others waiting nor the program from ending.
        self._thread = threading.Thread(target=run, name="hub keyring", daemon=True)
        try:
            self._thread.start()
            await anyio.wait_readable(answered)
        finally:
            os.close(answered)
        self._thread = None
        if failed:
            # Not the text of the exception: nobody knows what is in it.
            why, hint = _HINTS.get(
                type(failed[0]).__name__, (f"it failed ({type(failed[0]).__name__})", _HINTS["InitError"][1])
            )
            raise _unavailable(what, why, hint)
        return result[0]


def _unavailable(what: str, why: str, hint: str | None = None) -> CredentialsUnavailable:
    return CredentialsUnavailable(
        f"cannot {what} the system's keyring: {why}", hint=hint or "see that the keyring's service runs, then try again"
    )
