"""Own `make demo`: the hub's main job shown on this machine, by the commands that a person types; asserts what it shows.

Uses directories of its own for approvals and stores, so that it changes nothing of yours.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path

import anyio

from hub import Hub, Paths
from hub.errors import ModuleDied

__all__ = ["main"]

PLUGINS = Path(__file__).resolve().parent
HUB = Path(sys.executable).parent / "hub"
# Modules that need no build, so that the demo works where there is only Python and make.
ALWAYS = ("hello", "system", "weather")
# Modules of other languages: shown when what builds them is here. Name to tool.
BUILT = {"echo-go": "go", "echo-node": "node"}
# From SIGKILL to the caller's error.
DETECTED_WITHIN_SECONDS = 0.1
STEP_SECONDS = 10
# A first build compiles a standard library.
BUILD_SECONDS = 300


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


def run(environ: Mapping[str, str], *words: str, expect: int = 0) -> None:
    """Run a hub command as a person would, and see that it exits as it should."""
    print("$ hub " + " ".join(words), flush=True)
    found = subprocess.run([HUB, *words], env=dict(environ), check=False)
    if found.returncode != expect:
        sys.exit(f"demo: hub {' '.join(words)} exited with {found.returncode}, not {expect}")
    if expect:
        print(f"(exit code {expect}, as it should be)", flush=True)


def build(name: str, tool: str) -> bool:
    """Build a module in another language, where its tool is here; return whether it is there."""
    if shutil.which(tool) is None:
        print(f"left out: {name}, because {tool} is not installed here")
        return False
    directory = PLUGINS / name
    if not (directory / "plugin.toml").exists():
        return False
    command = tomllib.loads((directory / "plugin.toml").read_text()).get("build", {}).get("command")
    if command is None:
        return True
    print(f"(building {name})", flush=True)
    try:
        built = subprocess.run(command, cwd=directory, capture_output=True, timeout=BUILD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        print(f"left out: {name}, because its build takes longer than {BUILD_SECONDS} s")
        return False
    if built.returncode:
        print(f"left out: {name}, because its build failed: {built.stderr.decode(errors='replace').strip()[-300:]}")
    return built.returncode == 0


async def kill_in_the_middle(environ: Mapping[str, str]) -> None:
    """Kill a module with SIGKILL while a call is under way: the caller hears of it at once, the others answer on."""
    under_way, heard = anyio.Event(), anyio.Event()
    killed_at = 0.0

    async def watch(hub: Hub) -> None:
        try:
            await hub.request("system.watch", {"seconds": 60}, on_progress=lambda _progress: under_way.set())
        except ModuleDied as error:
            seconds = time.monotonic() - killed_at
            print(f"  after {seconds * 1000:.1f} ms its caller got {error.kind}: {error.message}")
            if seconds < DETECTED_WITHIN_SECONDS:
                heard.set()

    async with Hub(paths=Paths.from_environment(environ, plugins=[PLUGINS])) as hub, anyio.create_task_group() as tasks:
        await hub.start("hello")
        system = await hub.start("system")
        tasks.start_soon(watch, hub)
        with anyio.fail_after(STEP_SECONDS):
            await under_way.wait()
        print(f"  kill -9 {system.pid}, in the middle of system.watch")
        killed_at = time.monotonic()
        os.kill(system.pid or 0, signal.SIGKILL)
        with anyio.fail_after(STEP_SECONDS):
            await heard.wait()
        print("  hello.greet answers on:", await hub.call("hello.greet", name="Ada"))
        print("  system.load, in a fresh process:", (await hub.call("system.load"))["load_1m"])


def show(environ: Mapping[str, str], others: list[str]) -> None:
    """Run the commands of the demo, in the order in which a newcomer would type them."""
    title("What is here: nothing has been run yet, nothing is approved")
    run(environ, "plugin", "list")
    run(environ, "call", "hello.greet", "--name", "Ada", expect=4)
    title("Look at a module and approve exactly this content")
    run(environ, "plugin", "approve", "hello", "--yes")
    for name in ("system", "weather", *others):
        print(f"$ hub plugin approve {name} --yes", flush=True)
        subprocess.run([HUB, "plugin", "approve", name, "--yes"], env=dict(environ), check=True, stdout=subprocess.DEVNULL)
    title("Ask: shell, then Python, then a module that asks another one through the hub")
    run(environ, "call", "hello.greet", "--name", "Ada")
    run(environ, "call", "system.info")
    run(environ, "call", "system.processes", "--limit", "3", "--sort", "rss")
    run(environ, "call", "weather.report")
    for name in others:
        run(environ, "call", f"{name}.add", "--a", "20", "--b", "22")
    title("Mistakes get one clear answer each")
    run(environ, "call", "system.processes", "--limit", "x", expect=2)
    run(environ, "call", "system.proceses", expect=3)
    run(environ, "call", "system.watch", "--seconds", "30", "--timeout", "1", expect=6)


def main() -> None:
    """Run all acts."""
    with tempfile.TemporaryDirectory(prefix="hub-demo-") as home:
        own = {"XDG_STATE_HOME": f"{home}/state", "XDG_DATA_HOME": f"{home}/data", "XDG_RUNTIME_DIR": f"{home}/run"}
        own["XDG_CONFIG_HOME"] = f"{home}/config"
        environ = {**os.environ, **own, "HUB_PLUGINS": str(PLUGINS)}
        others = [name for name, tool in BUILT.items() if build(name, tool)]
        show(environ, others)
        title("A module is killed in the middle of a call")
        anyio.run(kill_in_the_middle, environ)
        # A program of its own: `python plugins/demo_clouds.py` shows that act alone. -B: it leaves nothing beside the plugins.
        clouds = subprocess.run([sys.executable, "-B", PLUGINS / "demo_clouds.py", f"{home}/clouds"], check=False)
        if clouds.returncode:
            sys.exit(clouds.returncode)
    title("That was the hub. Now read README.md, or write a module: protocol/README.md, sdk/python/README.md")


if __name__ == "__main__":
    main()
