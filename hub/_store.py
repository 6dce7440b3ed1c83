"""Own what modules keep between runs (`hub.store.*`): one SQLite file a module; know nothing of permissions or of the wire."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import anyio.to_thread

from hub._private import make_private_directory
from hub.errors import BadSettings, StoreFull
from hub_protocol.limits import STORE_BYTES, STORE_VALUE_BYTES

__all__ = ["Store"]

_T = TypeVar("_T")

# Two hubs of the same person may write at the same time; each write takes milliseconds.
_LOCK_SECONDS = 5.0
_PAGE_BYTES = 4096


class Store:
    """The store of one module. Each method opens and closes the file: a store is used rarely, and nothing is left open."""

    def __init__(self, directory: Path, module: str) -> None:
        self._file = directory / f"{module}.sqlite3"
        self._module = module

    async def get(self, key: str) -> tuple[bool, Any]:
        """Return whether there is a value under `key`, and the value.

        Raises:
            BadSettings: the file cannot be used.
        """

        def read(database: sqlite3.Connection) -> tuple[bool, Any]:
            row = database.execute("select value from entries where key = ?", (key,)).fetchone()
            return (False, None) if row is None else (True, json.loads(row[0]))

        return await self._run(read)

    async def set(self, key: str, value: object) -> None:
        """Keep a JSON value under `key`.

        Raises:
            StoreFull: the value, or the store with it, is too large (HUB-HOST-4).
            BadSettings: the file cannot be used.
        """
        # As it would stand on the wire: escapes would make six bytes of a character that has two or three.
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        if len(text.encode()) > STORE_VALUE_BYTES:
            msg = f"cannot keep {key!r:.80} for {self._module}: the value is larger than {STORE_VALUE_BYTES} bytes"
            raise StoreFull(msg, hint="the store is for settings; keep data in the module's data_directory")

        def write(database: sqlite3.Connection) -> None:
            database.execute("insert or replace into entries values (?, ?)", (key, text))

        await self._run(write)

    async def delete(self, key: str) -> bool:
        """Remove `key` and return whether it was there."""

        def remove(database: sqlite3.Connection) -> bool:
            return database.execute("delete from entries where key = ?", (key,)).rowcount > 0

        return await self._run(remove)

    async def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin with `prefix`, sorted."""

        def find(database: sqlite3.Connection) -> list[str]:
            rows = database.execute("select key from entries where substr(key, 1, length(?1)) = ?1 order by key", (prefix,))
            return [cast("str", row[0]) for row in rows]

        return await self._run(find)

    async def _run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        return await anyio.to_thread.run_sync(self._run_here, work)

    def _run_here(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        try:
            make_private_directory(self._file.parent)
            database = sqlite3.connect(self._file, timeout=_LOCK_SECONDS)
            try:
                database.execute(f"pragma max_page_count = {STORE_BYTES // _PAGE_BYTES}")
                with database:
                    database.execute(
                        "create table if not exists entries (key text primary key, value text not null) without rowid"
                    )
                    return work(database)
            finally:
                database.close()
        except sqlite3.Error as error:
            if "full" in str(error):
                msg = f"cannot keep more for {self._module}: its store has reached {STORE_BYTES} bytes"
                raise StoreFull(msg, hint="delete what is not needed any more") from None
            msg = f"cannot use the store of {self._module}: {self._file}: {error}"
            raise BadSettings(msg, hint="move the file away; the module starts with an empty store then") from error
        except ValueError as error:
            msg = f"cannot use the store of {self._module}: {self._file}: it holds a value that is not JSON"
            raise BadSettings(msg, hint="move the file away; the module starts with an empty store then") from error
        except OSError as error:
            msg = f"cannot use the store of {self._module}: {self._file}: {error.strerror}"
            raise BadSettings(msg, hint="look at owner and mode of the directory") from error
