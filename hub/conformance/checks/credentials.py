"""Own the checks of what a module does with secrets: they turn up nowhere, and belong to one account; know no service."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, cast

from hub.conformance._bench import Bench
from hub.conformance._check import Level, NotOffered, Outcome, watched
from hub.conformance._exercise import Called, context_of, exercise
from hub.conformance._host import CANARY
from hub.conformance._judging import must, problem
from hub.conformance._line import read_line
from hub.conformance._session import Answer, Ended, Session, Silent
from hub.conformance._transcript import Entry
from hub.conformance._vault import Vault, planted

__all__ = ["CHECKS"]

_AREA: Final = "credentials"
_GET: Final = "hub.credentials.get"
_UNUSED: Final = "no call asked the hub for credentials"
_ACCOUNTS: Final = ("work", "home")
# One after the other: what has asked for credentials once.
_MOST_FUNCTIONS: Final = 20
_STORE: Final = "its store"


def _places(entry: Entry) -> str | None:
    """Return where a module wrote what an entry holds, in words; None where a secret may stand."""
    if entry.event == "stderr":
        return "standard error"
    if entry.event != "receive":
        return None
    value, _ = read_line(entry.data)
    if not isinstance(value, dict):
        return "standard output"
    message = cast("dict[str, Any]", value)
    method = str(message.get("method", ""))
    if method.startswith("hub.credentials.") or method in ("hub.call", "hub.ask"):
        return None
    if method.startswith("hub.store."):
        return _STORE
    return f"a message {method}" if method else "an error" if "error" in message else "a result"


class _Leak(NamedTuple):
    """Where a secret stands, in words; what was written there; and the frame in which the module had got it."""

    place: str
    line: bytes
    sent: bytes


def _found(entries: list[Entry], *secrets: str) -> Iterator[_Leak]:
    """Yield where a secret stands."""
    needles = [secret.encode() for secret in secrets]
    sent = b""
    for entry in entries:
        if all(needle not in entry.data for needle in needles):
            continue
        if entry.event == "send":
            sent = entry.data
        elif (place := _places(entry)) is not None:
            # Of a log, which is read in pieces of any size, the line.
            lines = entry.data.split(b"\n") if entry.event == "stderr" else [entry.data]
            yield _Leak(place, next(line for line in lines if any(needle in line for needle in needles)), sent)


def _told(leak: _Leak, what: str) -> Outcome:
    # What was written is shown without the secret: reports go to other people than secrets do.
    return problem(f"{what} stands in {leak.place}", sent=_without_secrets(leak.sent), received=[_without_secrets(leak.line)])


def _without_secrets(data: bytes) -> bytes:
    for secret in (CANARY, *(planted(account) for account in _ACCOUNTS)):
        data = data.replace(secret.encode(), b"SECRET")
    return data


@must(
    "HUB-LOG-2/keeps-secrets",
    _AREA,
    "the secret nowhere in logs, error messages and results",
    "never log what was asked for with writeOnly",
)
def keeps_what_was_typed(bench: Bench) -> Outcome:
    exercise(bench)
    if "secret" not in bench.notes.seen:
        return NotOffered("it asked nobody for a secret")
    for leak in _found(bench.transcript.entries, CANARY):
        if leak.place != _STORE:
            return _told(leak, "a secret that a person typed")
    return None


@must(
    "HUB-CRED-5/keeps-secrets-out-of-its-store",
    _AREA,
    "secrets in hub.credentials.put only",
    "keep it with hub.credentials.put: the store is a file that others may read",
)
def keeps_out_of_store(bench: Bench) -> Outcome:
    exercise(bench)
    _with_planted(bench)
    if "secret" not in bench.notes.seen and not _users(bench):
        return NotOffered("it handled no secret")
    for leak in _found(bench.transcript.entries, CANARY, *(planted(account) for account in _ACCOUNTS)):
        if leak.place == _STORE:
            return _told(leak, "a secret")
    return None


@must(
    "HUB-CRED-5/keeps-credentials-to-itself",
    _AREA,
    "what hub.credentials.get brings nowhere in logs, error messages and results",
    "use it for the request to the service, and for nothing else; look at what your HTTP library logs and quotes",
)
def keeps_credentials(bench: Bench) -> Outcome:
    if not _users(bench):
        return NotOffered(_UNUSED)
    _with_planted(bench)
    for leak in _found(bench.transcript.entries, *(planted(account) for account in _ACCOUNTS)):
        if leak.place != _STORE:
            return _told(leak, "what the hub keeps for it")
    return None


@must(
    "HUB-CRED-1/asks-for-each-account",
    _AREA,
    "hub.credentials.get in a call for an account that it has not worked for",
    "keep clients and tokens by account (the profile of the call's context), never in one variable",
)
def each_account(bench: Bench) -> Outcome:
    if not _users(bench):
        return NotOffered(_UNUSED)
    for call, first, second, answer in _with_planted(bench):
        if first and not second:
            why = f"{call.function.name} used {_GET} in a call for one account, and in the next one, for another account, not"
            return problem(f"{why}: so it works with what belongs to the first", answer)
    return None


def _users(bench: Bench) -> list[Called]:
    return [call for call in exercise(bench) if _GET in call.asked][:_MOST_FUNCTIONS]


_Twice = tuple[Called, bool, bool, Answer | None]


def _with_planted(bench: Bench) -> list[_Twice]:
    """Call all that use credentials for two accounts in a fresh start that finds some.

    Return whether each of the two asked for them, and the answer to the second.
    """

    def make() -> list[_Twice]:
        found: list[_Twice] = []
        for call in _users(bench):
            # A start for each function: what one has learnt must not answer for another.
            with bench.start() as (session, _):
                session.host.vault = Vault(plants=True)
                (first, _), (second, answer) = [_asks(session, call, account) for account in _ACCOUNTS]
                found.append((call, first, second, answer))
        return found

    return bench.remembered("planted", make)


def _asks(session: Session, call: Called, account: str) -> tuple[bool, Answer | None]:
    """Call for an account. Return whether it asked the hub for its credentials, or the person for new ones, and the answer."""
    mark = len(session.host.asked)
    context = context_of(call.function, profile=account) if "context" in session.features else None
    try:
        answer = session.ask(call.function.name, call.params, context=context, account=account)
    except (Silent, Ended):
        return True, None  # what a planted secret makes of it is not judged, only where it shows
    wanted = {_GET, "hub.ask"}
    asked = session.host.asked[mark:]
    return any(request.method in wanted and request.account == account for request in asked), answer


CHECKS: Final = (
    keeps_what_was_typed,
    keeps_out_of_store,
    keeps_credentials,
    each_account,
    watched(
        "HUB-CRED-2/keeps-within-the-limits",
        Level.SHOULD,
        _AREA,
        "names of 1 to 64 characters, values of at most 64 KiB, at most 64 of them",
        "keep one small credential for each thing that a service wants to see",
        only_if=("hub.credentials.put", "no call put a credential"),
    ),
)
