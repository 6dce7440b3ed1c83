"""Own `hub.ask`: the question reaches the person behind the call, whose clock stands still meanwhile; know no terminal.

What a person gives in a field for a secret is a secret from then on (HUB-CRED-5).
"""

import inspect
from collections.abc import Mapping
from typing import Any, Final, cast

from hub._patience import Patience
from hub._peer import PendingRequest
from hub._person import AskPerson, Question
from hub._secrets import Secrets
from hub.errors import HubError, NobodyToAsk
from hub_protocol.types import HubAskParams

__all__ = ["Asking"]

_MARK: Final = "writeOnly"


class Asking:
    """Asks for all modules of one hub. `ask` is for calls that say nothing of their person; None when nobody can be asked."""

    def __init__(self, ask: AskPerson | None, secrets: Secrets, patience: Patience) -> None:
        self._ask = ask
        self._secrets = secrets
        self._patience = patience

    async def serve(self, module: str, pending: PendingRequest, params: HubAskParams) -> dict[str, Any]:
        """Ask inside the call `pending`, and return the result of `hub.ask`.

        Raises:
            NobodyToAsk: there is nobody, or the way to them failed.
        """
        behind = pending.call.behind if pending.call is not None else None
        ask = (behind.ask if behind is not None else None) or self._ask
        if ask is None:
            msg = f"{module} asks for input, and nobody can be asked here: {params.message:.200}"
            raise NobodyToAsk(msg, hint="run the command on a terminal, or give the value in [config]")
        deadlines = (pending.deadline, *(behind.deadlines if behind is not None else ()))
        with self._patience.standing_still(deadline for deadline in deadlines if deadline is not None):
            content = await self._ask_well(ask, Question(module, params.message, params.form))
        if content is None:
            return {"action": "decline"}
        self._secrets.learn(module, [content[name] for name in _secret_fields(params.form) if name in content])
        return {"action": "accept", "content": dict(content)}

    async def _ask_well(self, ask: AskPerson, question: Question) -> Mapping[str, Any] | None:
        """Return what was filled in, or None when the person declined."""
        try:
            answer = ask(question)
            if inspect.isawaitable(answer):
                answer = await answer
            return dict(answer.content or {}) if answer.action == "accept" else None
        except NobodyToAsk:
            raise
        except Exception as error:  # a fault of the application's function; its text is not for the module
            kind = error.kind if isinstance(error, HubError) else type(error).__name__
            msg = f"{question.module} asks for input, and the application's `ask` failed: {kind}"
            raise NobodyToAsk(msg, hint="mend `ask`") from error


def _secret_fields(schema: Mapping[str, Any]) -> list[str]:
    """Return the members of a flat form that hold secrets, also those that say so behind a reference; rather one too many."""
    properties = cast("dict[str, Any]", schema.get("properties", {}))
    elsewhere = _says_secret({name: part for name, part in schema.items() if name != "properties"})
    return [name for name, field in properties.items() if _says_secret(field) or (elsewhere and "$ref" in field)]


def _says_secret(schema: object) -> bool:
    left = [schema]
    while left:
        found = left.pop()
        if isinstance(found, dict):
            members = cast("dict[str, object]", found)
            if members.get(_MARK) is True:
                return True
            left.extend(members.values())
        elif isinstance(found, list):
            left.extend(cast("list[object]", found))
    return False
