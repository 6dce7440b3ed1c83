"""Own the building of what is measured, into build/bench; a peer whose tools are missing is left out; know no figure."""

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from tests.house.tree import ROOT

__all__ = ["BUILD", "MODULES", "PEERS", "PLUGINS", "STEPS", "VENV_PYTHON", "LeftOut", "build", "run_tool"]

BUILD: Final = ROOT / "build" / "bench"
MODULES: Final = Path(__file__).resolve().parent / "modules"
PEERS: Final = Path(__file__).resolve().parent / "peers"
# The plugins that only the benchmark has; those that everybody has are where they always are.
PLUGINS: Final = BUILD / "plugins"
VENV_PYTHON: Final = BUILD / "venv" / "bin" / "python"
# A first build fetches and compiles all of gRPC.
_STEP_SECONDS: Final = 600.0
_SHOWN_CHARACTERS: Final = 300


class LeftOut(Exception):
    """Something cannot be built here; the message says why, in a line."""


def run_tool(words: Sequence[str | Path], directory: Path, environ: Mapping[str, str] | None = None) -> None:
    """Run one build command.

    Raises:
        LeftOut: its tool is not here, or it failed.
    """
    tool = str(words[0])
    # A path is relative to the directory, as it is for the command that is run there.
    if shutil.which(directory / tool if "/" in tool else tool) is None:
        raise LeftOut(f"{tool} is not installed here")
    try:
        done = subprocess.run(
            words,
            cwd=directory,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_STEP_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LeftOut(f"{Path(tool).name} took longer than {_STEP_SECONDS:g} s") from None
    if done.returncode:
        said = (done.stderr + done.stdout).decode(errors="replace").strip().splitlines()
        raise LeftOut(f"{Path(tool).name} failed: {' / '.join(said[-3:])[-_SHOWN_CHARACTERS:]}")


def _unchanged(stamp: Path, *inputs: Path) -> bool:
    """Return whether `stamp` holds the digest of the inputs; else remove it, to be written by `_done`."""
    same = stamp.exists() and stamp.read_text() == _digest(inputs)
    if not same:
        stamp.unlink(missing_ok=True)
    return same


def _done(stamp: Path, *inputs: Path) -> None:
    stamp.write_text(_digest(inputs))


def _digest(inputs: Sequence[Path]) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in inputs)).hexdigest()


def _compiler() -> str:
    for name in ("cc", "gcc", "clang"):
        if shutil.which(name):
            return name
    raise LeftOut("no C compiler is installed here")


def _c() -> None:
    """Build the C host, and the C module as a plugin."""
    source, plugin = PEERS / "c", PLUGINS / "echo-c"
    plugin.mkdir(parents=True, exist_ok=True)
    flags = ("-O2", "-Wall", "-Wextra", "-Werror")
    shared = ("json.c", "lines.c")
    run_tool([_compiler(), *flags, "-o", plugin / "echo-c", "echo.c", "disturb.c", *shared], source)
    run_tool([_compiler(), *flags, "-o", BUILD / "c-host", "host.c", "payload.c", *shared], source)
    (plugin / "plugin.toml").write_text('name = "echo-c"\ncommand = ["./echo-c"]\n')


def _venv() -> None:
    """Make the virtual environment of the peers in Python and of the picture."""
    wanted, stamp = PEERS / "requirements.txt", BUILD / ".venv-stamp"
    if VENV_PYTHON.exists() and _unchanged(stamp, wanted):
        return
    run_tool([sys.executable, "-m", "venv", "--clear", BUILD / "venv"], ROOT)
    pip = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
    run_tool([*pip, "-r", wanted], ROOT)
    _done(stamp, wanted)


def _stubs(kind: str, *options: str) -> None:
    """Generate what gRPC needs for a language from echo.proto."""
    _venv()
    run_tool([VENV_PYTHON, "-m", "grpc_tools.protoc", f"-I{PEERS}", *options, PEERS / "echo.proto"], BUILD / kind)


def _goplugin() -> None:
    source, target = PEERS / "goplugin", BUILD / "goplugin"
    (target / "pb").mkdir(parents=True, exist_ok=True)
    for path in (*source.glob("*.go"), source / "go.mod", source / "go.sum"):
        shutil.copyfile(path, target / path.name)
    stamp, inputs = BUILD / ".goplugin-stamp", (PEERS / "echo.proto", source / "go.mod")
    if not _unchanged(stamp, *inputs):
        google = "google.golang.org"
        run_tool(
            [
                *("go", "build", "-o", "./", f"{google}/protobuf/cmd/protoc-gen-go"),
                f"{google}/grpc/cmd/protoc-gen-go-grpc",
            ],
            target,
        )
        _stubs(
            "goplugin",
            *(f"--plugin={target / name}" for name in ("protoc-gen-go", "protoc-gen-go-grpc")),
            *("--go_out=.", "--go_opt=module=bench", "--go-grpc_out=.", "--go-grpc_opt=module=bench"),
        )
        _done(stamp, *inputs)
    run_tool(["go", "build", "-o", "goplugin", "."], target)


def _grpc_aio() -> None:
    stubs = BUILD / "stubs"
    stubs.mkdir(exist_ok=True)
    stamp, inputs = BUILD / ".stubs-stamp", (PEERS / "echo.proto", PEERS / "requirements.txt")
    if not _unchanged(stamp, *inputs):
        _stubs("stubs", "--python_out=.", "--grpc_python_out=.")
        _done(stamp, *inputs)


def _vscode_jsonrpc() -> None:
    source, target = PEERS / "vscode_jsonrpc", BUILD / "vscode_jsonrpc"
    target.mkdir(exist_ok=True)
    for name in ("host.js", "plugin.js", "package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(source / name, target / name)
    if shutil.which("node") is None:
        raise LeftOut("node is not installed here")
    stamp, lock = BUILD / ".vscode-jsonrpc-stamp", source / "package-lock.json"
    if not (target / "node_modules").exists() or not _unchanged(stamp, lock):
        run_tool(["npm", "ci", "--no-audit", "--no-fund"], target)
        _done(stamp, lock)


def _module_go() -> None:
    run_tool(["go", "build", "-o", BUILD / "module-go", "."], MODULES / "go")


def _module_rust() -> None:
    environ = {**os.environ, "CARGO_TARGET_DIR": str(ROOT / "build" / "rust")}
    run_tool(["cargo", "build", "--quiet", "--release"], MODULES / "rust", environ)
    shutil.copyfile(ROOT / "build" / "rust" / "release" / "bench-module", BUILD / "module-rust")
    (BUILD / "module-rust").chmod(0o755)


def _module_python() -> None:
    """Nothing to build: it runs in the environment of this process."""


def _plugin(name: str) -> Callable[[], None]:
    """Return the step that builds a plugin of this repository by its manifest's own command."""

    def make() -> None:
        directory = ROOT / "plugins" / name
        manifest = tomllib.loads((directory / "plugin.toml").read_text())
        command = manifest.get("build", {}).get("command")
        if command is not None:
            run_tool([command] if isinstance(command, str) else command, directory)

    return make


def _echo_node() -> None:
    """Build it when it or its SDK changed: its build begins with removing what others may be running."""
    directory, sdk = ROOT / "plugins" / "echo-node", ROOT / "sdk" / "node"
    if shutil.which("node") is None:
        raise LeftOut("node is not installed here")
    stamp = BUILD / ".echo-node-stamp"
    inputs = [*sorted((sdk / "src").rglob("*.ts")), sdk / "package.json", directory / "package-lock.json"]
    if not (directory / "node_modules").exists() or not _unchanged(stamp, *inputs):
        _plugin("echo-node")()
        _done(stamp, *inputs)


STEPS: Final[Mapping[str, Callable[[], None]]] = {
    "c": _c,
    "venv": _venv,
    "goplugin": _goplugin,
    "grpc-aio": _grpc_aio,
    "vscode-jsonrpc": _vscode_jsonrpc,
    "module-go": _module_go,
    "module-rust": _module_rust,
    "module-python": _module_python,
    "echo-go": _plugin("echo-go"),
    "echo-python": _plugin("echo-python"),
    "echo-rust": _plugin("echo-rust"),
    "echo-node": _echo_node,
}


@cache
def _why_not(name: str) -> str | None:
    """Do a step, once in this process, and return why it could not be done."""
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        STEPS[name]()
    except LeftOut as why:
        return str(why)
    return None


def build(names: Sequence[str]) -> dict[str, str]:
    """Do these steps and return why some could not be done."""
    return {name: why for name in names if (why := _why_not(name)) is not None}
