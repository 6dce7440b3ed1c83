"""Own the errors that a caller gets and which answer of Amazon's becomes which of them; know nothing of how it was asked.

Their messages are those of the interfaces.
"""

from typing import Annotated, Any, Final, NotRequired, TypedDict

from hub_sdk import Ge, ModuleError

__all__ = ["ALL", "Answer", "KeysRefused", "NotAuthenticated", "NotFound", "Refused", "Throttled", "Unavailable", "failure_of"]

# What of a service's words is shown: its messages are sentences, and some hold encoded reports of many kilobytes.
_SHOWN_CHARACTERS: Final = 500

_UNAUTHORIZED, _FORBIDDEN, _MISSING, _TOO_MANY, _SERVER_FAULT = 401, 403, 404, 429, 500

# EC2 and S3 throttle with 503, older APIs with 400: the code tells, not the status.
_THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
# With status 400 in some services.
_NOT_ACCEPTED: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "OptInRequired",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


class Wait(TypedDict):
    """How long the service asks to wait."""

    retry_after_seconds: NotRequired[Annotated[float, Ge(0)]]


class Doubt(TypedDict):
    """Whether the request may have been carried out."""

    may_have_executed: NotRequired[bool]


class NotAuthenticated(ModuleError):
    """Who asks is not known, or may not."""

    code = 1001
    message = "the service does not accept the credentials, or there are none"


class KeysRefused(NotAuthenticated):
    """Other keys would help; where who asks is known and may not, they would not."""


class NotFound(ModuleError):
    """What is named is not there."""

    code = 1002
    message = "there is no such thing at the service"


class Refused(ModuleError):
    """What is asked is not done."""

    code = 1003
    message = "the service refuses the request"


class Throttled(ModuleError):
    """Too much was asked."""

    code = 1004
    message = "the service asks to wait"
    data: Wait


class Unavailable(ModuleError):
    """There is no answer that says anything."""

    code = 1005
    message = (
        "the service fails or cannot be reached; "
        "whether the request was carried out is unknown where `may_have_executed` is true"
    )
    data: Doubt


ALL: Final = (NotAuthenticated, NotFound, Refused, Throttled, Unavailable)


class Answer:
    """An answer that is an error, as botocore read it."""

    def __init__(self, response: dict[str, Any], now: float) -> None:
        error, about = response.get("Error", {}), response.get("ResponseMetadata", {})
        self.code = str(error.get("Code", ""))
        self.message = str(error.get("Message", ""))
        self.status = int(about.get("HTTPStatusCode", 0))
        self.retry_after_seconds = _seconds(str(about.get("HTTPHeaders", {}).get("retry-after", "")), now)

    @property
    def throttled(self) -> bool:
        """Whether it asks to wait. What asks to wait has not acted."""
        return self.status == _TOO_MANY or self.code in _THROTTLED

    @property
    def failed(self) -> bool:
        """Whether the service failed by its own fault."""
        return self.status >= _SERVER_FAULT and not self.throttled


def failure_of(answer: Answer, what: str, scrub: tuple[str, ...], *, acts: bool) -> ModuleError:
    """Return the error for an answer to `what`; strings in `scrub` never stand in it. `acts`: the request changes something."""
    words = f"{answer.code}: {answer.message}" if answer.message else answer.code or f"status {answer.status}"
    for secret in scrub:
        words = words.replace(secret, "***")
    said = f"cannot {what}: " + "".join(letter for letter in words[:_SHOWN_CHARACTERS] if letter.isprintable())
    if answer.throttled:
        waits = answer.retry_after_seconds
        return Throttled(said, data={} if waits is None else {"retry_after_seconds": waits})
    if answer.failed:
        return Unavailable(said, data={"may_have_executed": acts})
    if answer.status == _UNAUTHORIZED or answer.code in _NOT_ACCEPTED:
        return KeysRefused(said)
    if answer.status == _FORBIDDEN:
        return NotAuthenticated(said)
    if answer.status == _MISSING or answer.code.endswith(".NotFound") or answer.code.startswith("InvalidInstanceID."):
        return NotFound(said)
    return Refused(said)


def _seconds(retry_after: str, now: float) -> float | None:
    """Return what a Retry-After header says, which holds seconds or a date (RFC 9110, 10.2.3); None for anything else."""
    from email.utils import parsedate_to_datetime  # 8 ms, which a module that is only introduced does not pay

    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - now)
    except (ValueError, OverflowError):
        return None
