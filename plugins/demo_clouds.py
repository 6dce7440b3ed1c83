"""Own the last act of `make demo`: four clouds, many accounts, one console; assert what it shows; know nothing of the hub.

The clouds are played on loopback: Amazon by moto, the others by the stand-in of the tests. Nothing of yours is used or changed.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from demo import PLUGINS, build, title
from demo_terminal import HUB, Terminal

__all__ = ["main"]

_STEP_SECONDS: Final = 20
# An interpreter with flask, on a busy machine.
_START_SECONDS: Final = 30
# moto knows one account only; what is made in one region is not seen from the other.
_REGIONS_OF_AWS: Final = {"work": "eu-west-1", "home": "eu-north-1"}


class Made(NamedTuple):
    """One server of the demo."""

    account: str
    name: str
    region: str
    size: str
    image: str


class Cloud(NamedTuple):
    """A cloud: what builds its module, and the servers that are made there."""

    tool: str | None
    servers: tuple[Made, ...]


CLOUDS: Final = {
    "aws": Cloud(
        None,
        (
            Made("work", "web-1", "eu-west-1", "t3.micro", "ami-12c6146b"),
            Made("work", "web-2", "eu-west-1", "t3.micro", "ami-12c6146b"),
            Made("home", "backup", "eu-north-1", "t3.nano", "ami-12c6146b"),
        ),
    ),
    "digitalocean": Cloud(
        "go",
        (
            Made("work", "api-1", "ams3", "s-2vcpu-4gb", "ubuntu-24-04-x64"),
            Made("home", "blog", "fra1", "s-1vcpu-1gb", "debian-12-x64"),
        ),
    ),
    "hetzner": Cloud(
        "npm", (Made("work", "db-1", "fsn1", "cx32", "debian-12"), Made("work", "db-2", "hel1", "cx32", "debian-12"))
    ),
    "vultr": Cloud("cargo", (Made("work", "edge-1", "sgp", "vc2-1c-1gb", "2284"),)),
}


@contextmanager
def played(program: str) -> Generator[dict[str, str]]:
    """Run a program that plays services until its standard input ends; give their addresses."""
    command = [sys.executable, "-m", program]
    process = subprocess.Popen(
        command, cwd=PLUGINS.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError(program)
    late = threading.Timer(_START_SECONDS, process.kill)
    late.start()
    try:
        line = process.stdout.readline()
        late.cancel()
        yield json.loads(line or "{}")
        process.stdin.close()
        process.wait(_STEP_SECONDS)
    finally:
        late.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def running_hub(environ: Mapping[str, str]) -> Generator[None]:
    """Run `hub up` until the end of the block, and see that it ends well."""
    print("$ hub up &", flush=True)
    process = subprocess.Popen(
        [HUB, "up"], env=dict(environ), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if process.stdout is None:
        raise RuntimeError("no pipe")
    lines = process.stdout
    late = threading.Timer(_START_SECONDS, process.kill)
    late.start()
    ready = next((line for line in lines if "control socket" in line), None)
    late.cancel()
    # What it says later must not fill its pipe.
    drain = threading.Thread(target=lambda: [None for _ in lines], daemon=True)
    drain.start()
    try:
        if ready is None:
            sys.exit("demo: hub up did not start")
        print(ready.rstrip(), flush=True)
        yield
        Terminal(environ, "down").end(_STEP_SECONDS)
        if process.wait(_STEP_SECONDS) != 0:
            sys.exit(f"demo: hub up exited with {process.returncode}")
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STEP_SECONDS)
        process.kill()
        process.wait()
        drain.join()
        lines.close()


def control(address: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Say something to the stand-in, and return its answer."""
    place = urlsplit(address)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=_STEP_SECONDS)
    try:
        connection.request(method, f"/_control/{path}", None if body is None else json.dumps(body))
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def authenticate(environ: Mapping[str, str], urls: Mapping[str, str], clouds: list[str]) -> list[str]:
    """Give each account its token, as a person types it; return the tokens."""
    given: list[str] = []
    for cloud in clouds:
        for account in sorted({server.account for server in CLOUDS[cloud].servers}):
            token = secrets.token_urlsafe(30)
            given.append(token)
            answers = [token]
            if cloud == "aws":
                answers = [f"DEMO{secrets.token_hex(8).upper()}", token, _REGIONS_OF_AWS[account]]
            else:
                control(urls["control"], "POST", "accounts", {"service": cloud, "account": account, "token": token})
            # One is shown as it is; the others look the same.
            first = len(given) == 1
            typing = Terminal(environ, "call", f"{cloud}.authenticate", "--account", account, show=first)
            typing.answer(answers, _STEP_SECONDS)
            said = typing.end(_STEP_SECONDS)
            if token in said:
                sys.exit(f"demo: the token for {cloud} stood on the terminal")
            if not first:
                print(f"$ hub call {cloud}.authenticate --account {account}   ... the same", flush=True)
    return given


def create(environ: Mapping[str, str], clouds: list[str]) -> None:
    """Make the servers, the first one in full sight."""
    for cloud in clouds:
        for server in CLOUDS[cloud].servers:
            words = ["--account", server.account, "--name", server.name, "--region", server.region]
            words += ["--size", server.size, "--image", server.image]
            first = (cloud, server) == (clouds[0], CLOUDS[clouds[0]].servers[0])
            Terminal(environ, "call", f"{cloud}.create_server", *words, show=first).end(_STEP_SECONDS)
            if not first:
                print(f"$ hub call {cloud}.create_server --account {server.account} --name {server.name} ...", flush=True)


def list_all(environ: Mapping[str, str], clouds: list[str]) -> None:
    """Show one table of everything, and see that everything is in it."""
    shown = Terminal(environ, "call", "cloud.compute.list_servers", "--all").end(_STEP_SECONDS)
    missing = [server.name for cloud in clouds for server in CLOUDS[cloud].servers if server.name not in shown]
    if missing:
        sys.exit(f"demo: not in the table: {missing}")


def kill_in_the_middle(environ: Mapping[str, str], urls: Mapping[str, str], clouds: list[str]) -> None:
    """Kill a module while all are asked, twice, because once is mended: the others answer, and its failure is a row."""
    victim = next((cloud for cloud in ("hetzner", "vultr", "digitalocean") if cloud in clouds), None)
    if victim is None:
        print("left out: there is no module here whose service can be told to be slow")
        return
    slow = {"service": victim, "match": "GET *", "times": 100, "fault": {"slow_seconds": 60}}
    control(urls["control"], "POST", "faults", slow)
    accounts = len({server.account for server in CLOUDS[victim].servers})
    before = len(control(urls["control"], "GET", f"requests?service={victim}"))
    asking = Terminal(environ, "call", "cloud.compute.list_servers", "--all")
    for kills, words in enumerate(("its service lets it wait", "asked again, because listing is idempotent"), 1):
        if not asked_so_often(urls["control"], victim, before + kills * accounts):
            Terminal(environ, "ps").end(_STEP_SECONDS)
            sys.exit(f"demo: {victim} did not ask its service within {_START_SECONDS} s")
        pid = pid_of(environ, victim)
        print(f"  kill -9 {pid}: {victim}, {words}", flush=True)
        os.kill(pid, signal.SIGKILL)
    shown = asking.end(_START_SECONDS, expect=1)
    answered = [server.name for cloud in clouds if cloud != victim for server in CLOUDS[cloud].servers]
    if not all(name in shown for name in answered):
        sys.exit("demo: one that was not killed has not answered")


def asked_so_often(address: str, service: str, count: int) -> bool:
    """Wait until a service was asked so often. The stand-in waits for a while, and then says how often it was."""
    until = time.monotonic() + _START_SECONDS
    while len(control(address, "GET", f"requests?service={service}&at_least={count}")) < count:
        if time.monotonic() > until:
            return False
    return True


def pid_of(environ: Mapping[str, str], module: str) -> int:
    """Return the process of a running module."""
    found = subprocess.run([HUB, "ps", "--json"], env=dict(environ), capture_output=True, check=True, timeout=_STEP_SECONDS)
    return next(row["pid"] for row in json.loads(found.stdout) if row["name"] == module)


def show(environ: Mapping[str, str], home: Path, clouds: list[str], urls: Mapping[str, str]) -> None:
    """Run the commands, in the order in which a person would type them."""
    for cloud in clouds:
        print(f"$ hub plugin approve {cloud} --yes", flush=True)
        subprocess.run([HUB, "plugin", "approve", cloud, "--yes"], env=dict(environ), check=True, stdout=subprocess.DEVNULL)
    with running_hub(environ):
        title("Each account gives its token once; the hub keeps it, for this module and this account alone")
        tokens = authenticate(environ, urls, clouds)
        Terminal(environ, "credentials", "list").end(_STEP_SECONDS)
        title("Servers are made, and all of them are one table")
        create(environ, clouds)
        list_all(environ, clouds)
        title("A module is killed while all of them are asked")
        kill_in_the_middle(environ, urls, clouds)
    written = [path for path in home.rglob("*") if path.is_file()]
    told = [path for path in written if any(token.encode() in path.read_bytes() for token in tokens)]
    if told:
        sys.exit(f"demo: a token was written to {told}")
    print(f"none of the {len(tokens)} tokens stands in any of the {len(written)} files that the hub wrote", flush=True)


def configure(home: Path, clouds: list[str], urls: Mapping[str, str]) -> Path:
    """Write the operator's configuration: where the services are; return its path."""
    lines = [f'[modules.{cloud}]\nbase_url = "{urls[cloud]}"\n' for cloud in clouds]
    (home / "config.toml").write_text("\n".join(lines))
    return home / "config.toml"


def built() -> list[str]:
    """Build the modules side by side; return the clouds whose module is there."""

    def is_there(name: str) -> bool:
        tool = CLOUDS[name].tool
        return tool is None or build(name, tool)

    with ThreadPoolExecutor() as builds:
        found = builds.map(is_there, CLOUDS)
        return [name for name, there in zip(CLOUDS, found, strict=True) if there]


def chosen(home: Path, clouds: list[str]) -> Path:
    """Return a directory of plugins with the clouds alone: what was left out must not be asked whether it is one."""
    plugins = home / "plugins"
    plugins.mkdir()
    for cloud in clouds:
        (plugins / cloud).symlink_to(PLUGINS / cloud, target_is_directory=True)
    return plugins


def main() -> None:
    """Run the act, in the directory named first or in one of its own."""
    with ExitStack() as until_the_end:
        made = None if len(sys.argv) > 1 else until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="hub-demo-"))
        home = Path(made or sys.argv[1])
        home.mkdir(exist_ok=True)
        title("Many clouds, many accounts, one console; the clouds are played on this machine")
        clouds = built()
        urls = until_the_end.enter_context(played("tests.clouds.standin"))
        amazon = until_the_end.enter_context(played("tests.clouds.amazon"))
        if not amazon:
            print("left out: aws, because moto, which plays it, is not installed here")
            clouds.remove("aws")
        urls = {**urls, **amazon}
        own = {f"XDG_{name}": str(home / place) for name, place in _OWN.items()}
        config = configure(home, clouds, urls)
        environ = {**os.environ, **own, "HUB_PLUGINS": str(chosen(home, clouds)), "HUB_CONFIG": str(config)}
        show(environ, home, clouds, urls)


_OWN: Final = {"STATE_HOME": "state", "DATA_HOME": "data", "RUNTIME_DIR": "run", "CONFIG_HOME": "config"}


if __name__ == "__main__":
    main()
