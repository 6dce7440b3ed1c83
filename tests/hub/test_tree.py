"""Own the proof that a process tree is measured as it is; know nothing of limits."""

import os
import sys

import pytest

from hub._process import spawn
from hub._procfs import process_numbers, start_ticks_of
from hub._tree import can_measure, sample_tree
from tests.hub.children import python, read_line, shell, spec_of, write_line
from tests.hub.families import FAMILY, witness

pytestmark = pytest.mark.process

_MIB = 1024 * 1024


async def test_a_process_is_measured_with_its_descendants_and_without_its_daemon() -> None:
    async with witness() as seen, spawn(spec_of(sys.executable, "-I", "-S", "-c", FAMILY, seen.path)) as process:
        await seen.arrival("child", "grandchild", "daemon")
        found = sample_tree(process.pid, start_ticks_of(process.pid))
        os.kill(seen.pids["daemon"], 9)
    assert found is not None
    assert found.processes == 3  # the parent of the daemon has ended, and nobody waited for it
    assert found.fds == 8  # three pipes and a connection each
    assert 4 * _MIB < found.memory_bytes < 100 * _MIB


async def test_memory_descriptors_threads_and_time_are_those_of_the_process() -> None:
    script = """
import os, threading, time
print(flush=True); input()
memory = b"x" * (50 * 1024 * 1024)
descriptors = [os.open("/dev/null", os.O_RDONLY) for _ in range(50)]
for _ in range(4): threading.Thread(target=threading.Event().wait, daemon=True).start()
while time.process_time() < 0.3: pass
print(flush=True); input()
"""
    async with python(script) as process:
        await read_line(process)
        before = sample_tree(process.pid, None)
        write_line(process)
        await read_line(process)
        after = sample_tree(process.pid, None)
    assert before is not None
    assert after is not None
    assert 50 * _MIB <= after.memory_bytes - before.memory_bytes < 60 * _MIB
    assert after.fds - before.fds == 50
    assert after.threads - before.threads == 4
    assert after.cpu_seconds - before.cpu_seconds > 0.2


async def test_the_time_of_children_that_have_ended_is_not_lost() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); print(flush=True); input()"
    async with python(script) as process:
        await read_line(process)
        found = sample_tree(process.pid, None)
    assert found is not None
    assert found.cpu_seconds > 0.2


async def test_children_of_every_thread_are_found() -> None:
    script = """
import subprocess, threading
def start():
    subprocess.Popen(["/bin/sleep", "60"]); print(flush=True); threading.Event().wait()
for _ in range(3): threading.Thread(target=start, daemon=True).start()
input()
"""
    async with python(script) as process:
        for _ in range(3):
            await read_line(process)
        found = sample_tree(process.pid, None)
    assert found is not None
    assert found.processes == 4


async def test_memory_that_forked_workers_share_counts_once_when_it_matters() -> None:
    script = """
import os, signal
memory = b"x" * (40 * 1024 * 1024)
for _ in range(3):
    if os.fork() == 0:
        os.write(1, b"\\n"); signal.pause()
signal.pause()
"""
    async with python(script) as process:
        for _ in range(3):
            await read_line(process)
        each = sample_tree(process.pid, None)
        once = sample_tree(process.pid, None, share_above_bytes=100 * _MIB)
        small = sample_tree(process.pid, None, share_above_bytes=1000 * _MIB)
    assert each is not None
    assert once is not None
    assert small is not None
    assert each.memory_bytes > 160 * _MIB
    assert once.memory_bytes < 80 * _MIB
    assert small.memory_bytes > 160 * _MIB


async def test_a_process_that_is_gone_or_is_another_is_not_measured() -> None:
    async with shell("read line") as process:
        pid, start = process.pid, start_ticks_of(process.pid)
        assert start is not None
        assert sample_tree(pid, start + 1) is None
        write_line(process)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert sample_tree(pid, start) is None  # a zombie holds nothing
        await process.wait()
    assert sample_tree(pid, start) is None


async def test_a_tree_that_comes_and_goes_is_measured_without_a_fault() -> None:
    async with shell("while :; do (/bin/true & /bin/true); done") as process:
        found = [sample_tree(process.pid, None) for _ in range(500)]
    assert all(sample is not None and sample.processes >= 1 for sample in found)


async def test_this_system_can_be_measured() -> None:
    assert can_measure()
    assert os.getpid() in dict(process_numbers())
