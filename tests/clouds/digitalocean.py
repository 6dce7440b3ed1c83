"""Own the answers of the DigitalOcean API as its public description has them; know nothing of sockets, faults or others."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_DNS, uuid5

from tests.clouds.exchange import Answer, Request, Unusable, field_of, number_of
from tests.clouds.world import Account, Machine, World

__all__ = ["answer", "refusal"]

_PER_PAGE = 20
_MAX_PER_PAGE = 200
_MAX_PAGE = 1_000_000
_LIMITS = {"ratelimit-limit": "5000", "ratelimit-remaining": "4816", "ratelimit-reset": "1767323045"}
_STATES = ("new", "new", "active")  # the first is the answer to the creation itself
_CREATED = "2025-11-03T00:00:00Z"

_REGIONS = {
    "ams3": ("Amsterdam 3", True),
    "fra1": ("Frankfurt 1", True),
    "nyc2": ("New York 2", False),
    "nyc3": ("New York 3", True),
    "sgp1": ("Singapore 1", True),
}
_SIZES = {"s-1vcpu-1gb": (1024, 1, 25, 6.0), "s-2vcpu-4gb": (4096, 2, 80, 24.0), "s-4vcpu-8gb": (8192, 4, 160, 48.0)}
_IMAGES = {
    "ubuntu-24-04-x64": (155133621, "Ubuntu", "24.04 (LTS) x64"),
    "debian-12-x64": (139080557, "Debian", "12 x64"),
    "fedora-42-x64": (184190018, "Fedora", "42 x64"),
}
_WORDS = {
    401: ("unauthorized", "Unable to authenticate you"),
    403: ("forbidden", "You are not authorized to perform this operation"),
    404: ("not_found", "The resource you requested could not be found."),
    405: ("method_not_allowed", "The method is not allowed for this resource."),
    422: ("unprocessable_entity", "The request cannot be carried out."),
    429: ("too_many_requests", "API Rate limit exceeded."),
    500: ("server_error", "Unexpected server-side error"),
}


def refusal(status: int, reason: str = "") -> Answer:
    """Return an error as this service words it."""
    word, message = _WORDS.get(status, ("server_error", "Unexpected server-side error"))
    body = {"id": word, "message": reason or message, "request_id": "4d9d8375-3c56-4925-a3e7-eb137fed17e9"}
    return Answer(status, body, _LIMITS)


def answer(world: World, request: Request) -> Answer:
    """Return what the service answers."""
    account = world.account_of("digitalocean", request.token)
    if account is None:
        return refusal(401)
    try:
        return _routed(world, account, request)
    except Unusable as fault:
        return refusal(422, str(fault))


def _routed(world: World, account: Account, request: Request) -> Answer:  # noqa: PLR0911 - a table of routes
    match request.method, request.path.strip("/").split("/"):
        case "GET", ["v2", "account"]:
            return Answer(200, {"account": _account(account)}, _LIMITS)
        case "GET", ["v2", "regions"]:
            return _page(request, "regions", list(_REGIONS), _region)
        case "GET", ["v2", "sizes"]:
            return _page(request, "sizes", list(_SIZES), _size)
        case "GET", ["v2", "images"]:
            return _page(request, "images", list(_IMAGES), _image)
        case "GET", ["v2", "droplets"]:
            return _page(request, "droplets", _chosen(account, request.query), _droplet)
        case "POST", ["v2", "droplets"]:
            return _create(world, account, request)
        case method, ["v2", "droplets", number]:
            return _one(account, method, number)
        case _:
            return refusal(404)


def _chosen(account: Account, query: Mapping[str, str]) -> list[Machine]:
    tag, name = query.get("tag_name"), query.get("name")
    return [
        machine
        for machine in account.machines.values()
        if (tag is None or tag in machine.tags) and (name is None or name == machine.name)
    ]


def _page(request: Request, word: str, items: list[Any], show: Callable[[Any], dict[str, Any]]) -> Answer:
    per_page = number_of(request.query, "per_page", _PER_PAGE, _MAX_PER_PAGE)
    page = number_of(request.query, "page", 1, _MAX_PAGE)
    last = max(1, -(-len(items) // per_page))

    def link(number: int) -> str:
        return f"{request.base}{request.path}?{urlencode({**request.query, 'page': number, 'per_page': per_page})}"

    pages: dict[str, str] = {}
    if page > 1:
        pages |= {"first": link(1), "prev": link(page - 1)}
    if page < last:
        pages |= {"next": link(page + 1), "last": link(last)}
    shown = [show(item) for item in items[(page - 1) * per_page : page * per_page]]
    return Answer(200, {word: shown, "links": {"pages": pages} if pages else {}, "meta": {"total": len(items)}}, _LIMITS)


def _create(world: World, account: Account, request: Request) -> Answer:
    name, size = field_of(request.body, "name", str), field_of(request.body, "size", str)
    region, image = request.body.get("region", "nyc3"), field_of(request.body, "image", str, int)
    if not _REGIONS.get(region, ("", False))[1]:
        return refusal(422, f"{region} is not a region where droplets can be made")
    if size not in _SIZES:
        return refusal(422, "You specified an invalid size for Droplet creation.")
    slug = next((slug for slug, (number, _, _) in _IMAGES.items() if image in (slug, number, str(number))), None)
    if slug is None:
        return refusal(422, "You specified an invalid image for Droplet creation.")
    machine = world.make(account, name, region, size, slug)
    machine.tags = request.body.get("tags") or []
    action = {"id": machine.number + 1, "rel": "create", "href": f"{request.base}/v2/actions/{machine.number + 1}"}
    return Answer(202, {"droplet": _droplet(machine), "links": {"actions": [action]}}, _LIMITS)


def _one(account: Account, method: str, number: str) -> Answer:
    machine = account.machines.get(int(number)) if number.isascii() and number.isdigit() else None
    if machine is None:
        return refusal(404)
    if method == "DELETE":
        del account.machines[machine.number]
        return Answer(204, headers={**_LIMITS, "content-type": "application/json"})
    return Answer(200, {"droplet": _droplet(machine)}, _LIMITS) if method == "GET" else refusal(405)


def _account(account: Account) -> dict[str, Any]:
    return {
        "droplet_limit": 2500,
        "floating_ip_limit": 5,
        "email": f"{account.name}@example.com",
        "name": account.name,
        "uuid": uuid5(NAMESPACE_DNS, account.name).hex,
        "email_verified": True,
        "status": "active",
        "status_message": "",
        "team": {"uuid": uuid5(NAMESPACE_DNS, f"team.{account.name}").hex, "name": "My Team"},
    }


def _region(slug: str) -> dict[str, Any]:
    name, available = _REGIONS[slug]
    features = ["backups", "ipv6", "metadata"]
    return {
        "name": name,
        "slug": slug,
        "features": features,
        "available": available,
        "sizes": list(_SIZES) if available else [],
    }


def _size(slug: str) -> dict[str, Any]:
    memory, vcpus, disk, price = _SIZES[slug]
    return {
        "slug": slug,
        "memory": memory,
        "vcpus": vcpus,
        "disk": disk,
        "transfer": float(vcpus),
        "price_monthly": price,
        "price_hourly": round(price / 672, 5),
        "regions": [region for region, (_, available) in _REGIONS.items() if available],
        "available": True,
        "description": "Basic",
        "disk_info": [{"type": "local", "size": {"amount": disk, "unit": "gib"}}],
    }


def _image(slug: str) -> dict[str, Any]:
    number, distribution, name = _IMAGES[slug]
    return {
        "id": number,
        "name": name,
        "type": "base",
        "distribution": distribution,
        "slug": slug,
        "public": True,
        "regions": [region for region, (_, available) in _REGIONS.items() if available],
        "created_at": _CREATED,
        "min_disk_size": 7,
        "size_gigabytes": 2.34,
        "description": f"{distribution} {name}",
        "tags": [],
        "status": "available",
    }


def _droplet(machine: Machine) -> dict[str, Any]:
    status = machine.seen(_STATES)
    size = _size(machine.size)
    address = {"ip_address": machine.public_ipv4, "netmask": "255.254.0.0", "gateway": "198.18.0.1", "type": "public"}
    return {
        "id": machine.number,
        "name": machine.name,
        **{word: size[word] for word in ("memory", "vcpus", "disk", "disk_info")},
        "locked": status == "new",
        "status": status,
        "kernel": None,
        "created_at": machine.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "features": ["ipv6"],
        "backup_ids": [],
        "next_backup_window": None,
        "snapshot_ids": [],
        "image": _image(machine.image),
        "volume_ids": [],
        "size": size,
        "size_slug": machine.size,
        "networks": {"v4": [] if status == "new" else [address], "v6": []},
        "region": _region(machine.region),
        "tags": machine.tags,
        "vpc_uuid": "760e09ef-dc84-11e8-981e-3cfdfeaae000",
    }
