"""Own the proof that one call reaches every module that implements it, each for itself, and that nothing is left of it."""

import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio
import pytest

from hub import Hub, ModuleAnswer
from hub._keyring_index import Place
from hub.errors import BadSettings, Closed, HubError, NotFound, UsageError
from hub.testing import MemorySpawner, ModuleEnd, Program
from tests.hub.interfaces import GREETING, claiming, greeting, interface_file
from tests.hub.modules import hub_of, memory_plugin

_ADDRESS = "example.greeting.greet"
_NEWER: Mapping[str, Any] = {**GREETING, "version": "1.1", "functions": [greeting(), greeting(name="wave")]}


async def _greets(module: ModuleEnd, request: dict[str, Any]) -> None:
    said = f"{module.spec.name} for {request['context'].get('profile')}"
    await module.answer(request, [{"said": said}])


async def _refuses(module: ModuleEnd, request: dict[str, Any]) -> None:
    await module.refuse(request, 1001, "there is nobody", {"who": module.spec.name})


def _greeter(handler: Any = _greets, version: str = "1.0", functions: Sequence[Mapping[str, Any]] | None = None) -> Program:
    return claiming([f"example.greeting/{version}"], {"greet": handler, "wave": handler}, functions)


class _Stage:
    """A hub whose first plugin brings the interface, and the programs of all of them."""

    def __init__(self, plugins: Path, programs: Mapping[str, Program], **options: Any) -> None:
        for number, name in enumerate(programs):
            directory = memory_plugin(plugins, name)
            if number == 0:
                interface_file(directory, GREETING)
                interface_file(directory, _NEWER, "newer.json")
        self.spawn = MemorySpawner(programs)
        self.hub: Hub = hub_of(plugins, spawn=self.spawn, **options)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.spawn)
        await self._stack.enter_async_context(self.hub)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._stack.__aexit__(kind, error, trace)

    async def all(self, address: str = _ADDRESS, **options: Any) -> list[ModuleAnswer]:
        async with self.hub.call_all(address, {}, **options) as answers:
            return await answers.all()

    def count(self, name: str) -> int:
        return [spec.name for spec in self.spawn.spawned].count(name)


def _shown(answers: Sequence[ModuleAnswer]) -> list[tuple[str, str, Any]]:
    return [(answer.module, answer.account, answer.result if answer.error is None else answer.error.kind) for answer in answers]


def _said(name: str, account: str = "default") -> tuple[str, str, Any]:
    return name, account, [{"said": f"{name} for {account}"}]


async def test_every_module_that_implements_it_answers_and_failures_stand_beside(tmp_path: Path) -> None:
    programs = {"a": _greeter(), "b": _greeter(_refuses), "c": claiming([]), "d": _greeter()}
    async with _Stage(tmp_path / "plugins", programs) as on:
        answers = await on.all()
        assert _shown(answers) == [_said("a"), ("b", "default", "function_error"), _said("d")]
        assert answers[1].to_json() == {
            "module": "b",
            "account": "default",
            "error": {"kind": "function_error", "code": 1001, "message": "there is nobody", "data": {"who": "b"}},
        }
        assert answers[0].to_json() == {"module": "a", "account": "default", "result": [{"said": "a for default"}]}


async def test_answers_come_as_they_arrive_and_who_leaves_cancels_the_rest(tmp_path: Path) -> None:
    cancelled = anyio.Event()
    begun = anyio.Event()

    async def hangs(module: ModuleEnd, request: dict[str, Any]) -> None:
        begun.set()

    async def told(module: ModuleEnd, notification: dict[str, Any]) -> None:
        cancelled.set()

    slow = claiming(["example.greeting/1.0"], {"greet": hangs, "$/cancelRequest": told})
    async with _Stage(tmp_path / "plugins", {"a": slow, "b": _greeter()}) as on:
        async with on.hub.call_all(_ADDRESS) as answers:
            async for answer in answers:
                assert answer.module == "b"
                await begun.wait()
                break
        assert not on.hub.loaded["a"].is_busy
        with anyio.fail_after(4):
            await cancelled.wait()


async def test_each_call_has_the_whole_timeout_for_itself_and_the_answers_are_there_in_time(tmp_path: Path) -> None:
    async def hangs(module: ModuleEnd, request: dict[str, Any]) -> None:
        await anyio.sleep_forever()

    async with _Stage(tmp_path / "plugins", {"a": _greeter(), "b": _greeter(hangs), "c": _greeter(hangs)}) as on:
        await on.hub.start("a")
        begun = time.monotonic()
        answers = await on.all(timeout_seconds=0.4)
        assert _shown(answers) == [_said("a"), ("b", "default", "timeout"), ("c", "default", "timeout")]
        assert time.monotonic() - begun < 0.4 + 0.3


async def test_what_has_passed_of_the_timeout_before_counts(tmp_path: Path) -> None:
    async def hangs(module: ModuleEnd, request: dict[str, Any]) -> None:
        await anyio.sleep_forever()

    async with _Stage(tmp_path / "plugins", {"a": _greeter(hangs)}) as on:
        answers = await on.all(timeout_seconds=60, spent_seconds=59.6)
        assert _shown(answers) == [("a", "default", "timeout")]


async def test_a_module_that_does_not_even_start_in_time_is_a_row(tmp_path: Path) -> None:
    async def silent(module: ModuleEnd) -> int:
        await anyio.sleep_forever()
        return 0

    async with _Stage(tmp_path / "plugins", {"a": _greeter(), "b": _greeter()}) as on:
        await on.all()
    async with _Stage(tmp_path / "again", {"a": _greeter(), "b": silent}) as on:
        begun = time.monotonic()
        assert _shown(await on.all(timeout_seconds=0.4)) == [_said("a"), ("b", "default", "timeout")]
        assert time.monotonic() - begun < 0.4 + 0.3


async def test_of_a_module_that_was_never_approved_it_is_asked_and_told(tmp_path: Path) -> None:
    async def silent(module: ModuleEnd) -> int:
        await anyio.sleep_forever()
        return 0

    programs = {"a": _greeter(), "b": _greeter(), "c": claiming([]), "d": silent}
    async with _Stage(tmp_path / "plugins", programs, approve=None) as on:
        on.hub.approve(await on.hub.introduce("a"), by="test")
        async with on.hub.call_all(_ADDRESS, timeout_seconds=0.6) as answers:
            assert _shown(await answers.all()) == [_said("a"), ("b", "default", "not_approved")]
            # Nobody can say what it is, and it could not be called anyhow.
            assert [(error.kind, error.data["module"]) for error in answers.unclear] == [("timeout", "d")]


async def test_one_that_breaks_its_word_is_a_row_that_says_how(tmp_path: Path) -> None:
    """HUB-CAPS-9."""
    liar = claiming(["example.greeting/1.0"], functions=[greeting(returns={"type": "string"})])
    async with _Stage(tmp_path / "plugins", {"a": _greeter(), "b": liar}) as on:
        answers = await on.all()
        assert _shown(answers) == [_said("a"), ("b", "default", "bad_interface")]
        assert answers[1].error is not None
        assert answers[1].error.data["pointer"] == "/functions/0/returns"


async def test_what_was_approved_is_not_started_to_be_asked(tmp_path: Path) -> None:
    programs = {"a": _greeter(), "b": claiming([]), "c": _greeter(), "d": claiming([])}
    async with _Stage(tmp_path / "plugins", programs) as on:
        for name in "abc":
            on.hub.approve(await on.hub.introduce(name), by="test")
        assert _shown(await on.all()) == [_said("a"), _said("c")]
        assert {name: on.count(name) for name in programs} == {"a": 2, "b": 1, "c": 2, "d": 1}
        assert _shown(await on.all()) == [_said("a"), _said("c")]
        assert {name: on.count(name) for name in programs} == {"a": 2, "b": 1, "c": 2, "d": 1}
        # A plugin that is not what was approved is asked, once.
        (tmp_path / "plugins" / "b" / "new").write_text("1")
        on.spawn.programs["b"] = _greeter()
        on.hub.gate.store.revoke("c")
        assert _shown(await on.all()) == [_said("a"), _said("b"), _said("c")]
        assert on.count("b") == 3


async def test_each_account_that_a_module_has_is_called(tmp_path: Path) -> None:
    async with _Stage(tmp_path / "plugins", {"a": _greeter(), "b": _greeter()}) as on:
        for account in ("work", "home"):
            await on.hub.credentials.put(Place("a", account, "token"), "s3cret-value")
        assert _shown(await on.all()) == [_said("a", "home"), _said("a", "work"), _said("b")]
        assert _shown(await on.all(account="work")) == [_said("a", "work"), _said("b", "work")]
        with pytest.raises(BadSettings):
            await on.all(account="no such thing!")


async def test_only_the_modules_that_were_named_are_called(tmp_path: Path) -> None:
    async with _Stage(tmp_path / "plugins", {"a": _greeter(), "b": _greeter(), "c": claiming([])}) as on:
        assert _shown(await on.all(modules=["b"])) == [_said("b")]
        answers = await on.all(modules=["c", "b", "b"])
        assert _shown(answers) == [_said("b"), ("c", "default", "not_found")]
        assert on.count("a") == 0
        with pytest.raises(NotFound):
            await on.all(modules=["b", "nobody"])


async def test_a_function_of_a_newer_minor_version_is_called_where_it_is(tmp_path: Path) -> None:
    both = [greeting(), greeting(name="wave")]
    programs = {
        "a": _greeter(version="1.0"),
        "b": _greeter(version="1.1", functions=both),
        "c": _greeter(version="1.4", functions=both),
    }
    async with _Stage(tmp_path / "plugins", programs) as on:
        assert [answer.module for answer in await on.all()] == ["a", "b", "c"]
        assert [answer.module for answer in await on.all("example.greeting.wave")] == ["b", "c"]
        assert [answer.module for answer in await on.all(version="^1.1")] == ["b", "c"]
        assert [answer.module for answer in await on.all(version="1.0.*")] == ["a"]
        assert [answer.module for answer in await on.all(version="~1.1")] == ["b"]
        for requirement, error in {"^2": NotFound, "soon": BadSettings}.items():
            with pytest.raises(error):
                await on.all(version=requirement)


@pytest.mark.parametrize("address", ["example.greting.greet", "example.greeting.gret", "example.greeting.", "a.b.c.d.e"])
async def test_what_there_is_not_is_told_at_once(tmp_path: Path, address: str) -> None:
    async with _Stage(tmp_path / "plugins", {"a": _greeter()}) as on:
        with pytest.raises(NotFound) as missing:
            await on.all(address)
        assert missing.value.hint
        with pytest.raises(NotFound):
            await on.hub.call(address)
        assert on.count("a") == 0


async def test_an_address_of_an_interface_means_its_one_implementer(tmp_path: Path) -> None:
    async with _Stage(tmp_path / "plugins", {"a": claiming([]), "b": _greeter()}, approve=None) as on:
        with pytest.raises(HubError) as refused:
            await on.hub.call(_ADDRESS)
        assert refused.value.kind == "not_approved"
        on.hub.approve(await on.hub.introduce("b"), by="test")
        assert await on.hub.request(_ADDRESS, {}, profile="work") == [{"said": "b for work"}]
        on.spawn.programs["b"] = claiming([])
        await on.hub.stop("b")
        on.hub.revoke("b")
        (tmp_path / "plugins" / "b" / "new").write_text("1")
        with pytest.raises(NotFound) as missing:
            await on.hub.call(_ADDRESS)
        assert "no module implements example.greeting" in missing.value.message


async def test_of_several_it_has_to_be_said_which_but_those_never_approved_do_not_count(tmp_path: Path) -> None:
    async with _Stage(tmp_path / "plugins", {"a": _greeter(), "b": _greeter()}, approve=None) as on:
        on.hub.approve(await on.hub.introduce("b"), by="test")
        assert await on.hub.call(_ADDRESS) == [{"said": "b for None"}]
        on.hub.approve(await on.hub.introduce("a"), by="test")
        with pytest.raises(UsageError) as several:
            await on.hub.call(_ADDRESS)
        assert several.value.data["modules"] == ["a", "b"]
        assert "a, b" in several.value.message
        assert "--all" in (several.value.hint or "")
        assert "--on MODULE" in (several.value.hint or "")


async def test_what_the_block_raises_comes_out_as_it_is(tmp_path: Path) -> None:
    async with _Stage(tmp_path / "plugins", {"a": _greeter()}) as on:
        with pytest.raises(KeyError):
            async with on.hub.call_all(_ADDRESS):
                raise KeyError
        with anyio.move_on_after(0) as scope:
            async with on.hub.call_all(_ADDRESS) as answers:
                await answers.all()
        assert scope.cancelled_caught
        with pytest.raises(BadSettings):
            await on.all(timeout_seconds=-1)
    with pytest.raises(Closed):
        on.hub.call_all(_ADDRESS)
