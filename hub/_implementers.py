"""Own which modules implement a function of an interface, told without a start where it can be; know no calls.

A module that runs has said it. Of one that does not, its approval tells, as long as its files are the same; what was never
approved, or has changed, is started for a moment and asked.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread

from hub._interface_list import interface_rows
from hub._interfaces import Target
from hub._introduction import Claim
from hub._names import did_you_mean, printable
from hub.errors import BadInterface, CallTimeout, Closed, HubError, NotFound, UsageError

if TYPE_CHECKING:
    from hub._approval_format import Approval
    from hub._hub import Hub

__all__ = ["Implementers"]

# More names than this make no hint.
_SHOWN_MODULES: Final = 12


class _Attempt:
    """One finding out, and its outcome."""

    def __init__(self) -> None:
        self.over = anyio.Event()
        self.claims: tuple[Claim, ...] = ()
        self.error: HubError | None = Closed("cannot ask the module: the hub is closing")

    async def outcome(self) -> tuple[Claim, ...]:
        await self.over.wait()
        if self.error is not None:
            raise self.error
        return self.claims


class Implementers:
    """Knows for one hub who implements what."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        # By module: the digest of the plugin that was asked, and what it said.
        self._asked: dict[str, tuple[str, tuple[Claim, ...]]] = {}
        # Starting an interpreter is work for a processor: more at a time than there are only makes each one slower.
        self._under_way: dict[str, _Attempt] = {}
        self._room = anyio.CapacityLimiter(max(2, os.cpu_count() or 1))

    async def serves(self, name: str, target: Target) -> bool:
        """Return whether a module implements a function of an interface.

        Raises:
            BadInterface: it says so, and does not keep its word.
            HubError: it cannot be told.
        """
        if (claims := self._told(name)) is not None:
            return target.is_served_by(claims)
        recorded = await self._recorded(name)
        # Where its approval says yes, its start will tell whether that still holds.
        if recorded is not None and target.is_served_by(self._claims_in(recorded)):
            return True
        return target.is_served_by(await self.claims(name))

    async def claims(self, name: str) -> tuple[Claim, ...]:
        """Return the interfaces that a module says it implements, judged.

        Raises:
            BadInterface: it does not keep its word.
            HubError: it cannot be told.
        """
        if (claims := self._told(name)) is not None:
            return claims
        # The hub's own task, which all share who want to know: one that gives up waiting has not to wait for its end.
        if name not in self._under_way:
            attempt = self._under_way[name] = _Attempt()
            self._hub.start_task(self._find_out, name, attempt)
        return await self._under_way[name].outcome()

    async def _find_out(self, name: str, attempt: "_Attempt") -> None:
        try:
            attempt.claims = await self._recorded_or_asked(name)
            attempt.error = None
        except HubError as error:
            attempt.error = error
        finally:
            del self._under_way[name]
            attempt.over.set()

    async def _recorded_or_asked(self, name: str) -> tuple[Claim, ...]:
        digest = (await self._hub.gate.digest(self._hub.loaded[name].plugin)).digest
        recorded = await self._recorded(name)
        if recorded is not None and recorded.content.implements is not None and recorded.content.digest == digest:
            return self._claims_in(recorded)
        asked, claims = self._asked.get(name, ("", ()))
        if asked != digest:
            async with self._room:
                request = await self._hub.introduce(name)
            asked, claims = self._asked[name] = request.content.digest, request.introduction.claims
        return claims

    async def listing(self, name: str | None = None) -> tuple[list[dict[str, Any]], list[HubError]]:
        """Return the interfaces, or all versions of one, as JSON with who implements them; and why others could not say.

        Raises:
            NotFound: there is none of this name.
        """
        claims, failed = await self._all_claims()
        rows = interface_rows(self._hub.interfaces.known.values(), claims)
        if name is None:
            return rows, failed
        found = [row for row in rows if row["name"] == name]
        if not found:
            hint = did_you_mean(name, {row["name"] for row in rows}) or "`hub interfaces` shows all"
            raise NotFound(f"cannot show {printable(name)}: there is no such interface", hint=hint)
        return found, failed

    async def _all_claims(self) -> tuple[Mapping[str, tuple[Claim, ...]], list[HubError]]:
        found: dict[str, tuple[Claim, ...]] = {}
        failed: dict[str, HubError] = {**self._hub.registry.broken, **self._hub.interfaces.problems}

        async def ask(name: str) -> None:
            try:
                found[name] = await self.claims(name)
            except HubError as error:
                failed[name] = error

        async with anyio.create_task_group() as tasks:
            for name in self._hub.loaded:
                tasks.start_soon(ask, name)
        return {name: found[name] for name in sorted(found)}, [failed[name] for name in sorted(failed)]

    async def only(
        self, address: str, version: str | None = None, timeout_seconds: float | None = None, spent_seconds: float = 0.0
    ) -> tuple[str, float]:
        """Return the address `module.function` of the one module that implements `interface.function`, and the seconds spent.

        Of several, one that was approved goes before those that never were.

        Raises:
            NotFound: there is no such function, or nobody implements it.
            UsageError: several do, so that it has to be said which.
            CallTimeout: it could not be told in time.
        """
        target = self._hub.interfaces.find(address, version)
        clock = self._hub.around.clock
        begun = clock()
        found: list[str] = []
        with anyio.move_on_after(None if timeout_seconds is None else timeout_seconds - spent_seconds) as waiting:
            found = await self._serving(target)
        if waiting.cancelled_caught:
            msg = f"cannot call {printable(address)} within {timeout_seconds:g} s: it was still being asked who has it"
            raise CallTimeout(msg, hint="give it more time with --timeout", data={"may_have_executed": False})
        known = [name for name in found if await self._recorded(name) is not None]
        return _one(target, known or found), spent_seconds + clock() - begun

    async def _serving(self, target: Target) -> list[str]:
        found: list[str] = []

        async def ask(name: str) -> None:
            try:
                if await self.serves(name, target):
                    found.append(name)
            except HubError as error:
                # One that breaks its word would have been meant too; of the others nobody knows.
                if is_about(error, target):
                    found.append(name)

        async with anyio.create_task_group() as tasks:
            for name in self._hub.loaded:
                tasks.start_soon(ask, name)
        return sorted(found)

    def _told(self, name: str) -> tuple[Claim, ...] | None:
        """Return what a module that runs has said."""
        module = self._hub.loaded[name]
        return module.introduction.claims if module.is_active and module.introduction is not None else None

    async def _recorded(self, name: str) -> "Approval | None":
        # In a thread: the approval of a plugin with many files is a large file.
        return await anyio.to_thread.run_sync(self._hub.gate.approval_of, name, abandon_on_cancel=True)

    def _claims_in(self, approval: "Approval") -> tuple[Claim, ...]:
        return self._hub.interfaces.claims_of(approval.content.implements or ())


def is_about(error: HubError, target: Target) -> bool:
    """Return whether an error says that a module breaks its word about the very interface that is wanted."""
    return isinstance(error, BadInterface) and str(error.data.get("interface")).partition("/")[0] == target.name


def _one(target: Target, found: list[str]) -> str:
    if len(found) == 1:
        return f"{found[0]}.{target.function}"
    if not found:
        msg = f"cannot call {target.address}: no module implements {target.name} {target.requirement}"
        raise NotFound(msg, hint="`hub interfaces` shows who implements what", data={"interface": target.name})
    shown = ", ".join(found[:_SHOWN_MODULES]) + (", …" if len(found) > _SHOWN_MODULES else "")
    raise UsageError(
        f"cannot call {target.address}: {len(found)} modules implement it: {shown}",
        hint="call them with --all, or say which with --on MODULE (which may be repeated)",
        data={"interface": target.name, "modules": found},
    )
