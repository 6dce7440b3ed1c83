"""Own what a played service holds: its accounts and their servers; know nothing of how a service shows them."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

__all__ = ["SERVICES", "Account", "Machine", "World"]

SERVICES = ("digitalocean", "hetzner", "vultr")

# Made at these times, one second after the other, so that two runs answer alike.
_EPOCH = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_FIRST_NUMBER = 300_000_001
_OCTET = 256


@dataclass(slots=True)
class Machine:
    """A server: `looks` counts how often somebody saw it, which is the only clock it has."""

    number: int
    name: str
    region: str
    size: str
    image: str
    looks: int = 0
    tags: list[str] = field(default_factory=list[str])

    @property
    def created_at(self) -> datetime:
        """When it was made."""
        return _EPOCH + timedelta(seconds=self.number - _FIRST_NUMBER)

    @property
    def public_ipv4(self) -> str:
        """An address for documentation and benchmarks (RFC 2544), its own among the first 131 072."""
        offset = self.number - _FIRST_NUMBER
        return f"198.{18 + offset // _OCTET // _OCTET % 2}.{offset // _OCTET % _OCTET}.{offset % _OCTET}"

    def seen(self, states: tuple[str, ...]) -> str:
        """Return the state to show now, and be one state further at the next look."""
        state = states[min(self.looks, len(states) - 1)]
        self.looks += 1
        return state


@dataclass(slots=True)
class Account:
    """A customer of one service."""

    name: str
    machines: dict[int, Machine] = field(default_factory=dict[int, Machine])


class World:
    """All accounts of all services; one lock for everything, held while an answer is made."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Be as at the start: nobody and nothing."""
        self._by_token: dict[tuple[str, str], Account] = {}
        self._made = 0

    def admit(self, service: str, name: str, token: str) -> None:
        """Let `token` stand for the account `name`, which is made when it is new; a token may be replaced so."""
        account = self.account(service, name) or Account(name)
        self._by_token = {key: held for key, held in self._by_token.items() if key[0] != service or held is not account}
        self._by_token[service, token] = account

    def account(self, service: str, name: str) -> Account | None:
        """Return the account of that name."""
        held = (account for (where, _), account in self._by_token.items() if where == service and account.name == name)
        return next(held, None)

    def account_of(self, service: str, token: str) -> Account | None:
        """Return the account that `token` stands for."""
        return self._by_token.get((service, token))

    def make(self, account: Account, name: str, region: str, size: str, image: str) -> Machine:
        """Add a server."""
        machine = Machine(_FIRST_NUMBER + self._made, name, region, size, image)
        self._made += 1
        account.machines[machine.number] = machine
        return machine

    def names(self) -> dict[str, dict[str, list[str]]]:
        """Return the names of all servers by service and account."""
        found: dict[str, dict[str, list[str]]] = {service: {} for service in SERVICES}
        for (service, _), account in self._by_token.items():
            found[service][account.name] = [machine.name for machine in account.machines.values()]
        return found
