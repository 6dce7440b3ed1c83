"""Own S3: its buckets and objects as the interface cloud.objects has them; know nothing of the wire."""

from typing import Any, Final

from amazon.cloud import Cloud
from amazon.failures import Refused, Unavailable
from amazon.shapes import Bucket, Deleted, Stored, Text, moment

__all__ = ["create_bucket", "delete_object", "get_object", "list_buckets", "list_objects", "put_object"]

# The most that S3 gives at a time, of objects; of buckets it would give more.
_PAGE: Final = 1000

# The first region, which S3 wants to hear nothing of when a bucket is made there.
_UNNAMED_REGION: Final = "us-east-1"


def list_buckets(cloud: Cloud, page: int = _PAGE) -> list[Bucket]:
    """Return the account's buckets, of all regions. Raises: as `Cloud.ask`."""
    what, found, told = "list the buckets", list[Bucket](), set[str]()
    answer = cloud.ask("s3", "list_buckets", what, MaxBuckets=page)
    while True:
        for bucket in answer.get("Buckets", []):
            created = moment(bucket.get("CreationDate"))
            found.append({"name": bucket["Name"], "region": bucket.get("BucketRegion"), "created_at": created})
        token: str | None = answer.get("ContinuationToken")
        if not token:
            return found
        _follow(token, told, what)
        answer = cloud.ask("s3", "list_buckets", what, MaxBuckets=page, ContinuationToken=token)


def list_objects(cloud: Cloud, bucket: str, prefix: str = "", limit: int | None = None, page: int = _PAGE) -> list[Stored]:
    """Return the objects whose keys begin with `prefix`, by key, at most `limit`. Raises: as `Cloud.ask`."""
    what, found, told = f"list the objects of {bucket}", list[Stored](), set[str]()
    params: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
    while True:
        most = page if limit is None else min(page, limit - len(found))
        answer = cloud.ask("s3", "list_objects_v2", what, MaxKeys=most, **params)
        for stored in answer.get("Contents", []):
            changed = moment(stored.get("LastModified"))
            found.append({"key": stored["Key"], "bytes": stored["Size"], "modified_at": changed})
        token: str | None = answer.get("NextContinuationToken")
        if not token or (limit is not None and len(found) >= limit):
            return found[:limit]
        _follow(token, told, what)
        params["ContinuationToken"] = token


def create_bucket(cloud: Cloud, bucket: str) -> Bucket:
    """Make a bucket in the cloud's region. Raises: as `Cloud.act`."""
    place = {} if cloud.region == _UNNAMED_REGION else {"CreateBucketConfiguration": {"LocationConstraint": cloud.region}}
    cloud.act("s3", "create_bucket", f"create the bucket {bucket}", Bucket=bucket, **place)
    return {"name": bucket, "region": cloud.region, "created_at": None}


def put_object(cloud: Cloud, bucket: str, key: str, text: str) -> Stored:
    """Write an object, in place of one of the same key. Raises: as `Cloud.ask`."""
    content = text.encode()
    cloud.ask(
        "s3",
        "put_object",
        f"write {key} in {bucket}",
        Bucket=bucket,
        Key=key,
        Body=content,
        ContentType="text/plain; charset=utf-8",
    )
    return {"key": key, "bytes": len(content), "modified_at": None}


def get_object(cloud: Cloud, bucket: str, key: str) -> Text:
    """Return the content of an object that is text.

    Raises:
        Refused: it is no text in UTF-8, or larger than an answer may be; else as `Cloud.ask`.
    """
    answer = cloud.ask("s3", "get_object", f"read {key} in {bucket}", Bucket=bucket, Key=key)
    try:
        return {"text": answer["Body"].read().decode()}
    except UnicodeDecodeError:
        raise Refused(f"cannot read {key} in {bucket}: it is no text in UTF-8") from None


def delete_object(cloud: Cloud, bucket: str, key: str) -> Deleted:
    """Delete an object; S3 does not say whether there was one. Raises: as `Cloud.ask`."""
    cloud.ask("s3", "delete_object", f"delete {key} in {bucket}", Bucket=bucket, Key=key)
    return {"deleted": True}


def _follow(token: str, told: set[str], what: str) -> None:
    if token in told:
        raise Unavailable(f"cannot {what}: a page leads back to itself", data={"may_have_executed": False})
    told.add(token)
