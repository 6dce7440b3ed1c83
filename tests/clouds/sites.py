"""Own how a request finds its way, to a service through the faults and the journal, or to the control; know no sockets."""

import threading
from dataclasses import replace
from types import ModuleType
from typing import Any

from tests.clouds import digitalocean, hetzner, vultr
from tests.clouds.exchange import Answer, Request, Unusable
from tests.clouds.faults import Fault, Faults
from tests.clouds.journal import Entry, Journal
from tests.clouds.world import SERVICES, World

__all__ = ["Control", "Played"]

_PLAYERS: dict[str, ModuleType] = {"digitalocean": digitalocean, "hetzner": hetzner, "vultr": vultr}

# A test that waits longer for a request has lost it; its own bound is 5 s.
_MAX_WAIT_SECONDS = 10.0


class Control:
    """What tests say to the stand-in, under /_control/ on a port of its own."""

    def __init__(self) -> None:
        self.world = World()
        self.faults = Faults()
        self.journal = Journal()
        self.link_bases: dict[str, str] = {}

    def ended(self, how: str) -> None:
        """Keep no account of the control itself."""

    def answer(self, request: Request) -> tuple[Answer, Fault]:
        """Do what is asked."""
        try:
            return self._routed(request), Fault()
        except (Unusable, KeyError, TypeError, AttributeError) as fault:
            return Answer(400, {"error": f"{type(fault).__name__}: {fault}"}), Fault()

    def _routed(self, request: Request) -> Answer:  # noqa: PLR0911 - a table of routes
        match request.method, request.path.removeprefix("/_control/"), request.body:
            case "GET", "requests", _:
                return Answer(200, self._requests(request.query))
            case "GET", "servers", _:
                with self.world.lock:
                    return Answer(200, self.world.names())
            case "POST", "accounts", {"service": str(service), "account": str(account), "token": str(token)}:
                _check(service)
                with self.world.lock:
                    self.world.admit(service, account, token)
                return Answer(200, {})
            case "POST", "servers", {"service": str(service), "account": str(account), "count": int(count)}:
                return self._plant(service, account, count, request.body)
            case "POST", "faults", {"service": str(service)}:
                _check(service)
                with self.world.lock:
                    self.faults.add(request.body)
                return Answer(200, {})
            case "POST", "settings", {"service": str(service), "link_base": str(base)}:
                _check(service)
                self.link_bases[service] = base.rstrip("/")
                return Answer(200, {})
            case "POST", "reset", _:
                return self._reset()
            case _:
                return Answer(404, {"error": "no such control"})

    def _requests(self, query: Any) -> list[dict[str, Any]]:
        service, match, ended = query.get("service", "*"), query.get("match", "*"), query.get("ended", "*")
        seconds = min(float(query.get("seconds", _MAX_WAIT_SECONDS)), _MAX_WAIT_SECONDS)
        return self.journal.wait(service, match, ended, int(query.get("at_least", 0)), seconds)

    def _plant(self, service: str, name: str, count: int, body: dict[str, Any]) -> Answer:
        _check(service)
        with self.world.lock:
            account = self.world.account(service, name)
            if account is None:
                raise Unusable("account", "is not known: add it first")
            stem, looks = body.get("name", "server"), body.get("looks", 100)
            region, size, image = PLANTED[service]
            begin = len(account.machines)
            for number in range(begin, begin + count):
                machine = self.world.make(account, f"{stem}-{number}", body.get("region", region), size, image)
                machine.looks = looks
        return Answer(200, {"servers": len(account.machines)})

    def _reset(self) -> Answer:
        with self.world.lock:
            self.world.clear()
            self.faults.clear()
            self.link_bases.clear()
        self.journal.clear()
        return Answer(200, {})


# Region, size and image of a planted server.
PLANTED = {
    "digitalocean": ("ams3", "s-1vcpu-1gb", "ubuntu-24-04-x64"),
    "hetzner": ("fsn1", "cx22", "ubuntu-24.04"),
    "vultr": ("ams", "vc2-1c-1gb", "2284"),
}


def _check(service: str) -> None:
    if service not in SERVICES:
        raise Unusable("service", f"is one of {', '.join(SERVICES)}")


class Played:
    """One service, on a port of its own."""

    def __init__(self, service: str, control: Control) -> None:
        self._service = service
        self._control = control
        self._player = _PLAYERS[service]
        self._entry = threading.local()  # each request is worked on by one thread

    def ended(self, how: str) -> None:
        """Write down how the request of this thread ended."""
        self._control.journal.end(self._entry.now, how)

    def answer(self, request: Request) -> tuple[Answer, Fault]:
        """Return the answer of the service, or what a fault makes of it."""
        control = self._control
        with control.world.lock:
            account = control.world.account_of(self._service, request.token)
            name = account.name if account else None
            line = f"{request.method} {request.path}"
            fault = control.faults.next_for(self._service, name, line)
            entry = Entry(self._service, name, request.method, request.path, dict(request.query))
            # Written down when it is acted on, so that who has seen it may count what was made.
            if fault.cut == "before" or (fault.status is not None and not fault.acts):
                answer = Answer(500)
            else:
                request = replace(request, base=control.link_bases.get(self._service, request.base))
                answer = self._player.answer(control.world, request)
                entry.acted = True
        self._entry.now = control.journal.begin(entry)
        if fault.status is not None:
            answer = self._player.refusal(fault.status, fault.message)
        if fault.json is not None:
            answer = replace(answer, status=fault.status or 200, body=fault.json)
        return answer, fault
