"""Own the answers of the Hetzner Cloud API as its public description has them; know nothing of sockets, faults or others."""

from collections.abc import Callable
from typing import Any

from tests.clouds.exchange import Answer, Request, Unusable, field_of, number_of
from tests.clouds.world import Account, Machine, World

__all__ = ["answer", "refusal"]

_PER_PAGE = 25
_MAX_PER_PAGE = 50
_MAX_PAGE = 1_000_000
_LIMITS = {"RateLimit-Limit": "3600", "RateLimit-Remaining": "3456", "RateLimit-Reset": "1767323045"}
_STATES = ("initializing", "initializing", "starting", "running")  # the first is the answer to the creation itself
_CREATED = "2025-11-03T00:00:00+00:00"

_LOCATIONS = {
    "fsn1": (1, "Falkenstein DC Park 1", "DE", "Falkenstein", "eu-central"),
    "nbg1": (2, "Nuremberg DC Park 1", "DE", "Nuremberg", "eu-central"),
    "hel1": (3, "Helsinki DC Park 1", "FI", "Helsinki", "eu-central"),
    "ash": (4, "Ashburn, VA", "US", "Ashburn, VA", "us-east"),
}
_TYPES = {"cx22": (104, 2, 4.0, 40, "x86"), "cx32": (105, 4, 8.0, 80, "x86"), "cax11": (45, 2, 4.0, 40, "arm")}
_IMAGES = {"ubuntu-24.04": (161547269, "ubuntu", "24.04"), "debian-12": (114690387, "debian", "12")}
_WORDS = {
    401: ("unauthorized", "unable to authenticate"),
    403: ("forbidden", "insufficient permissions for this request"),
    404: ("not_found", "resource not found"),
    405: ("method_not_allowed", "method not allowed"),
    409: ("uniqueness_error", "server name is already used"),
    422: ("invalid_input", "invalid input"),
    429: ("rate_limit_exceeded", "limit of 3600 requests per hour reached"),
    500: ("service_error", "error within a service"),
}


def refusal(status: int, reason: str = "", fields: list[dict[str, Any]] | None = None) -> Answer:
    """Return an error as this service words it; `fields` are the members of the request that are to blame."""
    word, message = _WORDS.get(status, ("service_error", "error within a service"))
    details = {"fields": fields} if fields else {}
    return Answer(status, {"error": {"code": word, "message": reason or message, "details": details}}, _LIMITS)


def answer(world: World, request: Request) -> Answer:
    """Return what the service answers."""
    account = world.account_of("hetzner", request.token)
    if account is None:
        return refusal(401)
    try:
        return _routed(world, account, request)
    except Unusable as fault:
        why = f"invalid input in field '{fault.member}'"
        return refusal(422, why, [{"name": fault.member, "messages": [fault.reason]}])


def _routed(world: World, account: Account, request: Request) -> Answer:  # noqa: PLR0911 - a table of routes
    match request.method, request.path.strip("/").split("/"):
        case "GET", ["v1", "locations"]:
            return _page(request, "locations", _named(request, list(_LOCATIONS)), _location)
        case "GET", ["v1", "server_types"]:
            return _page(request, "server_types", _named(request, list(_TYPES)), _server_type)
        case "GET", ["v1", "images"]:
            return _page(request, "images", _named(request, list(_IMAGES)), _image)
        case "GET", ["v1", "servers"]:
            name = request.query.get("name")
            found = [machine for machine in account.machines.values() if name in (None, machine.name)]
            return _page(request, "servers", found, _server)
        case "POST", ["v1", "servers"]:
            return _create(world, account, request)
        case method, ["v1", "servers", number]:
            return _one(account, method, number)
        case _:
            return refusal(404)


def _named(request: Request, names: list[str]) -> list[str]:
    return [name for name in names if request.query.get("name") in (None, name)]


def _page(request: Request, word: str, items: list[Any], show: Callable[[Any], dict[str, Any]]) -> Answer:
    per_page = number_of(request.query, "per_page", _PER_PAGE, _MAX_PER_PAGE)
    page = number_of(request.query, "page", 1, _MAX_PAGE)
    last = max(1, -(-len(items) // per_page))
    pagination = {
        "page": page,
        "per_page": per_page,
        "previous_page": page - 1 if page > 1 else None,
        "next_page": page + 1 if page < last else None,
        "last_page": last,
        "total_entries": len(items),
    }
    shown = [show(item) for item in items[(page - 1) * per_page : page * per_page]]
    return Answer(200, {word: shown, "meta": {"pagination": pagination}}, _LIMITS)


def _create(world: World, account: Account, request: Request) -> Answer:
    name = field_of(request.body, "name", str)
    size, image = _known(request, "server_type", _TYPES), _known(request, "image", _IMAGES)
    location = _known(request, "location", _LOCATIONS) if request.body.get("location") else "fsn1"
    if any(machine.name == name for machine in account.machines.values()):
        return refusal(409)
    machine = world.make(account, name, location, size, image)
    started = {"server": _server(machine), "action": _action(machine, "create_server")}
    # The real service gives a password where no SSH key was named: a module has to keep it to itself or to leave it.
    return Answer(201, {**started, "next_actions": [_action(machine, "start_server")], "root_password": "YItygq1v3GYjjMomLaKc"})


def _known(request: Request, member: str, table: dict[str, Any]) -> str:
    """Return the name that a member means; it may be given by number too."""
    given = field_of(request.body, member, str, int)
    for name, (number, *_) in table.items():
        if given in (name, number, str(number)):
            return name
    raise Unusable(member, f"{member} {given!r} not found")


def _one(account: Account, method: str, number: str) -> Answer:
    machine = account.machines.get(int(number)) if number.isascii() and number.isdigit() else None
    if machine is None:
        return refusal(404, f"server with ID '{number}' not found")
    if method == "DELETE":
        del account.machines[machine.number]
        return Answer(200, {"action": _action(machine, "delete_server")}, _LIMITS)
    return Answer(200, {"server": _server(machine)}, _LIMITS) if method == "GET" else refusal(405)


def _action(machine: Machine, command: str) -> dict[str, Any]:
    return {
        "id": machine.number + len(command),
        "command": command,
        "status": "running",
        "progress": 0,
        "started": machine.created_at.isoformat(),
        "finished": None,
        "resources": [{"id": machine.number, "type": "server"}],
        "error": None,
    }


def _location(name: str) -> dict[str, Any]:
    number, description, country, city, zone = _LOCATIONS[name]
    place = {"country": country, "city": city, "latitude": 50.47612, "longitude": 12.370071, "network_zone": zone}
    return {"id": number, "name": name, "description": description, **place}


def _server_type(name: str) -> dict[str, Any]:
    number, cores, memory, disk, architecture = _TYPES[name]
    price = {"net": "3.2900000000", "gross": "3.9151000000000000"}
    return {
        "id": number,
        "name": name,
        "description": name.upper(),
        "cores": cores,
        "memory": memory,
        "disk": disk,
        "deprecated": False,
        "deprecation": None,
        "prices": [{"location": location, "price_hourly": price, "price_monthly": price} for location in _LOCATIONS],
        "storage_type": "local",
        "cpu_type": "shared",
        "architecture": architecture,
    }


def _image(name: str) -> dict[str, Any]:
    number, flavour, version = _IMAGES[name]
    return {
        "id": number,
        "type": "system",
        "status": "available",
        "name": name,
        "description": name.replace("-", " ").title(),
        "image_size": None,
        "disk_size": 5,
        "created": _CREATED,
        "created_from": None,
        "bound_to": None,
        "os_flavor": flavour,
        "os_version": version,
        "rapid_deploy": True,
        "protection": {"delete": False},
        "deprecated": None,
        "deleted": None,
        "labels": {},
        "architecture": "x86",
    }


def _server(machine: Machine) -> dict[str, Any]:
    location = _location(machine.region)
    blocked = {"id": machine.number, "blocked": False}
    return {
        "id": machine.number,
        "name": machine.name,
        "status": machine.seen(_STATES),
        "created": machine.created_at.isoformat(),
        "public_net": {
            "ipv4": {**blocked, "ip": machine.public_ipv4, "dns_ptr": f"server{machine.number}.example.com"},
            "ipv6": {**blocked, "ip": "2001:db8::/64", "dns_ptr": []},
            "floating_ips": [],
            "firewalls": [],
        },
        "private_net": [],
        "server_type": _server_type(machine.size),
        "datacenter": {
            "id": location["id"],
            "name": f"{machine.region}-dc1",
            "description": location["description"],
            "location": location,
            "server_types": {word: list[int]() for word in ("available", "available_for_migration", "supported")},
        },
        "location": location,
        "image": _image(machine.image),
        "iso": None,
        "rescue_enabled": False,
        "locked": False,
        "backup_window": None,
        "outgoing_traffic": 0,
        "ingoing_traffic": 0,
        "included_traffic": 21990232555520,
        "protection": {"delete": False, "rebuild": False},
        "labels": {},
        "volumes": [],
        "load_balancers": [],
        "primary_disk_size": 40,
        "placement_group": None,
    }
