"""Own questions of the running hub at this terminal: asked as without it, and ended when the hub needs no answer any more.

The one reason for an event loop in a command that goes through a running hub: a person types, and the hub may speak meanwhile.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import anyio

from hub import Question
from hub.cli._ask import Asker

if TYPE_CHECKING:
    from hub import RemoteQuestion
    from hub.cli._output import Output
    from hub.cli._screen import Screen

__all__ = ["ask_here"]


def ask_here(output: "Output", screen: "Screen", question: "RemoteQuestion") -> Mapping[str, Any] | None:
    """Return what the person fills in; None when they decline, or when the question is over."""
    return anyio.run(_ask, output, Asker(output, screen), question)


async def _ask(output: "Output", asker: Asker, question: "RemoteQuestion") -> Mapping[str, Any] | None:
    content: Mapping[str, Any] | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_watch, output, question, tasks.cancel_scope)
        answer = await asker.ask(Question(question.module, question.message, question.schema))
        content = answer.content
        tasks.cancel_scope.cancel()
    return content


async def _watch(output: "Output", question: "RemoteQuestion", asking: anyio.CancelScope) -> None:
    while True:
        await anyio.wait_readable(question.descriptor)
        if question.look():
            output.say("")  # the cursor stands behind the prompt
            asking.cancel()
            return
