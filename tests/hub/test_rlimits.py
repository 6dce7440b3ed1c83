"""Own the proof that the walls around a process hold, and that what does not hold is said; know nothing of modules."""

import errno
import os
import resource

import pytest

from hub._rlimits import Wall, Walls, can_set_walls, set_walls
from tests.hub.children import python, read_line, shell, write_line

pytestmark = pytest.mark.process

_MIB = 1024 * 1024


def _of(walls: tuple[Wall, ...], name: str) -> Wall:
    (found,) = [wall for wall in walls if wall.name == name]
    return found


async def test_memory_ends_at_twice_the_budget_and_256_mib() -> None:
    script = """
import os
print(flush=True); input()
held = []
try:
    while len(held) < 600: held.append(bytearray(1 << 20))
except MemoryError:
    pass
print(len(held), flush=True)
"""
    async with python(script) as process:
        await read_line(process)
        wall = _of(set_walls(process.pid, Walls(memory_budget_bytes=64 * _MIB)), "memory")
        write_line(process)
        assert 370 < int(await read_line(process)) < 384
    assert wall == Wall("memory", enforced=True, detail="a process gets no more than 384 MiB")


async def test_memory_that_is_only_reserved_does_not_count() -> None:
    script = "import mmap; print(flush=True); input(); m = mmap.mmap(-1, 8 << 30, prot=0) if 0 else None; "
    # What a runtime of Go, V8 or wasm does: address space without access.
    script += "import ctypes; libc = ctypes.CDLL(None); libc.mmap.restype = ctypes.c_ssize_t; "
    script += "print(libc.mmap(None, ctypes.c_size_t(8 << 30), 0, 0x4022, -1, ctypes.c_size_t(0)) != -1, flush=True)"
    async with python(script) as process:
        await read_line(process)
        set_walls(process.pid, Walls(memory_budget_bytes=64 * _MIB))
        write_line(process)
        assert await read_line(process) == "True"


async def test_files_end_at_the_limit_and_children_inherit_it() -> None:
    async with shell("read line; sh -c 'ulimit -n; ulimit -Hn; ulimit -c'") as process:
        walls = set_walls(process.pid, Walls(open_files=77))
        write_line(process)
        assert [await read_line(process) for _ in range(3)] == ["77", "77", "0"]
    assert [(wall.name, wall.enforced) for wall in walls] == [("open files", True), ("core dumps", True)]


async def test_the_number_of_tasks_of_the_user_is_limited_beyond_what_there_is() -> None:
    async with shell("read line; grep processes /proc/self/limits") as process:
        wall = _of(set_walls(process.pid, Walls(more_tasks=1000)), "processes")
        write_line(process)
        limit = int((await read_line(process)).split()[2])
    assert 1000 < limit < 100_000
    assert "root is exempt" in wall.detail


async def test_core_dumps_are_left_as_they_are_if_wanted() -> None:
    async with shell("read line") as process:
        assert set_walls(process.pid, Walls(core_dumps=True)) == ()


async def test_a_limit_of_the_hub_that_is_nearer_stays() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard == resource.RLIM_INFINITY:
        pytest.skip("no limit of open files here")
    async with shell("read line; ulimit -Hn") as process:
        wall = _of(set_walls(process.pid, Walls(open_files=hard + 1)), "open files")
        write_line(process)
        assert await read_line(process) == str(hard)
    assert wall == Wall("open files", enforced=True, detail=f"the hub's own limit is nearer: {hard}")


async def test_a_process_that_has_ended_is_said_to_have() -> None:
    async with shell("exit") as process:
        await process.wait()
        wall = set_walls(process.pid, Walls())[0]
    assert wall == Wall("core dumps", enforced=False, detail="the process had ended")


def test_what_is_not_permitted_is_said() -> None:
    def refuse(*_args: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    wall = set_walls(1, Walls(), prlimit=refuse)[0]
    assert wall == Wall("core dumps", enforced=False, detail="Operation not permitted")


def test_a_system_without_the_call_says_so() -> None:
    assert can_set_walls()
    wall = set_walls(1, Walls(), prlimit=None)[0]
    assert wall == Wall("core dumps", enforced=False, detail="this system cannot limit a process from outside")
