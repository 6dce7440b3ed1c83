"""Own who stands behind a call: the account, where their credentials are kept, whom the hub asks back; know no function."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from hub import Config

if TYPE_CHECKING:
    from hub import Hub, RemoteQuestion
    from hub.cli._output import Output
    from hub.cli._screen import Screen

__all__ = ["person_of", "question_asker", "tell_what_ends"]


def person_of(account: str | None, keep: str | None) -> dict[str, str]:
    """Return `profile` and `keep`, each where it was given; `keep` by the environment too, which a running hub cannot see.

    Raises:
        BadSettings: the environment names no place to keep credentials.
    """
    keep = keep if keep is not None else Config.keep_in(os.environ)
    return {name: value for name, value in (("profile", account), ("keep", keep)) if value is not None}


def question_asker(output: "Output", screen: "Screen") -> "Callable[[RemoteQuestion], Mapping[str, Any] | None] | None":
    """Return what asks the person at this terminal for a running hub, or None where there is nobody."""
    if not output.can_ask:
        return None

    def ask(question: "RemoteQuestion") -> Mapping[str, Any] | None:
        from hub.cli._remote_ask import ask_here  # an event loop, which a call without questions does not pay for

        return ask_here(output, screen, question)

    return ask


def tell_what_ends(hub: "Hub", output: "Output", screen: "Screen") -> None:
    """Say that what modules keep for the session ends with this very command, which is not what anybody wants."""
    modules = sorted({credential.module for credential in hub.credentials.listed() if credential.kept == "session"})
    if modules and not output.json:
        mend = "keep `hub up` running meanwhile, or give --keep keyring"
        screen.line(f"note: what {' and '.join(modules)} keeps secret is forgotten when this command ends; {mend}")
