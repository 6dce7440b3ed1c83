"""Own what there is to say of a loaded module at one moment, for `hub ps`; know nothing of who asks."""

from collections.abc import Callable
from typing import Any

from hub._module import LoadedModule
from hub._tree import sample_tree

__all__ = ["status_of"]


def status_of(module: LoadedModule, clock: Callable[[], float]) -> dict[str, Any]:
    """Return state, process, memory of its whole tree, restarts, calls and the last error, as JSON; costs some 25 µs."""
    up_since = module.supervisor.up_since
    sample = sample_tree(module.pid, None) if module.pid is not None else None
    retry_at = module.supervisor.retry_at
    return {
        "name": module.name,
        "state": str(module.state),
        "pid": module.pid,
        "version": module.introduction.version if module.introduction is not None else module.plugin.manifest.version,
        "uptime_seconds": None if up_since is None or module.pid is None else round(clock() - up_since, 3),
        "restarts": module.supervisor.restarts,
        "retry_after_seconds": None if retry_at is None else round(max(0.0, retry_at - clock()), 3),
        "memory_bytes": None if sample is None else sample.memory_bytes,
        "processes": 0 if sample is None else sample.processes,
        "in_flight": module.slots.in_flight,
        "waiting": module.slots.waiting,
        **module.stats.to_json(),
        "last_error": None if module.last_error is None else module.last_error.to_json(),
        "lazy": module.plugin.manifest.supervision.lazy,
        "critical": module.plugin.manifest.supervision.critical,
    }
