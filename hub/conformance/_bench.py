"""Own what all checks share: the running module, what it said of itself, fresh starts where one is needed; know no check.

One start serves most checks. Whoever breaks it gets the next one a new start, a bounded number of times.
"""

import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, cast

from hub.conformance._child import Child
from hub.conformance._functions import TestedFunction, functions_of
from hub.conformance._host import Forward, HostServices
from hub.conformance._members import members, texts
from hub.conformance._notes import Notes
from hub.conformance._session import Answer, Ended, Session, Silent
from hub.conformance._settings import Settings
from hub.conformance._target import Target
from hub.conformance._transcript import Transcript
from hub.conformance._wire import Wire
from hub_protocol.limits import MAX_FRAME_BYTES
from hub_protocol.version import FEATURES

__all__ = ["Bench", "Introduction", "OutOfPatience", "Phase"]

Phase = Literal["spawned", "introduced", "initialised"]

# A module that dies of each kind of garbage is told so for each; one that dies of everything has to be given up.
_MOST_RESTARTS: Final = 60
_MOST_SILENCES: Final = 5
# What comes after the deadline of a rule is told apart from what never comes.
_LATE_SECONDS: Final = 3.0


class OutOfPatience(Exception):
    """The run must come to an end: time is up, or the module was started again too often."""


@dataclass(slots=True)
class Introduction:
    """How one start went, as far as it went."""

    info: Answer | None = None
    capabilities: Answer | None = None
    init: Answer | None = None
    late: list[tuple[str, Answer, float]] = field(default_factory=list[tuple[str, Answer, float]])
    """Methods answered after their deadline: method, the answer, seconds it may take."""
    missed: Silent | Ended | None = None
    """Why the first of them that has no answer has none."""


class Bench:
    """The module under test, and everything that is known of it."""

    def __init__(self, target: Target, settings: Settings, forward: Forward | None = None) -> None:
        self.target, self.settings = target, settings
        self.notes = Notes()
        self.transcript = Transcript()
        self.first: Introduction | None = None
        self.functions: list[TestedFunction] = []
        self.memory: dict[str, Any] = {}
        self._forward: Forward = forward or (lambda _function, _params: None)
        self._home = Path(tempfile.mkdtemp(prefix="hub-test-"))
        self.scratch = self._home / "tmp"
        self.data_directory = self._home / "data"
        for directory in (self.scratch, self.data_directory):
            directory.mkdir()
        self._main: Session | None = None
        self._restarts = self._silences = 0
        self._broken = ""
        self._deadline = time.monotonic() + settings.total_seconds

    def close(self) -> None:
        """End what still runs and remove what was written."""
        self.drop()
        shutil.rmtree(self._home, ignore_errors=True)

    # What the checks ask

    def session(self) -> Session:
        """Return the running, initialised module; a new start where the last one was lost.

        Raises:
            Silent, Ended: it does not get that far.
            CannotSpawn: it could not be started.
            OutOfPatience: it was started too often.
        """
        # A module of four thousand functions is asked again and again without a start between.
        self.hurry()
        if self._main is not None and not self._main.wire.at_end and not self._main.wire.child.has_ended():
            return self._main
        self.drop()
        self.hurry("initialised")
        if self._restarts > _MOST_RESTARTS or self._silences >= _MOST_SILENCES:
            raise OutOfPatience("the module ended or fell silent too often to go on")
        self._restarts += 1
        main, introduction = self._spawn(), Introduction()
        self._main = main
        self.introduce(main, introduction)
        self.initialise(main, introduction)
        return main

    @property
    def running(self) -> Session | None:
        """The module as it is, or was, without a new start."""
        return self._main

    def introduction(self) -> Introduction:
        """Return how the first start went."""
        if self.first is None:
            self.session()
        return self.first or Introduction()

    def drop(self, *, silent: bool = False) -> None:
        """End the running module; `silent` when it did not answer, which is borne a few times only."""
        main, self._main = self._main, None
        self._silences += silent
        if main is not None:
            self._end(main)

    def hurry(self, phase: Phase = "spawned") -> None:
        """Raise OutOfPatience when the time of the run is up, or the module is known not to get as far as `phase`."""
        if self._broken and phase == "initialised":
            raise OutOfPatience(self._broken)
        if time.monotonic() > self._deadline:
            raise OutOfPatience(f"the {self.settings.total_seconds:g} s of this run are over")

    @contextmanager
    def start(self, phase: Phase = "initialised", **offer: Any) -> Generator[tuple[Session, Introduction]]:
        """Start the module beside the running one, up to `phase`; `offer` is laid over the params of module_info."""
        self.hurry(phase)
        session, introduction = self._spawn(), Introduction()
        try:
            if phase != "spawned":
                self.introduce(session, introduction, offer)
            if phase == "initialised":
                self.initialise(session, introduction)
            yield session, introduction
        finally:
            self._end(session)

    def introduce(self, session: Session, introduction: Introduction, offer: dict[str, Any] | None = None) -> None:
        """Ask module_info and capabilities. Raises: Silent, Ended."""
        if self.first is None and not offer:
            self.first = introduction
        params = self.greeting(offer)
        introduction.info = self._in_time(session, introduction, "module_info", params, self._limit("start_seconds"))
        said = members(introduction.info.result)
        session.features = frozenset(texts(said.get("features"))) & frozenset(params["features"])
        session.host.required = frozenset({*self.target.required, *members(said.get("required_modules"))})
        seconds = self._limit("start_seconds", "capabilities_seconds")
        introduction.capabilities = self._in_time(session, introduction, "capabilities", {}, seconds)
        result = introduction.capabilities.result
        session.host.permissions = frozenset({*self.target.permissions, *texts(members(result).get("permissions"))})
        if introduction is self.first:
            self.functions = functions_of(result)

    def initialise(self, session: Session, introduction: Introduction) -> None:
        """Ask module_init. Raises: Silent, Ended."""
        params = {"config": dict(self.target.config), "data_directory": str(self.data_directory)}
        try:
            introduction.init = self._in_time(session, introduction, "module_init", params, self._limit("init_seconds"))
        except (Silent, Ended) as error:
            # A second attempt would cost the same wait again, for each check.
            self._broken = f"module_init is not answered: {error}"
            raise

    def greeting(self, offer: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the params of module_info."""
        ours = {"protocol_versions": [1], "features": sorted(FEATURES), "max_frame_bytes": MAX_FRAME_BYTES}
        return {**ours, "hub": {"name": "hub", "version": "0.1.0"}, **(offer or {})}

    def may_call(self) -> list[TestedFunction]:
        """Return the functions that may be called: all that change nothing and stay here, or all."""
        return [function for function in self.functions if not self.withholds(function)]

    def withholds(self, function: TestedFunction) -> bool:
        """Return whether a function is not called in this run, because it has effects."""
        return function.has_effects and not self.settings.allow_effects

    def remembered(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what `make()` returned the first time; also checks share what was expensive."""
        if name not in self.memory:
            self.memory[name] = make()
        return self.memory[name]

    def observe(self) -> None:
        """See to it that the module was at work at all, for the checks that only watch."""
        if "observed" not in self.memory:
            self.memory["observed"] = True
            from hub.conformance._exercise import exercise

            with suppress(Silent, Ended):
                exercise(self)

    # Starting and ending

    def _spawn(self) -> Session:
        env = {**self.target.env, "TMPDIR": str(self.scratch)}
        child = Child(self.target.argv, self.target.cwd, env, secrets.token_hex(8))
        wire = Wire(child, self.transcript, self.target.framing)
        return Session(wire, self.notes, HostServices(self.notes, self._forward), self.settings.answer_seconds)

    def _end(self, session: Session) -> None:
        wire = session.wire
        if session.host.unserved:
            self.memory.setdefault("unserved", set()).update(session.host.unserved)
        wire.close_input()
        if wire.child.has_ended() or wire.wait_for_end(self.settings.exit_seconds):
            wire.note_exit()
        wire.end_output()
        wire.child.finish()

    def _limit(self, name: str, otherwise: str = "") -> float:
        given = cast("float | None", getattr(self.target, name, None))
        return given if given is not None else getattr(self.settings, otherwise or name)

    def _in_time(
        self, session: Session, introduction: Introduction, method: str, params: dict[str, Any], seconds: float
    ) -> Answer:
        try:
            answer = session.ask(method, params, seconds + min(seconds, _LATE_SECONDS))
        except (Silent, Ended) as error:
            introduction.missed = error
            raise
        if answer.seconds > seconds:
            introduction.late.append((method, answer, seconds))
        return answer
