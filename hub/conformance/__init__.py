"""Own the public names of the conformance runner; nothing is defined here. It prints nothing: `hub plugin test` does."""

from hub.conformance._check import Check, Level
from hub.conformance._contract import requirements
from hub.conformance._files import fingerprint
from hub.conformance._formats import FORMATS
from hub.conformance._replay import Difference, replay
from hub.conformance._report import NeverStarted, Report, Verdict, known_failures
from hub.conformance._runner import run, select
from hub.conformance._settings import Settings
from hub.conformance._target import Target, target_of_command, target_of_path
from hub.conformance._transcript import Transcript, read_transcript
from hub.conformance.checks import CHECKS

__all__ = [
    "CHECKS",
    "FORMATS",
    "Check",
    "Difference",
    "Level",
    "NeverStarted",
    "Report",
    "Settings",
    "Target",
    "Transcript",
    "Verdict",
    "fingerprint",
    "known_failures",
    "read_transcript",
    "replay",
    "requirements",
    "run",
    "select",
    "target_of_command",
    "target_of_path",
]
