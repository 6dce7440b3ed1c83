"""Own other plugins that answer a module's hub.call in a run, started when first asked; know no checks."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from hub.conformance._child import CannotSpawn, Child
from hub.conformance._host import HostServices, Reply
from hub.conformance._notes import Notes
from hub.conformance._session import Ended, Session, Silent
from hub.conformance._target import Target
from hub.conformance._transcript import Transcript
from hub.conformance._wire import Wire
from hub_protocol.errors import ERRORS
from hub_protocol.limits import MAX_FRAME_BYTES

__all__ = ["Companions"]

_SECONDS: Final = 10.0


class Companions:
    """Plugins by name; what they do wrong is nobody's fault here, their answers are handed on."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._targets = {target.name: target for target in targets}
        self._running: dict[str, Session] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for session in self._running.values():
            session.wire.child.finish()

    def forward(self, address: str, params: Mapping[str, Any]) -> Reply | None:
        """Call a function of a companion; None when there is no such companion."""
        module, _, function = address.partition(".")
        if module not in self._targets:
            return None
        try:
            answer = self._session(module).ask(function, dict(params), _SECONDS)
        except (Silent, Ended, CannotSpawn) as error:
            self._drop(module)
            code, _ = ERRORS["module_died"]
            return ("error", {"code": code, "message": str(error), "data": {"kind": "module_died"}})
        return ("result", answer.result) if answer.is_result else ("error", answer.error)

    def _session(self, name: str) -> Session:
        if name not in self._running:
            target, notes = self._targets[name], Notes()
            child = Child(target.argv, target.cwd, target.env, secrets.token_hex(8))
            wire = Wire(child, Transcript(), target.framing)
            session = Session(wire, notes, HostServices(notes, self.forward), _SECONDS)
            self._running[name] = session
            hub = {"name": "hub", "version": "0.1.0"}
            params: dict[str, Any] = {"protocol_versions": [1], "features": [], "max_frame_bytes": MAX_FRAME_BYTES, "hub": hub}
            session.ask("module_info", params)
            session.ask("capabilities", {})
            session.ask("module_init", {"config": dict(target.config), "data_directory": target.env.get("TMPDIR", "/tmp")})  # noqa: S108 - a companion keeps nothing
        return self._running[name]

    def _drop(self, name: str) -> None:
        session = self._running.pop(name, None)
        if session is not None:
            with suppress(OSError):
                session.wire.child.finish()
