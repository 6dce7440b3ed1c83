"""Own the proof that the head of a program file is read right, and that any bytes are taken; open no files."""

import platform
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._program import HEAD_BYTES, ProgramFile, ProgramKind, examine, machine_named


@pytest.mark.skipif(sys.platform != "linux", reason="reads the ELF file of the running Python")
def test_a_real_program_is_of_the_machine_that_runs_it_and_its_loader_exists() -> None:
    with Path(sys.executable).resolve().open("rb") as file:
        found = examine(file.read(HEAD_BYTES))
    assert found.kind is ProgramKind.ELF
    assert found.machines == (machine_named(platform.machine()),)
    assert found.interpreter is None or Path(found.interpreter).exists()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"", ProgramFile(ProgramKind.EMPTY)),
        (b"#!/bin/sh\nexit\n", ProgramFile(ProgramKind.SCRIPT, interpreter="/bin/sh")),
        (
            b"#! /usr/bin/env  -S node --x \n",
            ProgramFile(ProgramKind.SCRIPT, interpreter="/usr/bin/env", argument="-S node --x"),
        ),
        (b"#!/bin/sh\r\n", ProgramFile(ProgramKind.SCRIPT, interpreter="/bin/sh", carriage_return=True)),
        (b"#!", ProgramFile(ProgramKind.SCRIPT)),
        (b"print('hello')\n", ProgramFile(ProgramKind.TEXT)),
        ("grüße\n".encode(), ProgramFile(ProgramKind.TEXT)),
        (b"\x89PNG\r\n\x1a\n\0\0", ProgramFile(ProgramKind.UNKNOWN)),
        (b"\0asm\1\0\0\0", ProgramFile(ProgramKind.WASM)),
        (b"\x7fELF", ProgramFile(ProgramKind.UNKNOWN)),
        (b"\x7fELF\1\2\1" + bytes(9) + b"\0\2\0\x14" + bytes(40), ProgramFile(ProgramKind.ELF, ("machine 20",))),
        (b"\xcf\xfa\xed\xfe\x0c\0\0\1", ProgramFile(ProgramKind.MACHO, ("arm64",))),
        (
            b"\xca\xfe\xba\xbe" + struct.pack(">I5I5I", 2, 0x1000007, 3, 0, 0, 0, 0x100000C, 0, 0, 0, 0),
            ProgramFile(ProgramKind.MACHO, ("x86_64", "arm64")),
        ),
        (b"\xca\xfe\xba\xbe\0\0\0\x41class", ProgramFile(ProgramKind.UNKNOWN)),
        (b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0\x64\x86", ProgramFile(ProgramKind.PE, ("x86_64",))),
        (b"MZ is how this text begins, and it is longer than a header of sixty-four bytes\n", ProgramFile(ProgramKind.TEXT)),
    ],
)
def test_a_format_is_recognised_by_its_head(head: bytes, expected: ProgramFile) -> None:
    assert examine(head) == expected


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("AMD64", "x86_64"),
        ("aarch64", "arm64"),
        ("armv7l", "arm"),
        ("i686", "i386"),
        ("x86", "i386"),
        ("riscv64", "riscv"),
        ("vax", "vax"),
    ],
)
def test_a_machine_has_one_name_on_every_system(name: str, family: str) -> None:
    assert machine_named(name) == family


_MAGIC = st.sampled_from([b"", b"#!", b"\x7fELF\2\1", b"\x7fELF\1\2", b"\xca\xfe\xba\xbe\0\0\0", b"\xcf\xfa\xed\xfe", b"MZ"])


@given(magic=_MAGIC, rest=st.binary(max_size=300))
def test_any_bytes_are_taken(magic: bytes, rest: bytes) -> None:
    assert isinstance(examine(magic + rest), ProgramFile)
