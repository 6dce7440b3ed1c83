"""Own the module `system`: what this machine is and what runs on it, by psutil; know nothing of the hub."""

import os
import platform
import time
from typing import TYPE_CHECKING, Annotated, Literal, NotRequired, TypedDict

from hub_sdk import Context, Doc, Ge, Gt, Le, Module, ModuleError

if TYPE_CHECKING:
    import psutil

__all__ = ["module"]

# psutil costs 20 ms to import and is needed first when somebody calls: the functions import it, so introducing stays quick.

module = Module(
    "system",
    version="1.0.0",
    license="Apache-2.0",
    authors=["The hub authors"],
    description=["What this machine is, and what runs on it."],
)

Limit = Annotated[int, Ge(1), Le(10_000), Doc("at most so many rows")]


class Host(TypedDict):
    """What this machine is."""

    hostname: str
    system: str
    release: str
    machine: str
    cpus: int
    memory_bytes: int
    booted: str
    python: str


class Load(TypedDict):
    """How busy this machine is now."""

    load_1m: float
    load_5m: float
    load_15m: float
    memory_total_bytes: int
    memory_available_bytes: int
    memory_used_percent: float
    swap_used_bytes: int


class Process(TypedDict):
    """One process."""

    pid: int
    name: str
    user: str
    rss: int
    cpu_seconds: float
    threads: int
    started: str


class Disk(TypedDict):
    """One mounted file system."""

    mount: str
    device: str
    type: str
    total_bytes: int
    used_bytes: int
    free_bytes: int
    used_percent: float


class Socket(TypedDict):
    """One network socket."""

    protocol: str
    local: str
    remote: NotRequired[str]
    status: str
    pid: NotRequired[int]


class Sample(TypedDict):
    """The machine at one moment."""

    second: float
    cpu_percent: float
    memory_used_percent: float


class NoSuchProcess(ModuleError):
    """There is no process with this number, or it ended a moment ago."""

    code = 1001


@module.function(read_only=True, idempotent=True)
def info() -> Host:
    """Say what this machine is."""
    import psutil

    return {
        "hostname": platform.node(),
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "cpus": psutil.cpu_count() or 1,
        "memory_bytes": psutil.virtual_memory().total,
        "booted": _moment(psutil.boot_time()),
        "python": platform.python_version(),
    }


@module.function(read_only=True, idempotent=True)
def load() -> Load:
    """Say how busy this machine is now."""
    import psutil

    memory = psutil.virtual_memory()
    one, five, fifteen = (round(number, 2) for number in os.getloadavg())
    return {
        "load_1m": one,
        "load_5m": five,
        "load_15m": fifteen,
        "memory_total_bytes": memory.total,
        "memory_available_bytes": memory.available,
        "memory_used_percent": memory.percent,
        "swap_used_bytes": psutil.swap_memory().used,
    }


@module.function(read_only=True, idempotent=True)
def processes(
    limit: Limit = 10,
    sort: Annotated[Literal["rss", "cpu", "pid", "name"], Doc("largest first, except pid and name")] = "rss",
    name: Annotated[str, Doc("only those whose name contains this")] = "",
) -> list[Process]:
    """List processes.

    Args:
        limit: at most so many rows
    """
    import psutil

    rows: list[Process] = []
    for process in psutil.process_iter():
        try:
            rows.append(_process(process))
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue  # it ended while we looked, or belongs to somebody else
    rows = [row for row in rows if name in row["name"]]
    match sort:
        case "rss":
            rows.sort(key=lambda row: -row["rss"])
        case "cpu":
            rows.sort(key=lambda row: -row["cpu_seconds"])
        case "pid":
            rows.sort(key=lambda row: row["pid"])
        case "name":
            rows.sort(key=lambda row: (row["name"], row["pid"]))
    return rows[:limit]


@module.function(read_only=True, idempotent=True, errors=[NoSuchProcess])
def process(pid: Annotated[int, Ge(1), Doc("the number of the process")]) -> Process:
    """Show one process."""
    import psutil

    try:
        return _process(psutil.Process(pid))
    except psutil.Error:
        raise NoSuchProcess(f"there is no process {pid}", data={"pid": pid}) from None


@module.function(read_only=True, idempotent=True)
def disks() -> list[Disk]:
    """List the mounted file systems that hold data."""
    import psutil

    rows: list[Disk] = []
    for partition in psutil.disk_partitions():
        try:
            usage = psutil.disk_usage(partition.mountpoint)
        except OSError:
            continue  # unmounted while we looked, or not ours to see
        rows.append(
            {
                "mount": partition.mountpoint,
                "device": partition.device,
                "type": partition.fstype,
                "total_bytes": usage.total,
                "used_bytes": usage.used,
                "free_bytes": usage.free,
                "used_percent": usage.percent,
            }
        )
    return rows


@module.function(read_only=True, idempotent=True)
def sockets(
    listening: Annotated[bool, Doc("only those that wait for connections")] = True,  # noqa: FBT002 - called by name over the wire
    limit: Limit = 100,
) -> list[Socket]:
    """List TCP and UDP sockets."""
    import psutil

    rows: list[Socket] = []
    for found in psutil.net_connections("inet"):
        if listening and found.status != psutil.CONN_LISTEN:
            continue
        row: Socket = {
            "protocol": "tcp" if found.type == 1 else "udp",
            "local": _address(*found.laddr),
            "status": found.status,
        }
        if found.raddr:
            row["remote"] = _address(*found.raddr)
        if found.pid:
            row["pid"] = found.pid
        rows.append(row)
    return sorted(rows, key=lambda row: (row["protocol"], row["local"]))[:limit]


@module.function(read_only=True, timeout_seconds=3700)
def watch(
    context: Context,
    seconds: Annotated[float, Gt(0), Le(3600), Doc("how long to watch")] = 10.0,
    interval: Annotated[float, Ge(0.05), Le(60), Doc("seconds between two samples")] = 1.0,
) -> list[Sample]:
    """Watch processor and memory for a while, reporting progress; can be cancelled at any time."""
    import psutil

    begun = time.monotonic()
    samples: list[Sample] = []
    psutil.cpu_percent()  # the first one compares with nothing
    while (passed := time.monotonic() - begun) < seconds:
        context.progress(round(passed, 2), seconds, f"{len(samples)} samples")
        until = begun + min(passed + interval, seconds)
        while (left := until - time.monotonic()) > 0:
            context.check()
            time.sleep(min(left, 0.05))
        samples.append(
            {
                "second": round(time.monotonic() - begun, 2),
                "cpu_percent": psutil.cpu_percent(),
                "memory_used_percent": psutil.virtual_memory().percent,
            }
        )
    context.progress(seconds, seconds, f"{len(samples)} samples")
    return samples


def _process(process: "psutil.Process") -> Process:
    with process.oneshot():
        times = process.cpu_times()
        return {
            "pid": process.pid,
            "name": process.name(),
            "user": process.username(),
            "rss": process.memory_info().rss,
            "cpu_seconds": round(times.user + times.system, 2),
            "threads": process.num_threads(),
            "started": _moment(process.create_time()),
        }


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _address(host: str | int = "", port: str | int = 0) -> str:
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"


if __name__ == "__main__":
    module.run()
