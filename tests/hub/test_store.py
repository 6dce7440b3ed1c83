"""Own the proof that what a module stores survives, within its bounds, and beside a second hub (HUB-HOST-4)."""

import sqlite3
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub._store import Store
from hub.errors import BadSettings, StoreFull
from hub_protocol.limits import STORE_VALUE_BYTES


@pytest.mark.parametrize("value", [None, False, 0, 1.5, "ä€😀", [1, [2]], {"a": {"b": None}}, 2**53 - 1])
async def test_what_was_stored_comes_back_as_it_was(tmp_path: Path, value: Any) -> None:
    await Store(tmp_path, "probe").set("key", value)
    found, back = await Store(tmp_path, "probe").get("key")
    assert (found, back, type(back)) == (True, value, type(value))


async def test_a_missing_key_is_told_apart_from_null(tmp_path: Path) -> None:
    store = Store(tmp_path, "probe")
    await store.set("null", None)
    assert [await store.get("null"), await store.get("none")] == [(True, None), (False, None)]


async def test_deleting_tells_whether_there_was_anything(tmp_path: Path) -> None:
    store = Store(tmp_path, "probe")
    await store.set("key", 1)
    assert [await store.delete("key"), await store.delete("key"), await store.get("key")] == [True, False, (False, None)]


async def test_keys_are_listed_by_prefix_and_sorted_and_a_prefix_is_no_pattern(tmp_path: Path) -> None:
    store = Store(tmp_path, "probe")
    for key in ("b", "a%1", "a_2", "a%", "A%", "ä"):
        await store.set(key, 1)
    assert await store.keys("a%") == ["a%", "a%1"]
    assert await store.keys("_") == []
    assert await store.keys("ä") == ["ä"]
    assert await store.keys("") == ["A%", "a%", "a%1", "a_2", "b", "ä"]


async def test_each_module_has_its_own_store(tmp_path: Path) -> None:
    await Store(tmp_path, "one").set("key", 1)
    assert await Store(tmp_path, "two").keys("") == []


@pytest.mark.parametrize("character", ["x", "漢", "😀"])
async def test_a_value_of_the_limit_fits_and_one_byte_more_does_not(tmp_path: Path, character: str) -> None:
    size = STORE_VALUE_BYTES - 2  # the quotation marks
    fitting = character * (size // len(character.encode()))
    fitting += "x" * (size - len(fitting.encode()))
    store = Store(tmp_path, "probe")
    await store.set("key", fitting)
    assert await store.get("key") == (True, fitting)
    with pytest.raises(StoreFull) as refused:
        await store.set("key", fitting + "x")
    assert refused.value.kind == "store_full"
    assert await store.get("key") == (True, fitting)


async def test_a_full_store_refuses_more_keeps_what_it_has_and_takes_again_after_a_delete(tmp_path: Path) -> None:
    store, value = Store(tmp_path, "probe"), "x" * (STORE_VALUE_BYTES - 2)
    kept = 0
    with suppress(StoreFull):
        while kept < 70:
            await store.set(f"key {kept}", value)
            kept += 1
    assert 60 <= kept <= 64
    assert len(await store.keys("")) == kept
    assert (tmp_path / "probe.sqlite3").stat().st_size <= 64 * STORE_VALUE_BYTES
    assert await store.delete("key 0")
    await store.set("another", value)


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
async def test_a_corrupt_file_is_an_error_that_names_the_file_and_the_way_out(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "probe.sqlite3"
    file.write_bytes(content)
    with pytest.raises(BadSettings) as refused:
        await Store(tmp_path, "probe").get("key")
    assert str(file) in refused.value.message
    assert refused.value.hint
    assert file.read_bytes() == content


@pytest.mark.parametrize("text", ["{", "NaN,", ""])
async def test_a_value_that_somebody_spoilt_is_an_error_and_no_crash(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path, "probe")
    await store.set("key", 1)
    with sqlite3.connect(tmp_path / "probe.sqlite3") as database:
        database.execute("update entries set value = ?", (text,))
    database.close()
    with pytest.raises(BadSettings):
        await store.get("key")


async def test_a_directory_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "probe.sqlite3").mkdir()
    with pytest.raises(BadSettings):
        await Store(tmp_path, "probe").set("key", 1)


async def test_two_hubs_write_into_one_store_at_the_same_time_and_nothing_is_lost(tmp_path: Path) -> None:
    stores = [Store(tmp_path, "probe") for _ in range(2)]

    async def write(store: Store, hub: int) -> None:
        for number in range(20):
            await store.set(f"{hub}.{number}", number)

    async with anyio.create_task_group() as tasks:
        for hub, store in enumerate(stores):
            tasks.start_soon(write, store, hub)
    assert len(await stores[0].keys("")) == 40


async def test_others_cannot_read_what_a_module_stores(tmp_path: Path) -> None:
    directory = tmp_path / "stores"
    await Store(directory, "probe").set("token", "secret")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
