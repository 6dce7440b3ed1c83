"""Own who an account is: what a person is asked for, and what Amazon says of it; know nothing of where it is kept."""

from typing import Any

from amazon.cloud import Cloud

__all__ = ["form", "identity"]


def form(region: str, pattern: str) -> dict[str, Any]:
    """Return the schema of what a person is asked for; `region` is what they get who say nothing."""
    return {
        "type": "object",
        "properties": {
            "access_key_id": {"type": "string", "minLength": 1, "description": "access key id, such as AKIA..."},
            "secret_access_key": {"type": "string", "minLength": 1, "writeOnly": True, "description": "secret access key"},
            "region": {"type": "string", "pattern": pattern, "default": region, "description": "region to work in"},
        },
        "required": ["access_key_id", "secret_access_key"],
    }


def identity(cloud: Cloud) -> str:
    """Return the name that Amazon has for whoever holds the keys (an ARN). Raises: as `Cloud.ask`."""
    return cloud.ask("sts", "get_caller_identity", "ask whose account this is")["Arn"]
