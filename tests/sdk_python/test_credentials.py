"""Own the tests of what is kept for an account, and of the clock that stands still for a person; in memory, no process."""

from typing import Any

import pytest

from hub_sdk import AsyncContext, BadModule, Context, HubCallError, Module, testing
from hub_sdk.serve._deadline import Deadline


def made(**more: Any) -> Module:
    return Module("m", version="1.0.0", license="MIT", authors=["a"], **more)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_what_is_kept_belongs_to_the_account_of_the_call(kind: str) -> None:
    # HUB-CRED-1, HUB-CRED-2
    module = made(permissions=["credentials"])

    @module.function(name="sync")
    def use(ctx: Context, value: Any) -> list[Any]:
        before = ctx.credentials.get("token", "nothing")
        kept = ctx.credentials.put("token", value, ttl_seconds=60)
        return [ctx.account, before, kept, ctx.credentials.get("token"), ctx.credentials.delete("other")]

    @module.function(name="async")
    async def use_async(ctx: AsyncContext, value: Any) -> list[Any]:
        before = await ctx.credentials.get("token", "nothing")
        kept = await ctx.credentials.put("token", value, ttl_seconds=60)
        return [ctx.account, before, kept, await ctx.credentials.get("token"), await ctx.credentials.delete("other")]

    kept: dict[str, dict[str, Any]] = {"work": {"token": "w", "other": 1}}
    with testing.running(module, credentials=kept) as running:
        assert running.call(kind, value=None) == ["default", "nothing", "session", None, False]
        assert running.for_account("work").call(kind, value={"key": 1}) == ["work", "w", "session", {"key": 1}, True]
    assert kept == {"default": {"token": None}, "work": {"token": {"key": 1}}}


def test_credentials_need_their_permission_and_their_trouble_has_a_kind() -> None:
    # HUB-CRED-4
    module = made(permissions=["store"])
    seen: list[HubCallError] = []

    @module.function
    def use(ctx: Context) -> None:
        with pytest.raises(HubCallError) as caught:
            ctx.credentials.get("token")
        seen.append(caught.value)
        raise HubCallError("the keyring is locked", code=-31046)

    with testing.running(module) as running, pytest.raises(testing.CallFailed) as failed:
        running.call("use")
    assert [error.kind for error in seen] == ["not_permitted"]
    assert HubCallError("", code=failed.value.data["cause"]["code"]).kind == "credentials_unavailable"


@pytest.mark.parametrize("bad", ["compute/1.0", "cloud.compute", "cloud.compute/1.0.0", "Cloud.compute/1"])
def test_an_interface_is_declared_with_its_version_or_refused(bad: str) -> None:
    # HUB-CAPS-9
    assert made(implements=["cloud.compute/1.0"]).definition.capabilities()["implements"] == ["cloud.compute/1.0"]
    with pytest.raises(BadModule, match="cannot make a module that implements"):
        made(implements=[bad])


def test_a_deadline_stands_still_while_a_person_is_asked_and_never_for_more_than_five_minutes() -> None:
    # HUB-HOST-6
    now = 0.0
    deadline = Deadline(30.0, lambda: now)
    asked_at, now = now, 100.0
    deadline.stood_still(asked_at, surely=True)
    assert (deadline.when, deadline.remaining_seconds()) == (130.0, 30.0)
    deadline.stood_still(asked_at, surely=True)  # two questions at once are one wait
    assert deadline.when == 130.0
    asked_at, now = now, 500.0
    deadline.stood_still(asked_at, surely=True)
    assert (deadline.when, deadline.remaining_seconds(), deadline.longest_seconds()) == (330.0, 0.0, 0.0)


def test_an_answer_of_another_module_behind_the_deadline_shows_that_it_has_moved() -> None:
    # HUB-HOST-6: that module asked a person, and nobody says so to its callers
    now = 0.0
    deadline = Deadline(30.0, lambda: now)
    now = 20.0
    deadline.stood_still(0.0, surely=False)
    assert deadline.when == 30.0
    now = 60.0
    deadline.stood_still(20.0, surely=False)
    assert deadline.remaining_seconds() == 10.0


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_question_is_waited_for_longer_than_the_caller_said(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # HUB-HOST-6: without that, the wait would end at the deadline and its grace
    monkeypatch.setattr("hub_sdk.serve._waiting._GRACE_SECONDS", 0.0)
    module = made(permissions=["ask"])

    @module.function(name="sync")
    def use(ctx: Context) -> Any:
        return [ctx.ask("?", {"type": "object"}), ctx.remaining_seconds]

    @module.function(name="async")
    async def use_async(ctx: AsyncContext) -> Any:
        return [await ctx.ask("?", {"type": "object"}), ctx.remaining_seconds]

    with testing.running(module, answers=lambda _message, _schema: {"sure": True}) as running:
        answer, remaining = running.start(kind, timeout_seconds=0.0).result()
    assert answer == {"sure": True}
    assert remaining >= 0
