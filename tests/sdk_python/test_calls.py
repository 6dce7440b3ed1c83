"""Own the tests of what a function sees of its call and of the hub, through hub_sdk.testing and the real connection."""

import asyncio
import dataclasses
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from hub_sdk import (
    AsyncContext,
    Cancelled,
    Context,
    Disable,
    HubCallError,
    InvalidParams,
    Module,
    ModuleError,
    async_context,
    context,
    testing,
)


@dataclasses.dataclass
class Form:
    """What a person is asked."""

    name: str
    sure: bool = False


class NoSuchCity(ModuleError):
    """There is no city of that name."""

    code = 1001


def made(**more: Any) -> Module:
    return Module("m", version="1.0.0", license="MIT", authors=["a"], **more)


def test_a_function_sees_what_the_hub_says_beside_its_arguments() -> None:
    # HUB-CALL-6
    module = made()

    @module.function
    def look(ctx: Context) -> list[Any]:
        assert context().chain == ctx.chain
        assert ctx.remaining_seconds is not None
        return [ctx.trace_id, ctx.chain, ctx.profile, 0 < ctx.remaining_seconds <= 2, ctx.cancelled]

    @module.function
    async def alook(ctx: AsyncContext) -> list[Any]:
        assert async_context().chain == ctx.chain
        return [ctx.chain, ctx.profile]

    with testing.running(module, account="work", timeout_seconds=2) as running:
        assert running.call("look") == ["0" * 16, ["m.look"], "work", True, False]
        assert running.call("alook") == [["m.alook"], "work"]


def test_a_context_is_refused_where_there_is_none_or_one_of_the_other_kind() -> None:
    module = made()

    @module.function
    async def wrong() -> str:
        with pytest.raises(LookupError, match="use async_context"):
            context()
        return "seen"

    with pytest.raises(LookupError, match="no call is under way"):
        context()
    with testing.running(module) as running:
        assert running.call("wrong") == "seen"


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_cancelled_call_ends_at_once_with_an_answer(kind: str) -> None:
    # HUB-CANCEL-2
    module = made()
    begun, ended = threading.Event(), threading.Event()

    @module.function(name="sync")
    def wait(ctx: Context) -> None:
        begun.set()
        try:
            ctx.sleep(3600)
        except Exception:  # noqa: BLE001 - a careless loop must not swallow the end
            pytest.fail("Cancelled is an Exception")
        finally:
            ended.set()

    @module.function(name="async")
    async def wait_async() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with testing.running(module) as running:
        call = running.start(kind)
        assert begun.wait(5)
        call.cancel()
        with pytest.raises(testing.CallFailed) as caught:
            call.result()
        assert (caught.value.code, caught.value.kind) == (-31000, "cancelled")
        assert ended.wait(5)


def test_a_long_loop_is_told_by_check_and_by_every_question_to_the_hub() -> None:
    module = made(permissions=["call:other"])
    cancelled, told = threading.Event(), list[str]()

    @module.function
    def loop(ctx: Context) -> None:
        assert cancelled.wait(5)
        for name, ask in {"check": ctx.check, "sleep": lambda: ctx.sleep(9), "call": lambda: ctx.call("other.f")}.items():
            with pytest.raises(Cancelled):
                ask()
            told.append(name)
        ctx.check()

    @module.function
    def go() -> None:
        cancelled.set()

    with testing.running(module) as running:
        call = running.start("loop")
        call.cancel()
        running.call("go")
        with pytest.raises(testing.CallFailed, match="cancelled"):
            call.result()
    assert told == ["check", "sleep", "call"]


def test_a_result_that_was_ready_is_given_although_the_call_was_cancelled() -> None:
    module = made()
    begun, go_on = threading.Event(), threading.Event()

    @module.function
    def work(ctx: Context) -> bool:
        begun.set()
        assert go_on.wait(5)
        return ctx.cancelled

    with testing.running(module) as running:
        call = running.start("work")
        assert begun.wait(5)
        call.cancel()
        with pytest.raises(testing.CallFailed):
            running.call("nobody")  # answered behind the cancellation, which has been read by then
        go_on.set()
        assert call.result() is True


def test_progress_is_bounded_and_the_last_one_is_always_sent() -> None:
    # HUB-PROG-1, HUB-PROG-2
    module = made()

    @module.function
    def work(ctx: Context) -> None:
        for done in range(1000):
            ctx.progress(done, 1000, "at work")
        ctx.progress(3)

    with testing.running(module) as running:
        call = running.start("work")
        call.result()
    assert len(call.progress) <= 21
    assert call.progress[0] == (0, 1000, "at work")
    assert call.progress[-1].done == 999  # it does not fall
    assert sorted(call.progress) == call.progress


def test_progress_that_was_held_back_is_sent_once_also_before_an_answer_that_cannot_travel() -> None:
    module = made()

    @module.function
    def work(ctx: Context) -> Any:
        for done in range(50):
            ctx.progress(done)
        return 2**60

    with testing.running(module) as running:
        call = running.start("work")
        with pytest.raises(testing.CallFailed):
            call.result()
    assert [progress.done for progress in call.progress].count(49) == 1


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_hub_s_services_are_at_hand_in_both_kinds_of_functions(kind: str) -> None:
    module = made(permissions=["store", "ask", "call:other.add"], required_modules={"system": "*"})

    @module.function(name="sync")
    def use(ctx: Context) -> list[Any]:
        ctx.store.set("count", ctx.store.get("count", 0) + 1)
        ctx.store.set("gone", [1, {"a": None}])
        deleted = ctx.store.delete("gone"), ctx.store.delete("gone")
        form = ctx.ask("who?", Form)
        plain = ctx.ask("and?", {"type": "object"})
        total = ctx.call("other.add", a=1, b=2), ctx.call_with("system.load", {}, timeout_seconds=1)
        return [ctx.store.list("c"), deleted, form, plain, total]

    @module.function(name="async")
    async def use_async(ctx: AsyncContext) -> list[Any]:
        await ctx.store.set("count", await ctx.store.get("count", 0) + 1)
        await ctx.store.set("gone", [1, {"a": None}])
        deleted = await ctx.store.delete("gone"), await ctx.store.delete("gone")
        form = await ctx.ask("who?", Form)
        plain = await ctx.ask("and?", {"type": "object"})
        total = await ctx.call("other.add", a=1, b=2), await ctx.call_with("system.load", {}, timeout_seconds=1)
        return [await ctx.store.list("c"), deleted, form, plain, total]

    store: dict[str, Any] = {"count": 6}
    asked: list[Any] = []

    def answer(message: str, schema: dict[str, Any]) -> dict[str, Any] | None:
        asked.append((message, schema))
        return {"name": "Ada"} if message == "who?" else None

    def add(a: int, b: int) -> int:
        return a + b

    with testing.running(module, host={"other.add": add, "system.load": lambda: 0.5}, store=store, answers=answer) as running:
        assert running.call(kind) == [["count"], [True, False], {"name": "Ada", "sure": False}, None, [3, 0.5]]
    assert store == {"count": 7}
    assert asked[0] == (
        "who?",
        {
            "type": "object",
            "properties": {"name": {"type": "string"}, "sure": {"type": "boolean", "default": False}},
            "required": ["name"],
            "additionalProperties": False,
        },
    )


def refusing(kind: str, code: int) -> Any:
    def refuse() -> None:
        raise HubCallError("no", code=code, kind=kind, data={"chain": ["a.b"]})

    return refuse


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_error_of_the_hub_s_is_typed_and_becomes_the_cause_where_nobody_catches_it(kind: str) -> None:
    # HUB-HOST-5
    module = made(permissions=["call:*"])
    seen: list[HubCallError] = []

    @module.function(name="sync")
    def use(ctx: Context, function: str) -> None:
        try:
            ctx.call(function)
        except HubCallError as error:
            seen.append(error)
            raise

    @module.function(name="async")
    async def use_async(ctx: AsyncContext, function: str) -> None:
        try:
            await ctx.call(function)
        except HubCallError as error:
            seen.append(error)
            raise

    def fails() -> None:
        raise NoSuchCity("gone", data={"city": "X"})

    host = {"a.cycle": refusing("call_cycle", -31040), "a.fails": fails}
    with testing.running(module, host=host) as running:
        for function in ("a.cycle", "a.fails", "a.missing"):
            with pytest.raises(testing.CallFailed) as caught:
                running.call(kind, function=function)
            assert (caught.value.code, caught.value.kind) == (-31045, "host_call_failed")
            assert caught.value.data == {"cause": seen[-1].to_json()}
    assert [(error.kind, error.code) for error in seen] == [
        ("call_cycle", -31040),
        ("function_error", 1001),
        ("not_found", -31010),
    ]
    assert seen[0].data["chain"] == ["a.b"]


def test_a_context_outlives_its_call_without_its_services() -> None:
    module = made(permissions=["store"])
    kept: list[Context] = []

    @module.function
    def keep(ctx: Context) -> None:
        kept.append(ctx)

    with testing.running(module) as running:
        running.call("keep")
        kept[0].progress(1)  # dropped
        with pytest.raises(HubCallError) as caught:
            kept[0].store.get("x")
        assert caught.value.kind == "context_ended"
        assert "the call of keep is over" in caught.value.message  # found out here, without asking


def test_functions_are_told_to_end_before_on_cleanup_runs() -> None:
    module = made()
    begun, ended, cleaned = threading.Event(), threading.Event(), list[bool]()

    @module.function
    def work(ctx: Context) -> None:
        begun.set()
        try:
            ctx.sleep(3600)
        finally:
            ended.set()

    @module.on_cleanup
    def stop() -> None:
        cleaned.append(ended.wait(3))

    with testing.running(module) as running:
        call = running.start("work")
        assert begun.wait(5)
    assert cleaned == [True]
    with pytest.raises(testing.CallFailed, match="cancelled"):
        call.result()


def test_errors_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    module = made()

    @module.function(errors=[NoSuchCity])
    def fail(how: str) -> int:
        if how == "declared":
            raise NoSuchCity(data={"city": "X"})
        if how == "unfit":
            raise InvalidParams("there is no such way", pointer="/how")
        if how == "exit":
            raise SystemExit(3)
        if how == "long":
            return "x"  # pyright: ignore[reportReturnType]
        raise RuntimeError("hunter2")

    with testing.running(module) as running:
        with pytest.raises(NoSuchCity, match="There is no city") as declared:
            running.call("fail", how="declared")
        assert declared.value.data == {"city": "X"}
        for how, code in {"unfit": -32602, "other": -32603, "exit": -32603, "long": -32603}.items():
            with pytest.raises(testing.CallFailed) as caught:
                running.call("fail", how=how)
            assert caught.value.code == code
            assert "hunter2" not in str(caught.value)
        with pytest.raises(testing.CallFailed) as caught:
            running.call("fail")
        assert caught.value.data == {"errors": [{"pointer": "/how", "message": "is missing"}]}
        with pytest.raises(testing.CallFailed) as caught:
            running.call("nobody")
        assert caught.value.code == -32601
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(lines) == 3
    assert all(line["level"] == "error" and len(line["fields"]["correlation_id"]) == 12 for line in lines)
    assert "RuntimeError: hunter2" in lines[0]["fields"]["traceback"]
    assert "hub_sdk" not in lines[0]["fields"]["traceback"]


def test_a_result_that_json_or_the_frame_limit_forbids_is_the_author_s_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    module = made()

    @module.function
    def give(what: str) -> Any:
        return {"nan": float("nan"), "big": 2**60, "long": "x" * 17_000_000, "fine": 1}[what]

    with testing.running(module) as running:
        for what in ("nan", "big", "long"):
            with pytest.raises(testing.CallFailed) as caught:
                running.call("give", what=what)
            assert caught.value.code == -32603
        assert running.call("give", what="fine") == 1
    assert "frame limit" in capsys.readouterr().err


def test_on_init_gets_a_typed_configuration_and_a_directory() -> None:
    module = made()
    got: list[Any] = []

    @module.on_init
    async def start(config: Form, data_directory: Path, ctx: AsyncContext) -> None:
        got.extend([config, data_directory.is_dir(), ctx.cancelled])

    with testing.running(module, config={"name": "x"}):
        assert got == [Form("x"), True, False]
    with (
        pytest.raises(testing.CallFailed, match="it must be a string") as caught,
        testing.running(module, config={"name": 1}),
    ):
        pass
    assert caught.value.code == -32602


def test_on_init_may_disable_the_module_or_refuse_its_configuration() -> None:
    # HUB-LIFE-10, HUB-INIT-2
    module = made()

    @module.on_init
    def start(config: dict[str, str]) -> None:
        if config["how"] == "disable":
            raise Disable("no GPU")
        raise InvalidParams("must not be there", pointer="/config/how")

    with pytest.raises(Disable, match="no GPU"), testing.running(module, config={"how": "disable"}):
        pass
    with pytest.raises(testing.CallFailed) as caught, testing.running(module, config={"how": "fail"}):
        pass
    assert (caught.value.code, caught.value.message) == (-32602, "must not be there")


def test_context_variables_of_one_call_are_not_seen_by_the_next() -> None:
    from contextvars import ContextVar

    module = made(workers=1)
    secret: ContextVar[str] = ContextVar("secret", default="none")

    @module.function
    def swap(value: str) -> str:
        before = secret.get()
        secret.set(value)
        return before

    with testing.running(module) as running:
        assert [running.call("swap", value="a"), running.call("swap", value="b")] == ["none", "none"]


def test_functions_can_be_added_while_it_runs() -> None:
    # HUB-CAPS-8
    module = made()

    @module.function
    def grow(ctx: Context) -> None:
        @module.function
        def grown() -> str:
            return "new"

        ctx.capabilities_changed()

    with testing.running(module) as running:
        running.call("grow")
        assert running.call("grown") == "new"
