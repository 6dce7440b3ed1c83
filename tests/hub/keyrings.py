"""Own keyrings for tests: one in memory, one that fails, one that hangs until the test ends; know nothing of the hub."""

import threading

from keyring.errors import KeyringLocked, PasswordDeleteError

__all__ = ["HangingKeyring", "LockedKeyring", "MemoryKeyring"]


class MemoryKeyring:
    """A keyring that a test can look into."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        """Return what stands there."""
        self.asked += 1
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write."""
        self.asked += 1
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Remove."""
        self.asked += 1
        if (service, username) not in self.entries:
            raise PasswordDeleteError("not found")
        del self.entries[service, username]


class LockedKeyring(MemoryKeyring):
    """A keyring that nobody unlocks."""

    def get_password(self, service: str, username: str) -> str | None:
        """Refuse."""
        raise KeyringLocked(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Refuse, and say too much."""
        raise KeyringLocked(password)


class HangingKeyring(MemoryKeyring):
    """A keyring that answers when it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        """Wait."""
        self.release.wait()
        return super().get_password(service, username)
