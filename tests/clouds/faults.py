"""Own which requests are to fail, and how; know nothing of sockets or of what a service would have answered."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from tests.clouds.exchange import Unusable

__all__ = ["Fault", "Faults"]

_CUTS = ("before", "headers", "body")


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request.

    `status` answers an error in the service's words; the service has then not acted, unless `acts`. `json` and `text` are sent
    in place of the answer. `slow_seconds` passes between acting and answering. `cut` closes the connection: before the service
    acts, or after it, within the headers or within the body. `pad_bytes` makes the answer that much longer.
    """

    status: int | None = None
    message: str = ""
    retry_after: str | None = None
    acts: bool = False
    json: Any = None
    text: str | None = None
    slow_seconds: float = 0
    cut: Literal["before", "headers", "body"] | None = None
    pad_bytes: int = 0

    @classmethod
    def read(cls, members: dict[str, Any]) -> "Fault":
        """Return the fault that JSON describes.

        Raises:
            Unusable: a member is unknown.
        """
        unknown = sorted(members.keys() - set(cls.__slots__))
        if unknown or not members:
            raise Unusable("fault", f"takes {', '.join(cls.__slots__)}, not {', '.join(unknown) or 'nothing'}")
        if members.get("cut") not in (None, *_CUTS):
            raise Unusable("cut", f"is one of {', '.join(_CUTS)}")
        if members.get("retry_after") is not None:
            members = {**members, "retry_after": str(members["retry_after"])}
        return cls(**members)


@dataclass(slots=True)
class _Rule:
    service: str
    match: str
    account: str | None
    skip: int
    times: int
    fault: Fault


class Faults:
    """The faults to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def clear(self) -> None:
        """Let everything go well from now on."""
        self._rules = []

    def add(self, order: dict[str, Any]) -> None:
        """Take an order: `service`, `match` ("GET /v2/droplets", with * and ?), `times`, `skip`, `account`, `fault`.

        The first `skip` requests that match are spared. Raises Unusable as Fault.read does.
        """
        fault = Fault.read(order.get("fault") or {})
        times, skip = order.get("times", 1), order.get("skip", 0)
        self._rules.append(_Rule(order["service"], order.get("match", "*"), order.get("account"), skip, times, fault))

    def next_for(self, service: str, account: str | None, line: str) -> Fault:
        """Return what is to go wrong with the request `line`; the empty fault where nothing is."""
        for rule in self._rules:
            if rule.service != service or rule.times == 0 or not fnmatchcase(line, rule.match):
                continue
            if rule.account not in (None, account):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            rule.times -= 1
            return rule.fault
        return Fault()
