"""Own what the first bytes of a program file say about it; know no file system and no process.

Only as much of each format is read as answers "why does it not run here?". Any bytes are taken; none raise.
"""

import re
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["HEAD_BYTES", "ProgramFile", "ProgramKind", "examine", "machine_named"]

# Headers, and the interpreter's name in an ELF file, stand in the first page; linkers seldom place them later.
HEAD_BYTES: Final = 8192

_ELF_MACHINES: Final = {
    3: "i386", 21: "ppc64", 22: "s390x", 40: "arm", 62: "x86_64", 183: "arm64", 243: "riscv", 258: "loongarch",
}  # fmt: skip
_MACHO_MACHINES: Final = {0x7: "i386", 0xC: "arm", 0x0100_0007: "x86_64", 0x0100_000C: "arm64"}
_PE_MACHINES: Final = {0x014C: "i386", 0x01C4: "arm", 0x8664: "x86_64", 0xAA64: "arm64"}

_ELF_INTERPRETER_SEGMENT: Final = 3
_ELF_SEGMENTS_READ: Final = 64  # more than any linker writes; the count in the file may be garbage
# Java class files begin like a fat Mach-O, with a version of at least 45 where the count of architectures stands.
_FAT_ARCHITECTURES: Final = 30

_MACHINE_PREFIXES: Final = (
    ("x86_64", "x86_64"), ("amd64", "x86_64"), ("aarch64", "arm64"), ("arm64", "arm64"), ("arm", "arm"), ("riscv", "riscv"),
    ("ppc64", "ppc64"), ("s390", "s390x"), ("loongarch", "loongarch"), ("i", "i386"), ("x86", "i386"),
)  # fmt: skip


class ProgramKind(StrEnum):
    """What a file is, as far as starting it is concerned."""

    EMPTY = "empty"
    ELF = "ELF"
    MACHO = "Mach-O"
    PE = "Windows"
    WASM = "WebAssembly"
    SCRIPT = "script"
    TEXT = "text"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """What was found: `machines` are names as `machine_named` gives them; `interpreter` is a path as the kernel reads it."""

    kind: ProgramKind
    machines: tuple[str, ...] = ()
    interpreter: str | None = None
    argument: str | None = None  # of a script's interpreter: the rest of the first line, one argument as the kernel passes it
    carriage_return: bool = False


def machine_named(machine: str) -> str:
    """Return one name for each family of processors, whatever the system calls it: `amd64` and `x86_64` are the same."""
    lowered = machine.lower()
    return next((name for prefix, name in _MACHINE_PREFIXES if lowered.startswith(prefix)), lowered)


def examine(head: bytes) -> ProgramFile:
    """Return what a file that begins with `head` (its first `HEAD_BYTES` at least, or all of it) is."""
    if not head:
        return ProgramFile(ProgramKind.EMPTY)
    try:
        return _binary(head) or _text(head)
    except (struct.error, IndexError):  # cut off in the middle of a header
        return ProgramFile(ProgramKind.UNKNOWN)


def _binary(head: bytes) -> ProgramFile | None:
    if head.startswith(b"\x7fELF"):
        return _elf(head)
    if head.startswith(b"\0asm"):
        return ProgramFile(ProgramKind.WASM)
    if head.startswith(b"MZ") and len(head) > 0x40:  # noqa: PLR2004 - the size of the DOS header
        at = struct.unpack_from("<I", head, 0x3C)[0]
        if head[at : at + 4] == b"PE\0\0":
            return ProgramFile(ProgramKind.PE, _known(_PE_MACHINES, struct.unpack_from("<H", head, at + 4)[0]))
    return _macho(head)


def _elf(head: bytes) -> ProgramFile:
    wide = head[4] == 2  # noqa: PLR2004 - ELFCLASS64
    order = ">" if head[5] == 2 else "<"  # noqa: PLR2004 - ELFDATA2MSB
    machines = _known(_ELF_MACHINES, struct.unpack_from(order + "H", head, 18)[0])
    table: int = struct.unpack_from(order + ("Q" if wide else "I"), head, 32 if wide else 28)[0]
    entry_bytes, entries = struct.unpack_from(order + "HH", head, 54 if wide else 42)
    for number in range(min(entries, _ELF_SEGMENTS_READ)):
        entry = table + number * entry_bytes
        if entry + entry_bytes > len(head):
            break
        if struct.unpack_from(order + "I", head, entry)[0] == _ELF_INTERPRETER_SEGMENT:
            begin: int = struct.unpack_from(order + ("Q" if wide else "I"), head, entry + (8 if wide else 4))[0]
            end = head.find(b"\0", begin)
            if 0 < begin < end:
                return ProgramFile(ProgramKind.ELF, machines, interpreter=_decoded(head[begin:end]))
    return ProgramFile(ProgramKind.ELF, machines)


def _macho(head: bytes) -> ProgramFile | None:
    magic = head[:4]
    if magic in {b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"}:
        return ProgramFile(ProgramKind.MACHO, _known(_MACHO_MACHINES, struct.unpack_from("<I", head, 4)[0]))
    if magic != b"\xca\xfe\xba\xbe":
        return None
    count: int = struct.unpack_from(">I", head, 4)[0]
    if count > _FAT_ARCHITECTURES:
        return None
    machines = [_known(_MACHO_MACHINES, struct.unpack_from(">I", head, 8 + 20 * number)[0]) for number in range(count)]
    return ProgramFile(ProgramKind.MACHO, tuple(name for names in machines for name in names))


def _text(head: bytes) -> ProgramFile:
    if head.startswith(b"#!"):
        line = head[2:].split(b"\n", 1)[0]
        words = line.rstrip(b" \t\r").strip(b" \t").split(None, 1)
        return ProgramFile(
            ProgramKind.SCRIPT,
            interpreter=_decoded(words[0]) if words else None,
            argument=_decoded(words[1]) if len(words) > 1 else None,
            carriage_return=line.endswith(b"\r"),
        )
    # Control characters other than white space do not occur in text of any encoding that a script is written in.
    return ProgramFile(ProgramKind.UNKNOWN if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head) else ProgramKind.TEXT)


def _known(table: dict[int, str], number: int) -> tuple[str, ...]:
    return (table.get(number, f"machine {number}"),)


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
