"""Own `hub call INTERFACE.FUNCTION`: its help, whom it means, and the call of all that implement it; know no module.

With `--all` or `--on` the answers of several come as one table or document; without, the function of the one module that has it
is called as if it had been named.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from hub.cli import BEGUN_SECONDS

if TYPE_CHECKING:
    from hub import Client, Function, Hub
    from hub.cli._call_line import CallLine
    from hub.cli._output import Output
    from hub.cli._screen import Screen

__all__ = ["address_in", "address_through", "make_fan_out", "show_interface_help"]

# Each call has a deadline in the hub; who waits this much longer waits for a hub that hangs.
_GRACE_SECONDS: Final = 10.0
# The longest that a manifest may allow a call where nobody says anything.
_LONGEST_SECONDS: Final = 86_400.0


def address_through(client: "Client", line: "CallLine", address: str, seconds: float | None) -> str:
    """Return `module.function` for an address; the running hub says who implements it where an interface is named.

    Raises:
        HubError: nobody does, or several.
    """
    if not line.is_for_interface:
        return address
    asked: dict[str, Any] = {"function": address, "version": line.interface_version, **_timing(seconds)}
    return client.request("hub.implementer", asked, timeout_seconds=_wait(seconds))


async def address_in(hub: "Hub", line: "CallLine", address: str, seconds: float | None) -> str:
    """Return the same without a running hub.

    Raises:
        HubError: nobody implements it, or several do.
    """
    if not line.is_for_interface:
        return address
    found, _ = await hub.implementers.only(address, line.interface_version, seconds, _spent())
    return found


def show_interface_help(output: "Output", plugins: list[str], line: "CallLine", address: str) -> int:
    """Show what a function of an interface takes. No module is started."""
    from hub.cli._function_help import function_help
    from hub.cli._running import through_hub
    from hub.cli.functions import function_json

    interface = address.rpartition(".")[0]

    def ask(client: "Client") -> "Function":
        return _function_through(client, line, address)

    async def work(hub: "Hub", _screen: "Screen") -> "Function":
        target = hub.interfaces.find(address, line.interface_version)
        return target.interface.functions[target.function]

    function = through_hub(output, plugins, ask, work)
    if output.json:
        output.document(function_json(interface, function))
    else:
        output.lines(function_help(interface, function, output.width))
    return 0


def make_fan_out(output: "Output", plugins: list[str], line: "CallLine", address: str) -> int:
    """Call a function on all modules that implement it, or on those that were named, and show the answers.

    Raises:
        HubError: nothing could be called.
    """
    from hub.cli._fanout_page import show_answers
    from hub.cli._given_params import given_params, given_seconds
    from hub.cli._person import person_of, question_asker, tell_what_ends
    from hub.cli._running import through_hub

    base = given_params(address, line.params)
    seconds = given_seconds(address, line.timeout)
    person = person_of(line.account, line.keep)

    def ask(client: "Client") -> int:
        from hub.cli._screen import Screen

        params = _params(address, line, _function_through(client, line, address), base)
        on_question = question_asker(output, Screen(output))
        asked = {"function": address, "params": params, "version": line.interface_version, "can_ask": on_question is not None}
        asked |= {**({"modules": line.on} if line.on else {}), **person, **_timing(seconds)}
        found: Any = client.request("hub.call_all", asked, timeout_seconds=_wait(seconds), on_question=on_question)
        return show_answers(output, address, found["answers"], found["unclear"])

    async def work(hub: "Hub", screen: "Screen") -> int:
        import anyio.to_thread

        target = hub.interfaces.find(address, line.interface_version)
        params = _params(address, line, target.interface.functions[target.function], base)
        calls = hub.call_all(
            address,
            params,
            timeout_seconds=seconds,
            spent_seconds=_spent(),
            account=person.get("profile"),
            version=line.interface_version,
            modules=line.on or None,
            keep=person.get("keep"),
        )
        async with calls as answers:
            found = [answer.to_json() for answer in await answers.all()]
            unclear = [error.to_json() for error in answers.unclear]
        screen.clear()
        # Before the modules are stopped: one that hangs must not keep the answers of the others from the person.
        code = await anyio.to_thread.run_sync(show_answers, output, address, found, unclear, abandon_on_cancel=True)
        tell_what_ends(hub, output, screen)
        return code

    return through_hub(output, plugins, ask, work)


def _function_through(client: "Client", line: "CallLine", address: str) -> "Function":
    from hub import Function

    asked = {"function": address, "version": line.interface_version}
    found: Any = client.request("hub.interface_function", asked)
    return Function(found["function"]["name"], found["function"])


def _params(address: str, line: "CallLine", function: "Function", base: Mapping[str, Any]) -> dict[str, Any]:
    from hub.cli._arguments import params_from_words

    return params_from_words(address, function.params, line.words, base)


def _timing(seconds: float | None) -> dict[str, float]:
    return {} if seconds is None else {"timeout_seconds": seconds, "spent_seconds": _spent()}


def _wait(seconds: float | None) -> float:
    return _GRACE_SECONDS + (_LONGEST_SECONDS if seconds is None else max(0.0, seconds - _spent()))


def _spent() -> float:
    return time.monotonic() - BEGUN_SECONDS
