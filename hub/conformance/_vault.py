"""Own the credentials that the runner keeps for a module, by account; know no requests and no checks.

Where secrets are planted, what was never put is found too: a word of the account's own, to be looked for on every stream.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from hub_protocol.limits import CREDENTIAL_VALUE_BYTES, CREDENTIALS_PER_ACCOUNT

__all__ = ["DEFAULT_ACCOUNT", "Vault", "planted"]

# HUB-CRED-1: of a call whose context names none.
DEFAULT_ACCOUNT: Final = "default"


def planted(account: str) -> str:
    """Return the secret that is found for an account where secrets are planted."""
    return f"planted-{account}-6c1f0b97e2d4"


@dataclass
class Vault:
    """What was put, by account and name. `plants` is whether a secret is found where none was put."""

    plants: bool = False
    kept: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def get(self, account: str, name: str) -> dict[str, Any]:
        """Return the result of hub.credentials.get."""
        mine = self.kept.get(account, {})
        if name in mine:
            return {"found": True, "value": mine[name]}
        return {"found": True, "value": planted(account)} if self.plants else {"found": False}

    def put(self, account: str, name: str, value: object) -> dict[str, Any] | None:
        """Keep a value; return the result of hub.credentials.put, or None where that is too much (HUB-CRED-2)."""
        mine = self.kept.setdefault(account, {})
        too_many = name not in mine and len(mine) >= CREDENTIALS_PER_ACCOUNT
        if too_many or len(json.dumps(value).encode()) > CREDENTIAL_VALUE_BYTES:
            return None
        mine[name] = value
        return {"kept": "session"}

    def delete(self, account: str, name: str) -> dict[str, Any]:
        """Return the result of hub.credentials.delete."""
        return {"deleted": self.kept.get(account, {}).pop(name, self) is not self}
