"""Own the models of what a module asks the hub, and of what the hub answers; must not know how a service does it."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from hub_protocol.limits import CREDENTIAL_NAME_CHARS, STORE_KEY_CHARS
from hub_protocol.types._schema_rules import check_flat_schema
from hub_protocol.types._shape import Address, Count, Many, Payload, RequestId, problem

__all__ = [
    "HubAskParams",
    "HubAskResult",
    "HubCallParams",
    "HubCredentialsDeleteParams",
    "HubCredentialsDeleteResult",
    "HubCredentialsGetParams",
    "HubCredentialsGetResult",
    "HubCredentialsPutParams",
    "HubCredentialsPutResult",
    "HubStoreDeleteParams",
    "HubStoreDeleteResult",
    "HubStoreGetParams",
    "HubStoreGetResult",
    "HubStoreListParams",
    "HubStoreListResult",
    "HubStoreSetParams",
    "HubStoreSetResult",
    "LogParams",
]

_CallId = Annotated[RequestId, Field(description="The id of the hub's request that the module is working on (HUB-HOST-1).")]
_Key = Annotated[str, Field(min_length=1, max_length=STORE_KEY_CHARS, description="1 to 256 characters (HUB-HOST-4).")]
_FlatSchema = Annotated[
    dict[str, Any],
    AfterValidator(check_flat_schema),
    Field(json_schema_extra={"properties": {"type": {"const": "object"}}, "required": ["type"]}),
]


class HubCallParams(Payload):
    """Section Host services: params of `hub.call` (HUB-HOST-2)."""

    call_id: _CallId
    function: Annotated[Address, Field(description="`module.function` (HUB-HOST-2).")]
    params: Annotated[dict[str, Any], Field(description="The arguments by name (HUB-HOST-2).")] = {}
    timeout_ms: Annotated[Count | None, Field(description="At most what is left of the call's own deadline (HUB-HOST-2).")] = (
        None
    )


class HubAskParams(Payload):
    """Section Host services: params of `hub.ask`, a question to the person (HUB-HOST-1)."""

    call_id: _CallId
    message: Annotated[str, Field(min_length=1, description="The question.")]
    form: Annotated[
        _FlatSchema,
        Field(alias="schema", description='Of a flat object: the form to fill in; `"writeOnly": true` marks a secret.'),
    ]


class HubAskResult(Payload):
    """Section Host services: what the person said (HUB-HOST-1)."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"title": "HubAskAccepted", "properties": {"action": {"const": "accept"}}, "required": ["content"]},
                {"title": "HubAskDeclined", "properties": {"action": {"const": "decline"}}},
            ]
        }
    )

    action: Annotated[Literal["accept", "decline"], Field(description="Whether the person answered.")]
    content: Annotated[dict[str, Any] | None, Field(description="What was filled in, with `accept`.")] = None

    @model_validator(mode="after")
    def _accepting_has_content(self) -> "HubAskResult":
        if self.action == "accept" and self.content is None:
            raise problem("", 'is required when `action` is "accept"', "/content")
        return self


class HubStoreGetParams(Payload):
    """Section Host services: params of `hub.store.get` (HUB-HOST-4)."""

    call_id: _CallId
    key: _Key


class HubStoreGetResult(Payload):
    """Section Host services: what stands under a key (HUB-HOST-4)."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"title": "HubStoreFound", "properties": {"found": {"const": True}}, "required": ["value"]},
                {"title": "HubStoreMissing", "properties": {"found": {"const": False}}},
            ]
        }
    )

    found: bool
    value: Annotated[Any, Field(description="Any JSON value, null too; there when `found`.")] = None

    @model_validator(mode="after")
    def _found_has_value(self) -> "HubStoreGetResult":
        if self.found and "value" not in self.model_fields_set:
            raise problem("", "is required when `found` is true", "/value")
        return self


class HubStoreSetParams(Payload):
    """Section Host services: params of `hub.store.set` (HUB-HOST-4)."""

    call_id: _CallId
    key: _Key
    value: Annotated[Any, Field(description="Any JSON value, at most 1 MiB of it (HUB-HOST-4).")]


class HubStoreSetResult(Payload):
    """Section Host services: the empty object, which says that the value is kept (HUB-HOST-4)."""


class HubStoreDeleteParams(Payload):
    """Section Host services: params of `hub.store.delete` (HUB-HOST-4)."""

    call_id: _CallId
    key: _Key


class HubStoreDeleteResult(Payload):
    """Section Host services: whether there was anything to delete (HUB-HOST-4)."""

    deleted: bool


class HubStoreListParams(Payload):
    """Section Host services: params of `hub.store.list` (HUB-HOST-4)."""

    call_id: _CallId
    prefix: Annotated[str, Field(max_length=STORE_KEY_CHARS, description="Absent means all keys (HUB-HOST-4).")] = ""


class HubStoreListResult(Payload):
    """Section Host services: the keys, sorted (HUB-HOST-4)."""

    keys: Annotated[Many[_Key], Field(description="Those that begin with the prefix (HUB-HOST-4).")]


_CredentialName = Annotated[
    str, Field(min_length=1, max_length=CREDENTIAL_NAME_CHARS, description="1 to 64 characters (HUB-CRED-2).")
]


class HubCredentialsGetParams(Payload):
    """Section Credentials: params of `hub.credentials.get` (HUB-CRED-1)."""

    call_id: _CallId
    name: _CredentialName


class HubCredentialsGetResult(Payload):
    """Section Credentials: what is kept under a name for the account of the call (HUB-CRED-1)."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"title": "HubCredentialFound", "properties": {"found": {"const": True}}, "required": ["value"]},
                {"title": "HubCredentialMissing", "properties": {"found": {"const": False}}},
            ]
        }
    )

    found: bool
    value: Annotated[Any, Field(description="What was put, null too; there when `found` (HUB-CRED-1).")] = None

    @model_validator(mode="after")
    def _found_has_value(self) -> "HubCredentialsGetResult":
        if self.found and "value" not in self.model_fields_set:
            raise problem("", "is required when `found` is true", "/value")
        return self


class HubCredentialsPutParams(Payload):
    """Section Credentials: params of `hub.credentials.put` (HUB-CRED-2)."""

    call_id: _CallId
    name: _CredentialName
    value: Annotated[Any, Field(description="Any JSON value, at most 64 KiB of it (HUB-CRED-2).")]
    ttl_seconds: Annotated[
        float | None, Field(gt=0, description="How long it is of use; absent means without end (HUB-CRED-3).")
    ] = None


class HubCredentialsPutResult(Payload):
    """Section Credentials: how long the hub keeps it, which the person chose (HUB-CRED-4)."""

    kept: Annotated[Literal["session", "keyring"], Field(description="Until the hub ends, or in the system's keyring.")]


class HubCredentialsDeleteParams(Payload):
    """Section Credentials: params of `hub.credentials.delete` (HUB-CRED-1)."""

    call_id: _CallId
    name: _CredentialName


class HubCredentialsDeleteResult(Payload):
    """Section Credentials: whether there was anything to delete (HUB-CRED-1)."""

    deleted: bool


class LogParams(Payload):
    """Section Host services: params of `hub.log` (HUB-LOG-1)."""

    level: Annotated[Literal["debug", "info", "warning", "error"], Field(description="How much it matters (HUB-LOG-1).")]
    message: Annotated[str, Field(description="For people; no secrets (HUB-LOG-2).")]
    logger: Annotated[str | None, Field(description="Which part of the module speaks (HUB-LOG-1).")] = None
    fields: Annotated[dict[str, Any], Field(description="More for programs; no secrets (HUB-LOG-2).")] = {}
