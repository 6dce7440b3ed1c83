"""Own the module `aws`: its functions, and which account each call is for; know nothing of Amazon's protocols."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from amazon.failures import ALL, KeysRefused, NotAuthenticated
from amazon.settings import Keys, Settings, checked
from amazon.shapes import Bucket, Deleted, Forgotten, Identity, Region, Server, Stored, Text

from hub_sdk import AsyncContext, Doc, Ge, Le, MaxLength, MinLength, Module, Pattern

if TYPE_CHECKING:
    from amazon.cloud import Cloud

__all__ = ["module"]

# boto3 takes half a second to import and to read its descriptions: the functions import what needs it, to introduce quickly.

T = TypeVar("T")

module = Module(
    "aws",
    version="1.0.0",
    license="Apache-2.0",
    authors=["The hub authors"],
    description=["Amazon Web Services: servers of EC2, buckets and objects of S3."],
    # The store has the region in which each account works: no secret, and what is kept as a secret may stand in no result.
    permissions=["ask", "credentials", "store"],
    implements=["cloud.account/1.0", "cloud.compute/1.0", "cloud.objects/1.0"],
)

_KEYS: Final = "keys"
_FIRST_REGION: Final = "us-east-1"
_REGION_PATTERN: Final = "^[a-z]{2,}(-[a-z0-9]+)+$"
_MOST_ROWS: Final = 100_000
_MOST_CHARACTERS: Final = 8 * 1024 * 1024

Limit = Annotated[int, Ge(1), Le(_MOST_ROWS), Doc("At most so many; all when absent.")]
Place = Annotated[str, Doc("The `id` of a region; the account's own when empty.")]
BucketName = Annotated[str, MinLength(3), MaxLength(63), Doc("The bucket's name.")]
Key = Annotated[str, MinLength(1), MaxLength(1024), Doc("The object's key.")]
Word = Annotated[str, MinLength(1)]


class Operator:
    """What the operator set for this process."""

    settings: Settings = Settings()


@module.on_init
def start(config: Settings) -> None:
    """Take the configuration."""
    Operator.settings = checked(config)


@module.function(open_world=True, errors=ALL, timeout_seconds=60)
async def authenticate(context: AsyncContext) -> Identity:
    """Ask the person for an access key, try it, and have the hub keep it."""
    from amazon.calls import in_thread
    from amazon.identity import form, identity

    account = context.account
    region = await _region(context)
    answer = await context.ask(f"Access key for the account {account} at Amazon Web Services", form(region, _REGION_PATTERN))
    if answer is None:
        raise NotAuthenticated("the person did not want to say")
    keys = Keys(answer["access_key_id"].strip(), answer["secret_access_key"].strip())
    region = answer.get("region") or region
    found = await in_thread(identity, keys, region, Operator.settings, deadline=context.deadline)
    await context.credentials.put(_KEYS, keys._asdict())
    await context.store.set(f"region/{account}", region)
    return {"account": account, "identity": found}


@module.function(read_only=True, idempotent=True, open_world=True, errors=ALL)
async def whoami(context: AsyncContext) -> Identity:
    """Say whose account this is."""
    from amazon.identity import identity

    return {"account": context.account, "identity": await _work(context, identity)}


@module.function(idempotent=True, errors=ALL)
async def forget(context: AsyncContext) -> Forgotten:
    """Have the hub forget what it keeps for this account."""
    await context.store.delete(f"region/{context.account}")
    return {"forgotten": await context.credentials.delete(_KEYS)}


@module.function(read_only=True, idempotent=True, open_world=True, errors=ALL)
async def list_regions(context: AsyncContext) -> list[Region]:
    """List the places where servers can be made."""
    from amazon import servers

    return await _work(context, servers.list_regions)


@module.function(read_only=True, idempotent=True, open_world=True, errors=ALL)
async def list_servers(context: AsyncContext, region: Place = "", limit: Limit | None = None) -> list[Server]:
    """List all servers of one region, all pages of them."""
    from amazon import servers

    return await _work(context, lambda cloud: servers.list_servers(cloud, limit), region)


@module.function(read_only=False, idempotent=False, open_world=True, errors=ALL)
async def create_server(
    context: AsyncContext,
    name: Annotated[
        str, MinLength(1), MaxLength(63), Pattern("^[A-Za-z0-9][A-Za-z0-9.-]*$"), Doc("Letters, digits, dots and hyphens.")
    ],
    region: Annotated[Word, Doc("The `id` of a region.")],
    size: Annotated[Word, Doc("The service's own name of a size: an instance type.")],
    image: Annotated[Word, Doc("The service's own name of an image: ami-...")],
) -> Server:
    """Create a server; it costs money.

    Answers as soon as the service has accepted it. Never tried twice by the module.
    """
    from amazon import servers

    return await _work(context, lambda cloud: servers.create_server(cloud, name, size, image), region)


@module.function(destructive=True, idempotent=True, open_world=True, errors=ALL)
async def delete_server(
    context: AsyncContext,
    id: Annotated[Word, Doc("The server's `id`.")],  # noqa: A002 - the interface's name
    region: Place = "",
) -> Deleted:
    """Delete a server."""
    from amazon import servers

    return await _work(context, lambda cloud: servers.delete_server(cloud, id), region)


@module.function(read_only=True, idempotent=True, open_world=True, errors=ALL)
async def list_buckets(context: AsyncContext) -> list[Bucket]:
    """List the account's buckets, of all regions."""
    from amazon import objects

    return await _work(context, objects.list_buckets)


@module.function(read_only=True, idempotent=True, open_world=True, errors=ALL)
async def list_objects(
    context: AsyncContext,
    bucket: BucketName,
    prefix: Annotated[str, Doc("Only keys that begin so.")] = "",
    limit: Limit | None = None,
) -> list[Stored]:
    """List the objects of a bucket, all pages of them."""
    from amazon import objects

    return await _work(context, lambda cloud: objects.list_objects(cloud, bucket, prefix, limit))


@module.function(open_world=True, errors=ALL)
async def create_bucket(context: AsyncContext, bucket: BucketName, region: Place = "") -> Bucket:
    """Create a bucket."""
    from amazon import objects

    return await _work(context, lambda cloud: objects.create_bucket(cloud, bucket), region)


@module.function(idempotent=True, open_world=True, errors=ALL)
async def put_object(
    context: AsyncContext,
    bucket: BucketName,
    key: Key,
    text: Annotated[str, MaxLength(_MOST_CHARACTERS), Doc("Its content, written as UTF-8.")],
) -> Stored:
    """Write an object, in place of one of the same key."""
    from amazon import objects

    return await _work(context, lambda cloud: objects.put_object(cloud, bucket, key, text))


@module.function(read_only=True, idempotent=True, open_world=True, errors=ALL)
async def get_object(context: AsyncContext, bucket: BucketName, key: Key) -> Text:
    """Read an object that is text."""
    from amazon import objects

    return await _work(context, lambda cloud: objects.get_object(cloud, bucket, key))


@module.function(destructive=True, idempotent=True, open_world=True, errors=ALL)
async def delete_object(context: AsyncContext, bucket: BucketName, key: Key) -> Deleted:
    """Delete an object."""
    from amazon import objects

    return await _work(context, lambda cloud: objects.delete_object(cloud, bucket, key))


async def _region(context: AsyncContext) -> str:
    """Return the region in which the call's account works."""
    return await context.store.get(f"region/{context.account}", _FIRST_REGION)


async def _work(context: AsyncContext, work: "Callable[[Cloud], T]", region: str = "") -> T:
    """Return what `work` returns, done with what belongs to the call's account and nothing else (HUB-CRED-1)."""
    from amazon.calls import in_thread

    kept: dict[str, Any] | None = await context.credentials.get(_KEYS)
    mend = f"hub call aws.authenticate --account {context.account}"
    if kept is None:
        raise NotAuthenticated(f"there are no credentials for the account {context.account}: {mend}")
    region = region or await _region(context)
    try:
        return await in_thread(work, Keys(**kept), region, Operator.settings, deadline=context.deadline)
    except KeysRefused as error:
        raise NotAuthenticated(f"{error.message}; for other keys: {mend}") from None


if __name__ == "__main__":
    module.run()
