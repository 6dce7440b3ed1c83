"""Own EC2: what its instances and regions look like as servers of the interface cloud.compute; know nothing of the wire."""

from typing import Any, Final
from uuid import uuid4

from amazon.cloud import Cloud, region_names
from amazon.failures import NotFound, Unavailable
from amazon.shapes import Deleted, Region, Server, Status, moment

__all__ = ["create_server", "delete_server", "list_regions", "list_servers"]

# The most that EC2 gives at a time.
_PAGE_SERVERS: Final = 1000

_STATUS: Final[dict[str, Status]] = {
    "pending": "starting",
    "running": "running",
    "shutting-down": "deleting",
    "stopping": "stopping",
    "stopped": "stopped",
}


def list_regions(cloud: Cloud) -> list[Region]:
    """Return the regions of the account's part of Amazon. Raises: as `Cloud.ask`."""
    found = cloud.ask("ec2", "describe_regions", "list the regions", AllRegions=True)
    regions: list[dict[str, str]] = found.get("Regions", [])
    names, ids = region_names(), [region["RegionName"] for region in regions]
    available = [region.get("OptInStatus") != "not-opted-in" for region in regions]
    return [{"id": id_, "name": names.get(id_, id_), "available": free} for id_, free in zip(ids, available, strict=True)]


def list_servers(cloud: Cloud, limit: int | None = None, page: int = _PAGE_SERVERS) -> list[Server]:
    """Return the servers of the cloud's region, without those that are no more, at most `limit`. Raises: as `Cloud.ask`."""
    found: list[Server] = []
    told: set[str] = set()
    next_page: dict[str, str] = {}
    while True:
        answer = cloud.ask(
            "ec2",
            "describe_instances",
            "list the servers",
            MaxResults=page,
            Filters=[{"Name": "instance-state-name", "Values": list(_STATUS)}],
            **next_page,
        )
        for reservation in answer.get("Reservations", []):
            found += [_server(instance, cloud.region) for instance in reservation.get("Instances", [])]
        token: str | None = answer.get("NextToken")
        if not token or (limit is not None and len(found) >= limit):
            return found[:limit]
        if token in told:
            raise Unavailable("cannot list the servers: a page leads back to itself", data={"may_have_executed": False})
        told.add(token)
        next_page = {"NextToken": token}


def create_server(cloud: Cloud, name: str, size: str, image: str) -> Server:
    """Make a server in the cloud's region and return it as it begins. Raises: as `Cloud.act`."""
    answer = cloud.act(
        "ec2",
        "run_instances",
        f"create {name}",
        ImageId=image,
        InstanceType=size,
        MinCount=1,
        MaxCount=1,
        # Should the network deliver the request twice, EC2 still makes one server.
        ClientToken=str(uuid4()),
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}],
    )
    return _server(answer["Instances"][0], cloud.region)


def delete_server(cloud: Cloud, server: str) -> Deleted:
    """End a server; return whether it was there. Raises: as `Cloud.ask`."""
    try:
        answer = cloud.ask("ec2", "terminate_instances", f"delete {server}", InstanceIds=[server])
    except NotFound:
        return {"deleted": False}
    before = {change.get("PreviousState", {}).get("Name") for change in answer.get("TerminatingInstances", [])}
    # EC2 shows a deleted server for an hour. When the first attempt was cut off, it may be this call that has ended it.
    return {"deleted": cloud.attempts > 1 or before != {"terminated"}}


def _server(instance: dict[str, Any], region: str) -> Server:
    tags = {tag.get("Key"): tag.get("Value", "") for tag in instance.get("Tags", [])}
    state: str = instance.get("State", {}).get("Name", "")
    return {
        "id": instance["InstanceId"],
        "name": tags.get("Name", ""),
        "status": _STATUS.get(state, "unknown"),
        "region": region,
        "size": instance.get("InstanceType", ""),
        "image": instance.get("ImageId"),
        "public_ipv4": instance.get("PublicIpAddress"),
        "created_at": moment(instance.get("LaunchTime")),
        "zone": instance.get("Placement", {}).get("AvailabilityZone"),
    }
