"""Own the answers of the Vultr API as its public description has them; know nothing of sockets, faults or others."""

import base64
import binascii
from collections.abc import Callable
from typing import Any
from uuid import UUID

from tests.clouds.exchange import Answer, Request, Unusable, field_of, number_of
from tests.clouds.world import Account, Machine, World

__all__ = ["answer", "refusal"]

_PER_PAGE = 100
_MAX_PER_PAGE = 500
# Status, power and what the machine does, one look after the other; the first is the answer to the creation itself.
_STATES = ("pending stopped none", "pending stopped none", "active running installingbooting", "active running ok")

_REGIONS = {
    "ams": ("Amsterdam", "NL", "Europe"),
    "ewr": ("New Jersey", "US", "North America"),
    "fra": ("Frankfurt", "DE", "Europe"),
    "sgp": ("Singapore", "SG", "Asia"),
}
_PLANS = {"vc2-1c-1gb": (1, 1024, 25, 5), "vc2-2c-4gb": (2, 4096, 80, 20), "vhf-1c-1gb": (1, 1024, 32, 6)}
_SYSTEMS = {"2284": ("Ubuntu 24.04 LTS x64", "ubuntu"), "2136": ("Debian 12 x64 (bookworm)", "debian")}
_WORDS = {
    400: "Invalid request.",
    401: "Invalid API token.",
    403: "Unauthorized IP address.",
    404: "Not found.",
    405: "Method not allowed.",
    422: "Unprocessable request.",
    429: "Rate limit exceeded, please try again later.",
    500: "Internal server error.",
}


def refusal(status: int, reason: str = "") -> Answer:
    """Return an error as this service words it."""
    return Answer(status, {"error": reason or _WORDS.get(status, _WORDS[500]), "status": status})


def answer(world: World, request: Request) -> Answer:
    """Return what the service answers; what can be bought is shown to everybody."""
    account = world.account_of("vultr", request.token)
    try:
        shown = _for_everybody(request) if account is None else None
        if account is None:
            return shown or refusal(401)
        return _routed(world, account, request)
    except Unusable as fault:
        return refusal(400, str(fault))


def _for_everybody(request: Request) -> Answer | None:
    match request.method, request.path.strip("/").split("/"):
        case "GET", ["v2", "regions"]:
            return _page(request, "regions", list(_REGIONS), _region)
        case "GET", ["v2", "plans"]:
            return _page(request, "plans", list(_PLANS), _plan)
        case "GET", ["v2", "os"]:
            return _page(request, "os", list(_SYSTEMS), _system)
        case _:
            return None


def _routed(world: World, account: Account, request: Request) -> Answer:
    match request.method, request.path.strip("/").split("/"):
        case "GET", ["v2", "account"]:
            return Answer(200, {"account": _account(account)})
        case "GET", ["v2", "instances"]:
            region = request.query.get("region")
            found = [machine for machine in account.machines.values() if region in (None, machine.region)]
            return _page(request, "instances", found, _instance)
        case "POST", ["v2", "instances"]:
            return _create(world, account, request)
        case method, ["v2", "instances", identifier]:
            return _one(account, method, identifier)
        case _:
            return _for_everybody(request) or refusal(404)


def _page(request: Request, word: str, items: list[Any], show: Callable[[Any], dict[str, Any]]) -> Answer:
    per_page = number_of(request.query, "per_page", _PER_PAGE, _MAX_PER_PAGE)
    first = _place_of(request.query.get("cursor", ""))
    links = {
        "next": _cursor(first + per_page) if first + per_page < len(items) else "",
        "prev": _cursor(max(0, first - per_page)) if first else "",
    }
    shown = [show(item) for item in items[first : first + per_page]]
    return Answer(200, {word: shown, "meta": {"total": len(items), "links": links}})


def _cursor(place: int) -> str:
    return base64.b64encode(f"next__{place}".encode()).decode()


def _place_of(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, place = base64.b64decode(cursor, validate=True).decode().partition("__")
        assert word == "next"
        return int(place)
    except (AssertionError, ValueError, binascii.Error):
        raise Unusable("cursor", "is none of ours") from None


def _create(world: World, account: Account, request: Request) -> Answer:
    region, plan = field_of(request.body, "region", str), field_of(request.body, "plan", str)
    system = str(field_of(request.body, "os_id", int))
    label = request.body.get("label") or request.body.get("hostname") or "Cloud Instance"
    for word, value, table in (("region", region, _REGIONS), ("plan", plan, _PLANS), ("os_id", system, _SYSTEMS)):
        if value not in table:
            return refusal(400, f"Invalid {word}.")
    machine = world.make(account, label, region, plan, system)
    # Only the answer to the creation has it: a module has to keep it to itself or to leave it.
    return Answer(202, {"instance": {**_instance(machine), "default_password": "v5{Fkvb#2ycPGwHs"}})


def _one(account: Account, method: str, identifier: str) -> Answer:
    machine = next((machine for machine in account.machines.values() if _identifier(machine) == identifier), None)
    if machine is None:
        return refusal(404, "Instance not found.")
    if method == "DELETE":
        del account.machines[machine.number]
        return Answer(204)
    return Answer(200, {"instance": _instance(machine)}) if method == "GET" else refusal(405)


def _identifier(machine: Machine) -> str:
    return str(UUID(int=(0x4F0F12E51F844F2585B5 << 48) + machine.number))


def _account(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "email": f"{account.name}@example.com",
        "acls": ["subscriptions_view", "subscriptions", "provisioning"],
        "balance": -100.55,
        "pending_charges": 60.25,
        "last_payment_date": "2025-11-03T01:59:46+00:00",
        "last_payment_amount": -1.25,
    }


def _region(name: str) -> dict[str, Any]:
    city, country, continent = _REGIONS[name]
    return {"id": name, "city": city, "country": country, "continent": continent, "options": ["ddos_protection", "kubernetes"]}


def _plan(name: str) -> dict[str, Any]:
    cores, memory, disk, price = _PLANS[name]
    place = {"locations": list(_REGIONS), "type": name.partition("-")[0], "disk_count": 1}
    return {"id": name, "vcpu_count": cores, "ram": memory, "disk": disk, "bandwidth": 1024, "monthly_cost": price, **place}


def _system(number: str) -> dict[str, Any]:
    name, family = _SYSTEMS[number]
    return {"id": int(number), "name": name, "arch": "x64", "family": family}


def _instance(machine: Machine) -> dict[str, Any]:
    status, power, activity = machine.seen(_STATES).split()
    cores, memory, disk, _ = _PLANS[machine.size]
    begun = status == "active"
    return {
        "id": _identifier(machine),
        "os": _SYSTEMS[machine.image][0],
        "ram": memory,
        "disk": disk,
        "main_ip": machine.public_ipv4 if begun else "0.0.0.0",  # noqa: S104 - what the service says before there is one
        "vcpu_count": cores,
        "region": machine.region,
        "plan": machine.size,
        "date_created": machine.created_at.isoformat(),
        "status": status,
        "allowed_bandwidth": 1000,
        "netmask_v4": "255.254.0.0" if begun else "",
        "gateway_v4": "198.18.0.1" if begun else "0.0.0.0",  # noqa: S104 - as above
        "power_status": power,
        "server_status": activity,
        "v6_network": "",
        "v6_main_ip": "",
        "v6_network_size": 0,
        "label": machine.name,
        "internal_ip": "",
        "kvm": "",
        "hostname": machine.name,
        "tag": "",
        "tags": machine.tags,
        "os_id": int(machine.image),
        "app_id": 0,
        "image_id": "",
        "firewall_group_id": "",
        "features": [],
        "user_scheme": "root",
    }
