"""Own the models of what goes with a call: context, cancellation, progress; must not know functions or host services."""

from typing import Annotated

from pydantic import Field

from hub_protocol.limits import MAX_CHAIN
from hub_protocol.types._shape import Address, Count, Many, Number, Payload, RequestId

__all__ = ["CallContext", "CancelParams", "NoParams", "ProgressParams"]


class NoParams(Payload):
    """Sections capabilities, Calls, module_cleanup: the empty object; members in it are ignored (HUB-MSG-7)."""


class CallContext(Payload):
    """Section Calls: what a module is told about a call, beside `params` (HUB-CALL-6)."""

    timeout_ms: Annotated[Count | None, Field(description="What is left of the deadline, in milliseconds (HUB-CALL-6).")] = None
    trace_id: Annotated[str | None, Field(description="Joins the log lines of one call across modules (HUB-CALL-6).")] = None
    chain: Annotated[
        Many[Address],
        Field(max_length=MAX_CHAIN, description="The calls that led to this one, outermost first, this one last (HUB-CALL-6)."),
    ] = ()
    profile: Annotated[str | None, Field(description="The account to use (HUB-CALL-6).")] = None


class CancelParams(Payload):
    """Section Calls: params of `$/cancelRequest` (HUB-CANCEL-1)."""

    id: Annotated[RequestId, Field(description="The request that nobody waits for any more (HUB-CANCEL-3).")]


class ProgressParams(Payload):
    """Section Calls: params of `$/progress` (HUB-PROG-1)."""

    id: Annotated[RequestId, Field(description="The call under way (HUB-PROG-1).")]
    done: Annotated[Number, Field(description="How much is done; does not fall (HUB-PROG-1).")]
    total: Annotated[Number | None, Field(description="How much there is to do (HUB-PROG-1).")] = None
    message: Annotated[str | None, Field(description="One line for a person (HUB-PROG-1).")] = None
