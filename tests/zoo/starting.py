"""Own the lines of the zoo about starting: what cannot be spawned, what does not introduce itself well, what fails in init."""

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hub import ApprovalRequest, Event
from tests.hub.modules import BAD_PLUGINS
from tests.zoo.exhibit import ON_ITS_FEET, Cage, Exhibit, calls, error_of, program

__all__ = ["EXHIBITS"]

_SHORT = replace(ON_ITS_FEET, module_info_seconds=0.5, capabilities_seconds=0.5, init_seconds=0.5)
# What takes effect from the manifest: `other-version` and `other-name` differ from this.
_VERSION = 'version = "1.0.0"\n'


def _script(text: bytes, *, mode: int = 0o755) -> Callable[[Path], object]:
    """Return what writes the plugin `bad` whose program is this file; MARKS in it is where it leaves its mark."""

    def write(plugins: Path) -> None:
        directory = plugins / "bad"
        directory.mkdir()
        (directory / "plugin.toml").write_text('command = "./run"\n')
        (directory / "run").write_bytes(text.replace(b"MARKS", bytes(plugins.parent / "marks")))
        (directory / "run").chmod(mode)

    return write


def _missing(plugins: Path) -> None:
    (plugins / "bad").mkdir()
    (plugins / "bad" / "plugin.toml").write_text('command = "./run"\n')


def _without_a_library(plugins: Path) -> None:
    library = Path("/bin/true").read_bytes().replace(b"libc.so.6", b"libq.so.6")
    _script(library)(plugins)


# The header of a program for a machine of 64 bits that is not this one (s390, big-endian).
_FOREIGN = b"\x7fELF\x02\x02\x01" + bytes(9) + b"\x00\x02\x00\x16\x00\x00\x00\x01" + bytes(40)


def _is_on_disk(cage: Cage) -> bool:
    return (cage.directory / "plugins" / "bad" / "run").exists()


def _is_missing(cage: Cage) -> bool:
    return not _is_on_disk(cage)


def _spawn(name: str, plugin: Callable[[Path], object], proof: Any = _is_on_disk, **members: Any) -> Exhibit:
    # Known in less than a second, and not at the deadline of a handshake.
    return Exhibit("Spawn", name, plugin, proof, kinds=("start_failed",), act=calls("greet"), seconds=1.0, **members)


def _named(name: str) -> Exhibit:
    def write(plugins: Path) -> None:
        directory = plugins / name
        directory.mkdir()
        for file in ("neighbour.py", "wire.py"):
            shutil.copy(BAD_PLUGINS / file, directory / f"{name} {file}" if file == "neighbour.py" else directory / file)
        command = [sys.executable, "-S", f"./{name} neighbour.py", "--name", "bad"]
        escaped = ", ".join(f'"{word}"' for word in command).replace("\n", "\\n")
        (directory / "plugin.toml").write_text(f'name = "bad"\ncommand = [{escaped}]\n')

    def runs_from_there(cage: Cage) -> bool:
        pid = cage.hub.modules["bad"].pid
        return Path(f"/proc/{pid}/cwd").readlink().name == name

    shown = name if len(name) < 50 else f"{name[:5]}... ({len(name)} characters)"
    return Exhibit("Spawn", f"a path with {shown!r}", write, runs_from_there, answer={"x": 1}, act=calls("echo", x=1))


_SPAWN = [
    _spawn("missing file", _missing, _is_missing),
    _spawn("not executable", _script(b"#!/bin/sh\necho ran >> MARKS\n", mode=0o644)),
    _spawn("bad shebang", _script(b"#!\nthis is nothing\n")),
    _spawn("missing interpreter", _script(b"#!/no/such/interpreter\n")),
    _spawn("wrong architecture", _script(_FOREIGN)),
    _spawn("missing shared library", _without_a_library),
    _spawn("exits 0 at once", _script(b"#!/bin/sh\necho ran >> MARKS\nexit 0\n"), "ran"),
    _spawn("exits non-zero at once", _script(b"#!/bin/sh\necho ran >> MARKS\nexit 3\n"), "ran"),
    _spawn("exits 127 at once", _script(b"#!/bin/sh\necho ran >> MARKS\nno-such-command\n"), "ran"),
    _spawn("killed by a signal at once", _script(b"#!/bin/sh\necho ran >> MARKS\nkill -SEGV $$\n"), "ran"),
    *(_named(name) for name in ("with space", "ünïcödé", "new\nline", "x" * 200)),
]


def _handshake(name: str, fault: str, *kinds: str, **members: Any) -> Exhibit:
    plugin = program("handshake", "--fault", fault, manifest=_VERSION)
    given: dict[str, Any] = {"settings": _SHORT, "act": calls("greet"), **members}
    return Exhibit("Handshake", name, plugin, f"started with {fault}", kinds=kinds, **given)


_MEMBERS = ("name", "version", "license", "authors", "description", "required_modules", "extra_info", "homepage")
_MORE_MEMBERS = ("protocol_version", "features")


async def _call_a_busy_hub(cage: Cage) -> Any:
    """Start it while the loop is held up for longer than the deadline; its answer is there by then."""

    def hold_up(event: Event) -> None:
        if event.kind == "module.starting" and event.module == "bad":
            until = time.monotonic() + 1.4 * _SHORT.module_info_seconds
            while time.monotonic() < until:
                pass
            with cage.marks.open("a") as marks:
                marks.write("the hub was busy\n")

    cage.hub.on_event(hold_up)
    return await cage.hub.call("bad.greet")


def _differs(plugins: Path) -> None:
    program("handshake", "--fault", "differs-after-restart", "--file", "{directory}/started")(plugins)


def _approve_once() -> Callable[[ApprovalRequest], bool]:
    seen: list[str] = []

    def approve(request: ApprovalRequest) -> bool:
        seen.append(request.plugin.name)
        return seen.count(request.plugin.name) == 1

    return approve


async def _restart(cage: Cage) -> Any:
    assert await cage.hub.call("bad.greet") == "hello"
    await cage.hub.stop("bad")
    return await cage.hub.call("bad.greet")


_HANDSHAKE = [
    _handshake("never answers module_info", "never-answers", "handshake_failed"),
    _handshake("never answers capabilities", "never-lists", "handshake_failed"),
    _handshake("answers just before the deadline", "answers-just-in-time", answer="hello"),
    _handshake("answers just after the deadline", "answers-too-late", "handshake_failed"),
    replace(
        _handshake("answered while the hub was busy", "unknown-members", answer="hello", act=_call_a_busy_hub, seconds=3.0),
        proof="the hub was busy",
    ),
    *(_handshake(f"wrong type for {member}", f"wrong-{member}", "handshake_failed") for member in (*_MEMBERS, *_MORE_MEMBERS)),
    _handshake("no object", "no-object", "handshake_failed"),
    _handshake("an error object", "refuses", "handshake_failed"),
    _handshake("unknown extra fields", "unknown-members", answer="hello"),
    _handshake("a domain frame before the handshake", "speaks-first", answer="hello"),
    _handshake("a banner before the handshake", "banner", answer="hello"),
    _handshake("garbage before the handshake", "garbage", answer="hello"),
    _handshake("a flood before the handshake", "floods", "protocol_error"),
    _handshake("answers twice", "answers-twice", answer="hello"),
    _handshake("no common version", "no-common-version", "no_common_version"),
    _handshake("an empty list of versions", "supports-nothing", "no_common_version"),
    _handshake("garbage for a list of versions", "supports-garbage", "no_common_version"),
    _handshake("picks a version that was not offered", "picks-version-2", "no_common_version"),
    _handshake("oversize capabilities", "oversize-capabilities", "handshake_failed", seconds=3.0),
    _handshake("an invalid schema", "invalid-schema", "handshake_failed"),
    _handshake("a recursive schema", "recursive-schema", answer="hello"),
    _handshake("a remote $ref", "remote-ref", "handshake_failed"),
    _handshake("duplicate names", "duplicate-names", "handshake_failed"),
    _handshake("a reserved name", "reserved-name", "handshake_failed"),
    _handshake("a name that differs from the manifest's", "other-name", "handshake_failed"),
    _handshake("a version that differs from the manifest's", "other-version", "handshake_failed"),
    _handshake("no licence", "bad-licence", "bad_license"),
    _handshake("dies between its answers", "dies-when-listing", "start_failed"),
    _handshake("closes its output", "closes-stdout", "protocol_error"),
    Exhibit(
        "Handshake",
        "different capabilities after a restart",
        _differs,
        lambda cage: (cage.directory / "started").read_text() == "started\nstarted\n",
        kinds=("not_approved",),
        act=_restart,
        options=lambda: {"approve": _approve_once()},
    ),
]


def _init(name: str, fault: str, *kinds: str) -> Exhibit:
    plugin = program("init", "--fault", fault)
    return Exhibit("Handshake", name, plugin, "initialising", kinds=kinds, settings=_SHORT, act=calls("greet"))


async def _is_stopped_and_not_failed(cage: Cage) -> None:
    assert cage.hub.modules["bad"].state == "stopped"
    assert (await error_of(cage.hub.call("bad.greet"))).kind == "disabled"


_INIT = [
    replace(_init("disables itself with a reason", "disables", "disabled"), afterwards=_is_stopped_and_not_failed),
    _init("init refuses", "refuses", "init_failed"),
    _init("init answers no object", "no-object", "init_failed"),
    _init("init answers null", "null", "init_failed"),
    _init("init answers nonsense", "answers-nonsense", "init_failed"),
    _init("init hangs", "hangs", "init_failed"),
    _init("init exits 0", "exits-0", "init_failed"),
    _init("init crashes", "crashes", "init_failed"),
    _init("init exits 78", "exits-78", "init_failed"),
]

EXHIBITS = [*_SPAWN, *_HANDSHAKE, *_INIT]
