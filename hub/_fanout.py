"""Own one call of a function on every module that implements it: who is called, at once, and the answers as they come.

Knows how a call is made and nothing of what the answers are for.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypedDict

import anyio
import anyio.abc

from hub._calls import first_caller
from hub._credentials import check_account
from hub._implementers import is_about
from hub._interfaces import Target
from hub.errors import CallTimeout, Closed, HubError, NotFound

if TYPE_CHECKING:
    from hub._hub import Hub
    from hub._person import AskPerson

__all__ = ["FanOut", "FanOutOptions", "ModuleAnswer", "answers_json"]

_DEFAULT_ACCOUNT: Final = "default"


@dataclass(frozen=True, slots=True)
class ModuleAnswer:
    """What one module answered for one account: a `result` (a JSON value), or the `error` in place of it."""

    module: str
    account: str
    result: Any = None
    error: HubError | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the member of `answers` for it."""
        who = {"module": self.module, "account": self.account}
        return who | ({"result": self.result} if self.error is None else {"error": self.error.to_json()})


class FanOutOptions(TypedDict, total=False):
    """How a function is called on many modules; all may be left out."""

    timeout_seconds: float | None
    """Of each call for itself, the start of its module included."""
    spent_seconds: float
    """What of it has passed already."""
    account: str | None
    """The only account that is called; else each that the hub knows for a module."""
    version: str | None
    """A semver requirement on the interface; else any version of the highest major one that is known."""
    modules: Sequence[str] | None
    """The only modules that are called; else all that implement it."""
    ask: "AskPerson | None"
    keep: str | None


class FanOut:
    """One function of an interface on all modules that have it: `async with ... as answers: async for answer in answers`.

    The answers come as they arrive, one for each module and account, failures among them. Whoever leaves the block before
    the last one cancels the rest, and nothing of them is left when the block has ended: that is why it is a block. `unclear`
    has the errors of modules of which it cannot be told whether they implement it.
    """

    def __init__(self, hub: "Hub", address: str, params: Mapping[str, Any], options: FanOutOptions) -> None:
        self._hub = hub
        self._address = address
        self._params = dict(params)
        self._options = options
        self._tasks: anyio.abc.TaskGroup | None = None
        # At most one for each module and account.
        self._arrived: deque[ModuleAnswer] = deque()
        self._under_way = 0
        self._changed = anyio.Event()
        self._begun = 0.0
        self.unclear: list[HubError] = []

    async def __aenter__(self) -> Self:
        """Begin all calls.

        Raises:
            NotFound: there is no such interface, version, function or module.
            BadSettings: the requirement, the account or the timeout is none.
        """
        named = self._options.get("modules")
        if (account := self._options.get("account")) is not None:
            check_account(account)
        for name in named or ():
            if name not in self._hub.loaded:
                self._hub.registry.get(name)  # raises what is wrong with it
                raise NotFound(f"cannot use {name}: it appeared after the hub was opened")
        target = self._hub.interfaces.find(self._address, self._options.get("version"))
        self._begun = self._hub.around.clock()
        # To see that the timeout is one.
        first_caller(self._address, self._begun, self._options.get("timeout_seconds"), 0.0, None, None)
        self._tasks = await anyio.create_task_group().__aenter__()
        for name in dict.fromkeys(named or self._hub.loaded):
            self._under_way += 1
            self._tasks.start_soon(self._ask, name, target, bool(named))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        assert self._tasks is not None  # noqa: S101 - entered before
        self._tasks.cancel_scope.cancel()
        # What the body raised goes on as it is; only a cancellation may be the task group's own, and ends in it then.
        cancelled = isinstance(error, anyio.get_cancelled_exc_class())
        ended = await self._tasks.__aexit__(*((kind, error, trace) if cancelled else (None, None, None)))
        return ended if cancelled else None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ModuleAnswer:
        while not self._arrived:
            if not self._under_way:
                raise StopAsyncIteration
            await self._changed.wait()
        return self._arrived.popleft()

    async def all(self) -> list[ModuleAnswer]:
        """Return the answers that are still to come, by module and account."""
        return sorted([answer async for answer in self], key=lambda answer: (answer.module, answer.account))

    def _put(self, answer: ModuleAnswer) -> None:
        self._arrived.append(answer)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    async def _ask(self, module: str, target: Target, is_named: bool) -> None:  # noqa: FBT001 - handed on by a task group
        """Call a module for each of its accounts, if it implements the function."""
        account = self._options.get("account")
        try:
            if is_named:
                await self._must_implement(module, target)
            if is_named or await self._implements(module, target):
                accounts = (account,) if account is not None else self._hub.credentials.accounts_of(module)
                async with anyio.create_task_group() as calls:
                    for one in accounts:
                        calls.start_soon(self._call, module, target.function, one)
        except HubError as error:
            self._put(ModuleAnswer(module, account or _DEFAULT_ACCOUNT, error=error))
        finally:
            self._under_way -= 1
            self._wake()

    async def _implements(self, module: str, target: Target) -> bool:
        try:
            return await self._told(module, target)
        except Closed:
            raise
        except HubError as error:
            if is_about(error, target):
                raise
            self.unclear.append(error)
            return False

    async def _must_implement(self, module: str, target: Target) -> None:
        if not await self._told(module, target):
            msg = f"cannot call {target.address} on {module}: it does not implement {target.name} {target.requirement}"
            raise NotFound(msg, hint="`hub interfaces` shows who implements what", data={"module": module})

    async def _told(self, module: str, target: Target) -> bool:
        seconds = self._options.get("timeout_seconds")
        left = None if seconds is None else seconds - self._spent()
        with anyio.move_on_after(left):
            return await self._hub.implementers.serves(module, target)
        msg = f"cannot tell whether {module} implements {target.name} within {seconds:g} s: it was still being asked"
        raise CallTimeout(msg, hint="give it more time with --timeout", data={"module": module, "may_have_executed": False})

    async def _call(self, module: str, function: str, account: str) -> None:
        try:
            result = await self._hub.request(
                f"{module}.{function}",
                self._params,
                timeout_seconds=self._options.get("timeout_seconds"),
                spent_seconds=self._spent(),
                profile=account,
                ask=self._options.get("ask"),
                keep=self._options.get("keep"),
            )
        except HubError as error:
            self._put(ModuleAnswer(module, account, error=error))
        else:
            self._put(ModuleAnswer(module, account, result))

    def _spent(self) -> float:
        return self._options.get("spent_seconds", 0.0) + self._hub.around.clock() - self._begun


def answers_json(address: str, answers: Sequence[ModuleAnswer]) -> dict[str, Any]:
    """Return the document of all answers."""
    return {"function": address, "answers": [answer.to_json() for answer in answers]}
