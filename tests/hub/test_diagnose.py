"""Own the proof that a plugin that cannot start is explained by its real cause; most are really started."""

import errno
import os
import shutil
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub._diagnose import diagnose
from hub._diagnosis import HINTS, Diagnosis
from hub._exitstatus import ExitStatus
from hub._process import spawn
from hub._stderr import StderrPump
from hub.errors import StartFailed
from tests.hub.children import spec_of

pytestmark = pytest.mark.process

_FOREIGN_MACHINE = 0x1234


def _elf(machine: int, interpreter: bytes = b"") -> bytes:
    """Return an ELF file of 64 bits with one segment, which names its loader."""
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    size = len(interpreter) + 1
    return header + struct.pack("<IIQQQQQQ", 3, 4, 120, 0, 0, size, size, 1) + interpreter + b"\0" * 64


def _native() -> int:
    with Path(sys.executable).resolve().open("rb") as file:
        return int(struct.unpack_from("<H", file.read(20), 18)[0])


def _link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def _nothing(_: Path) -> None:
    """Make no file."""


def _program(content: bytes, mode: int = 0o755) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(content)
        path.chmod(mode)

    return make


_STARTS: dict[str, Callable[[Path], None]] = {
    "missing_program": _nothing,
    "missing_program link": _link("nowhere"),
    "not_executable": _program(b"#!/bin/sh\n", 0o644),
    "is_a_directory": Path.mkdir,
    "not_a_file": os.mkfifo,
    "empty_file": _program(b""),
    "no_shebang": _program(b"echo hello\n"),
    "bad_format": _program(bytes(range(256))),
    "bad_shebang": _program(b"#!\necho\n"),
    "bad_shebang directory": _program(b"#!/usr\n"),
    "carriage_return": _program(b"#!/bin/sh\r\necho\r\n"),
    "missing_interpreter": _program(b"#!/opt/nowhere/python -u\n"),
    "wrong_architecture": _program(_elf(_FOREIGN_MACHINE)),
    "wrong_system": _program(b"\xcf\xfa\xed\xfe\x07\0\0\x01" + bytes(100)),
    "no_runtime": _program(b"\0asm\1\0\0\0"),
    "missing_loader": _program(_elf(_native(), b"/lib/ld-nowhere.so.1")),
    "symlink_loop": _link("plugin"),
}


@pytest.mark.parametrize("case", _STARTS)
async def test_a_program_that_cannot_be_executed_is_explained(tmp_path: Path, case: str) -> None:
    path = tmp_path / "plugin"
    _STARTS[case](path)
    with pytest.raises(StartFailed) as caught:
        spawn(spec_of(str(path), cwd=tmp_path))
    assert caught.value.data == {"reason": case.split(maxsplit=1)[0], "permanent": True}
    assert caught.value.message.startswith("cannot start probe: ")
    assert caught.value.hint
    assert isinstance(caught.value.__cause__, OSError), "it was the system that refused, not a guess of ours"


async def test_an_interpreter_behind_a_path_with_a_space_is_explained(tmp_path: Path) -> None:
    interpreter = tmp_path / "my tools" / "sh"
    interpreter.parent.mkdir()
    interpreter.symlink_to("/bin/sh")
    _program(f"#!{interpreter}\n".encode())(tmp_path / "plugin")
    with pytest.raises(StartFailed) as caught:
        spawn(spec_of("./plugin", cwd=tmp_path))
    assert caught.value.data["reason"] == "bad_shebang"
    assert "up to the first space" in caught.value.message


async def test_a_directory_that_is_gone_is_explained_and_not_the_program(tmp_path: Path) -> None:
    with pytest.raises(StartFailed) as caught:
        spawn(spec_of("/bin/true", cwd=tmp_path / "gone"))
    assert caught.value.data["reason"] == "missing_directory"


async def test_a_bare_name_is_looked_for_on_the_path_of_the_plugin(tmp_path: Path) -> None:
    with pytest.raises(StartFailed) as caught:
        spawn(spec_of("true", env={"PATH": str(tmp_path)}))
    assert caught.value.message == "cannot start probe: true is not on the PATH"


async def test_a_program_that_is_being_written_may_start_later(tmp_path: Path) -> None:
    path = tmp_path / "plugin"
    shutil.copy("/bin/true", path)
    with path.open("ab"), pytest.raises(StartFailed) as caught:
        spawn(spec_of(str(path)))
    assert caught.value.data == {"reason": "being_written", "permanent": False}


@pytest.mark.parametrize(
    ("argv", "reason"),
    [(("/bin/true", "x" * 4_000_000), "arguments_too_long"), (("/" + "x" * 300,), "path_too_long"), (("",), "missing_program")],
)
async def test_what_is_too_long_or_empty_is_explained(argv: tuple[str, ...], reason: str) -> None:
    with pytest.raises(StartFailed) as caught:
        spawn(spec_of(*argv))
    assert caught.value.data == {"reason": reason, "permanent": True}
    assert len(caught.value.message) < 400


async def test_a_hostile_name_cannot_drive_the_terminal_of_the_reader() -> None:
    with pytest.raises(StartFailed) as caught:
        spawn(spec_of("/nowhere/\x1b[2J\n\u202eplugin"))
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.EMFILE, "too_many_open_files"), (errno.EAGAIN, "too_many_processes"), (errno.ENOMEM, "out_of_memory")],
)
def test_what_the_system_is_short_of_may_pass(number: int, reason: str) -> None:
    found = diagnose(["/bin/true"], Path("/"), OSError(number, os.strerror(number)))
    assert (found.reason, found.permanent) == (reason, False)


def test_a_mount_without_execution_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(b"#!/bin/sh\n")(tmp_path / "plugin")
    real = os.statvfs(tmp_path)
    flagged = os.statvfs_result((*real[:8], real.f_flag | os.ST_NOEXEC, *real[9:]))

    def statvfs(_: object) -> os.statvfs_result:
        return flagged

    monkeypatch.setattr(os, "statvfs", statvfs)
    assert diagnose(["./plugin"], tmp_path, PermissionError(errno.EACCES, "")).reason == "noexec_mount"


@pytest.mark.parametrize("part", ["program", "directory"])
def test_what_the_user_of_the_hub_may_not_do_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    _program(b"#!/bin/sh\n")(tmp_path / "plugin")
    denied = {"program": tmp_path / "plugin", "directory": tmp_path}[part]

    def access(path: Path, _: int) -> bool:
        return path != denied

    monkeypatch.setattr(os, "access", access)
    found = diagnose([str(tmp_path / "plugin")], tmp_path, PermissionError(errno.EACCES, ""))
    assert (found.reason, found.permanent) == ("permission", True)
    assert found.why.endswith(str(denied))


def test_an_error_nobody_thought_of_is_told_in_the_words_of_the_system() -> None:
    found = diagnose(["/bin/true"], Path("/"), OSError(errno.EIO, "x"))
    assert found == Diagnosis("errno_EIO", "input/output error", None, permanent=False)
    assert diagnose(["/bin/true"], Path("/"), OSError("strange")).why == "strange"


def test_a_null_byte_in_a_name_is_no_second_error() -> None:
    assert diagnose(["a\0b"], Path("/"), ValueError("embedded null byte")).reason == "bad_argument"
    assert diagnose(["/a\0b"], Path("/"), OSError(errno.ENOENT, "x")).reason == "missing_program"


async def _died(*argv: str, cwd: Path) -> Diagnosis:
    spec = spec_of(*argv, cwd=cwd)
    async with spawn(spec) as process:
        pump = StderrPump(lambda: process.stderr_fd, process.wait, lambda _: None)
        await pump.run()
        return diagnose(spec.argv, spec.cwd, await process.wait(), pump.tail, env=spec.env)


@pytest.mark.parametrize(
    ("script", "reason", "named", "permanent"),
    [
        ("exec nowhere-to-be-found", "missing_command", "nowhere-to-be-found", True),
        ("exec /usr/bin/env nowhere-to-be-found", "missing_command", "nowhere-to-be-found", True),
        ("exec sh nowhere.sh", "missing_file", "nowhere.sh", True),
        (f"exec {sys.executable} nowhere.py", "missing_file", "nowhere.py", True),
        (f"exec {sys.executable} -c 'import nowhere.at_all'", "missing_package", "nowhere", False),
        ("exec /", "not_executable", "126", True),
        ("exit 127", "missing_command", "127", True),
        ("exit 78", "configuration", "78", True),
        ("echo 'no token' >&2; exit 1", "exited", "1", False),
        ("exit 0", "exited", "status 0", False),
        ("kill -s KILL $$", "killed", "SIGKILL", False),
        ("ulimit -c 0; kill -s SEGV $$", "killed", "SIGSEGV", False),
    ],
)
async def test_a_program_that_ends_at_once_is_explained(
    tmp_path: Path, script: str, reason: str, named: str, permanent: bool
) -> None:
    _program(f"#!/bin/sh\n{script}\n".encode())(tmp_path / "plugin")
    found = await _died("./plugin", cwd=tmp_path)
    assert (found.reason, found.permanent) == (reason, permanent)
    assert named in found.why
    assert found.hint


async def test_the_last_words_are_the_hint_where_nothing_better_is_known(tmp_path: Path) -> None:
    _program(b"#!/bin/sh\nprintf 'first\\nno \\033[31mtoken\\n\\n' >&2\nexit 1\n")(tmp_path / "plugin")
    assert (await _died("./plugin", cwd=tmp_path)).hint == "its last words: no token"


async def test_a_script_whose_interpreter_env_cannot_find_is_explained(tmp_path: Path) -> None:
    _program(b"#!/usr/bin/env -S nowhere-to-be-found --flag\n")(tmp_path / "plugin")
    found = await _died("./plugin", cwd=tmp_path)
    assert found.reason == "missing_interpreter"
    assert "nowhere-to-be-found" in found.why


async def test_a_script_whose_interpreter_env_cannot_find_for_a_carriage_return_is_explained(tmp_path: Path) -> None:
    _program(b"#!/usr/bin/env sh\r\necho\r\n")(tmp_path / "plugin")
    assert (await _died("./plugin", cwd=tmp_path)).reason == "carriage_return"


async def test_a_missing_shared_library_is_named(tmp_path: Path) -> None:
    original = Path(shutil.which("true") or "/bin/true").read_bytes()
    if b"libc.so.6" not in original:
        pytest.skip("the `true` of this system is not linked to glibc, so no library can be taken away from it")
    _program(original.replace(b"libc.so.6", b"libx.so.6"))(tmp_path / "plugin")
    found = await _died("./plugin", cwd=tmp_path)
    assert found.reason == "missing_library"
    assert "libx.so.6" in found.why


@pytest.mark.parametrize(
    ("tail", "status", "reason", "named"),
    [
        (b"Error loading shared library libfoo.so.1: No such file (needed by ./p)", 127, "missing_library", "libfoo.so.1"),
        (b"dyld[1]: Library not loaded: /opt/lib/x.dylib\n", 6, "missing_library", "/opt/lib/x.dylib"),
        (b"./p: /lib/libc.so.6: version `GLIBC_2.99' not found (required by ./p)", 1, "old_system_library", "GLIBC_2.99"),
        (b"Error: Cannot find module './nowhere.js'\nRequire stack:", 1, "missing_package", "./nowhere.js"),
        ("env: \u2018node\u2019: No such file or directory".encode(), 127, "missing_command", "node"),
    ],
)
def test_the_words_of_other_systems_are_known(tail: bytes, status: int, reason: str, named: str) -> None:
    found = diagnose(["/bin/sh"], Path("/"), ExitStatus(code=status), tail)
    assert found.reason == reason
    assert named in found.why


def test_words_like_those_of_a_shell_explain_nothing_when_the_program_ran() -> None:
    tail = b"user 7: name: not found\n"
    assert diagnose(["/bin/sh"], Path("/"), ExitStatus(code=1), tail).reason == "exited"
    assert diagnose(["/bin/sh"], Path("/"), ExitStatus(code=127), tail).reason == "missing_command"


def test_a_hostile_tail_costs_no_time_and_cannot_drive_the_terminal() -> None:
    for piece in (b": ", b"env: ", b"version `", b"x: y: ", b"No module named ", b"\x1b[31m", b"\xff"):
        found = diagnose(["/bin/sh"], Path("/"), ExitStatus(code=127), piece * 30_000)
        assert found.why.isprintable()
        assert (found.hint or "").isprintable()


def test_each_reason_with_a_hint_of_its_own_has_one_that_says_something() -> None:
    assert all(len(hint) > 10 and not hint.endswith(".") for hint in HINTS.values())
