"""Own what the hub asks a client over the control socket: questions on their way, their answers, their end; know no socket.

A client is asked only in a call in which it said that it can be (`can_ask`): one that does not know of questions would let a
module wait in vain.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import anyio

from hub._person import Answer, Question
from hub.errors import NobodyToAsk, Overloaded

__all__ = ["ASK", "Asked", "answer_of"]

ASK: Final = "hub.ask"
_CANCEL: Final = "$/cancelRequest"
# Open on one connection: its person answers them one by one.
_MAX_QUESTIONS: Final = 16


class Asked:
    """The questions open on one connection. `send` sends a message to its client."""

    def __init__(self, send: Callable[[Mapping[str, Any]], None]) -> None:
        self._send = send
        self._last = 0
        self._ended = False
        self._open: dict[str, tuple[anyio.Event, list[Mapping[str, Any]]]] = {}

    async def ask(self, request_id: str | float | None, question: Question) -> Answer:
        """Ask the client in whose request `request_id` it is asked; given up, the client is told so.

        Raises:
            NobodyToAsk: nobody answers there after all.
        """
        if len(self._open) >= _MAX_QUESTIONS:
            raise Overloaded(f"cannot ask: {len(self._open)} questions are open already", hint="answer them first")
        if self._ended:
            return answer_of(question.module, {})
        self._last += 1
        number = f"ask-{self._last}"
        came, answers = self._open[number] = anyio.Event(), list[Mapping[str, Any]]()
        told = {"id": request_id, "module": question.module, "message": question.message, "schema": question.schema}
        try:
            self._send({"jsonrpc": "2.0", "id": number, "method": ASK, "params": told})
            await came.wait()
        finally:
            del self._open[number]
            if not answers:
                self._send({"jsonrpc": "2.0", "method": _CANCEL, "params": {"id": number}})
        return answer_of(question.module, answers[0])

    def answered(self, response: Mapping[str, Any]) -> None:
        """Take a response of the client; one that nobody waits for is dropped."""
        number = response.get("id")
        found = self._open.get(number) if isinstance(number, str) else None
        if found is not None and not found[1]:
            found[1].append(response)
            found[0].set()

    def end(self) -> None:
        """Let all questions, open and to come, find nobody: the client has ended what it sends."""
        self._ended = True
        for came, answers in self._open.values():
            answers.append({})  # behind one that has come already, it is not looked at
            came.set()


def answer_of(module: str, response: Mapping[str, Any]) -> Answer:
    """Return what a response of a client says.

    Raises:
        NobodyToAsk: it is an error, or no answer to a question.
    """
    result: Any = response.get("result")
    told = cast("dict[str, Any]", result) if isinstance(result, dict) else {}
    content: Any = told.get("content")
    if told.get("action") == "decline":
        return Answer("decline")
    if told.get("action") == "accept" and isinstance(content, dict):
        return Answer("accept", cast("dict[str, Any]", content))
    raise NobodyToAsk(f"{module} asks for input, and nobody answers", hint="run the command on a terminal")
