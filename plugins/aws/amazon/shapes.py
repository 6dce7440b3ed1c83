"""Own what the functions of this module give, as the interfaces describe it; know nothing of where it comes from."""

from datetime import UTC, datetime
from typing import Annotated, Literal, TypedDict

from hub_sdk import Doc, Ge

__all__ = ["Bucket", "Deleted", "Forgotten", "Identity", "Region", "Server", "Status", "Stored", "Text", "moment"]

Status = Literal["starting", "running", "stopping", "stopped", "deleting", "error", "unknown"]


class Region(TypedDict):
    """A place where servers can be made."""

    id: Annotated[str, Doc("What `region` takes.")]
    name: Annotated[str, Doc("For people.")]
    available: Annotated[bool, Doc("Whether servers can be made there now.")]


class Server(TypedDict):
    """An instance of EC2."""

    id: Annotated[str, Doc("The service's own identifier.")]
    name: Annotated[str, Doc("The name that its owner gave it: the tag `Name`.")]
    status: Annotated[Status, Doc("What it is doing, in words that are the same for all services.")]
    region: Annotated[str, Doc("The `id` of its region.")]
    size: Annotated[str, Doc("The service's own name of its size: the instance type.")]
    image: Annotated[str | None, Doc("What it was made from.")]
    public_ipv4: Annotated[str | None, Doc("Where it is reached.")]
    created_at: Annotated[str | None, Doc("RFC 3339, UTC; when it was last started.")]
    zone: Annotated[str | None, Doc("Its placement: the availability zone.")]


class Deleted(TypedDict):
    """What became of a deletion."""

    deleted: Annotated[bool, Doc("Whether it was there; of an object, whether the service has accepted it.")]


class Bucket(TypedDict):
    """A bucket of S3."""

    name: Annotated[str, Doc("Unique at the service.")]
    region: Annotated[str | None, Doc("Where it is.")]
    created_at: Annotated[str | None, Doc("RFC 3339, UTC.")]


class Stored(TypedDict):
    """An object in a bucket."""

    key: Annotated[str, Doc("The object's name in its bucket.")]
    bytes: Annotated[int, Ge(0), Doc("Its size.")]
    modified_at: Annotated[str | None, Doc("RFC 3339, UTC.")]


class Text(TypedDict):
    """The content of an object."""

    text: Annotated[str, Doc("Its content.")]


class Identity(TypedDict):
    """Whose account it is."""

    account: Annotated[str, Doc("The account of the hub that was used.")]
    identity: Annotated[str, Doc("Who the service says this is.")]


class Forgotten(TypedDict):
    """What became of what was kept."""

    forgotten: Annotated[bool, Doc("Whether anything was kept.")]


def moment(found: datetime | None) -> str | None:
    """Return a moment as the interfaces want it: RFC 3339, UTC."""
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if found else None
