"""Own the decision in `hub plugin approve`: what is shown, who is asked, what is remembered; know no options and no file."""

import getpass
import os
from typing import TYPE_CHECKING

from hub.cli._ask import Asker
from hub.cli._complete import remember
from hub.cli._output import Output
from hub.cli._plugin_page import page_json, page_lines
from hub.errors import NotApproved, UsageError

if TYPE_CHECKING:
    from hub import ApprovalRequest, Hub
    from hub.cli._screen import Screen

__all__ = ["approve"]


async def approve(hub: "Hub", screen: "Screen", output: Output, name: str, *, yes: bool) -> None:
    """Show what there is to approve, ask, and remember a yes.

    Raises:
        NotApproved: the person said no.
        UsageError: there is nobody to ask, and `yes` was not given.
    """
    asker = Asker(output, screen)
    if not (yes or asker.can_ask):
        # Before anything is started: nothing that the module says could change this.
        hub.registry.get(name)
        hint = f"look at it with `hub plugin info {name}`, then `hub plugin approve {name} --yes`"
        raise UsageError(f"cannot approve {name}: there is no terminal to ask on", hint=hint)
    request = await hub.introduce(name)
    remember(hub.paths, [request])
    if not request.approved:
        await _decide(asker, screen, output, request, yes=yes)
        hub.approve(request, by=_person())
    if output.json:
        output.document(page_json(request) | {"state": "approved"})
    elif request.approved:
        output.lines([f"{name} {request.introduction.version} is approved already"])
    else:
        output.lines([f"approved {name} {request.introduction.version}"])


async def _decide(asker: Asker, screen: "Screen", output: Output, request: "ApprovalRequest", *, yes: bool) -> None:
    if output.json:
        if not yes:
            for line in page_lines(request):
                screen.line(line)
    else:
        output.lines(page_lines(request))
    name, version = request.introduction.name, request.introduction.version
    if not yes and not await asker.confirm(f"Let {name} {version} run?"):
        raise NotApproved(f"cannot approve {name}: you did not say yes", data={"module": name})


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, in a container
        return f"uid {os.getuid()}"
