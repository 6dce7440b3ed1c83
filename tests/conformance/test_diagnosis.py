"""What a module does instead of answering is named, and what it must not be asked is not asked."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from hub.conformance import CHECKS, Report, Settings, Target, Transcript, run, select
from tests.conformance.targets import SHARP

pytestmark = pytest.mark.process

_LOOP = """
import json, sys, time
FUNCTIONS = {functions}
def answer(message):
    result = {{"capabilities": {{"functions": FUNCTIONS}}, "module_info": INFO}}.get(message.get("method"), {{}})
    return {{"jsonrpc": "2.0", "id": message["id"], "result": result}}
INFO = {{"name": "m", "version": "1.0.0", "license": "MIT", "authors": ["Ada"], "features": []}}
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    {write}
"""
_WRITE = "print(json.dumps(answer(message)), flush=True)"


def _module(directory: Path, write: str = _WRITE, functions: object = ()) -> Target:
    program = directory / "m.py"
    program.write_text(_LOOP.format(write=write, functions=repr(functions)))
    return Target(name="m", argv=(sys.executable, "-IS", str(program)), cwd=directory, env={"PATH": "/usr/bin:/bin"})


def _run(target: Target, *only: str, settings: Settings = SHARP) -> tuple[Report, Transcript]:
    return run(target, select(CHECKS, only, []), settings)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        ("print(json.dumps(answer(message)))", ("it answered once its input had ended", "HUB-OUT-2")),
        ("print(json.dumps(answer(message)), end='', flush=True)", ("one line feed behind each frame", "HUB-FRAME-1")),
        ("pass", ("have written and not flushed", "HUB-OUT-2", 'framing = "content-length"')),
        ("print('Content-Length: 2\\r\\n\\r\\n{}', flush=True)", ("it writes headers", 'framing = "content-length"')),
    ],
)
def test_who_never_answers_is_told_what_it_mostly_is(write: str, words: tuple[str, ...], tmp_path: Path) -> None:
    never = _run(_module(tmp_path, write), "launch")[0].never_started
    assert never is not None
    assert "no answer within" in never.why
    assert never.hint is not None
    assert [word for word in words if word not in never.hint] == []


@pytest.mark.parametrize(
    ("instead", "named"),
    [
        ("[answer(message)]", "but it wrote a batch, which no message may be: [{"),
        ('dict(answer(message), id=message["id"] + 0.5)', "but it wrote a response with the id "),
        ("dict(answer(message), id=None)", "but it wrote a response with the id null: {"),
    ],
)
def test_what_came_instead_of_an_answer_is_named(instead: str, named: str, tmp_path: Path) -> None:
    write = f"print(json.dumps({instead} if message['method'] == 'ping' else answer(message)), flush=True)"
    report, _ = _run(_module(tmp_path, write), "HUB-PING-1/answers")
    verdict = report.verdicts[0]
    assert (verdict.status, named in verdict.why) == ("failed", True), verdict.why
    assert verdict.received != "nothing"


def test_a_frame_that_does_not_end_is_named(tmp_path: Path) -> None:
    write = "print(json.dumps(answer(message)), end='' if message['method'] == 'ping' else '\\n', flush=True)"
    verdict = _run(_module(tmp_path, write), "HUB-PING-1/answers")[0].verdicts[0]
    assert (verdict.status, "but it wrote a frame that has not ended: {" in verdict.why) == ("failed", True), verdict.why
    assert json.loads(verdict.received)["result"] == {}


_LOG = {"jsonrpc": "2.0", "method": "hub.log", "params": {"level": "warning", "message": "what is this?"}}


def test_who_only_logs_what_needs_no_answer_has_not_answered(tmp_path: Path) -> None:
    target = _module(tmp_path)
    program = tmp_path / "m.py"
    log = f"print({json.dumps(json.dumps(_LOG))}, flush=True)"
    refusal = {"jsonrpc": "2.0", "id": 777001, "error": {"code": -32600, "message": "no"}}
    refuses = (
        f"    if message.get('method') == 1:\n        {log}; print({json.dumps(json.dumps(refusal))}, flush=True); continue\n"
    )
    text = program.read_text().replace('"id" not in message:', 'not line.endswith("\\n") or "id" not in message:')
    program.write_text(text.replace("continue", f"{log}; continue").replace("    if not line", f"{refuses}    if not line"))
    only = ("HUB-MSG-2/never-answers-*", "HUB-LIFE-6", "HUB-FRAME-12", "HUB-MSG-2/refuses-method-number")
    report, transcript = _run(target, *only)
    assert any(entry.event == "receive" and b"hub.log" in entry.data for entry in transcript.entries)
    assert {verdict.check.id: verdict.status for verdict in report.verdicts if verdict.status != "passed"} == {}


def _function(name: str, **hints: bool) -> dict[str, Any]:
    params = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"], "additionalProperties": False}
    return {"name": name, "params": params, "hints": hints}


_FUNCTIONS = [
    _function("look", read_only=True, open_world=True),
    _function("make", open_world=True),
    _function("destroy", destructive=True),
]


def _sent(transcript: Transcript) -> dict[str, list[Any]]:
    messages = [json.loads(line) for entry in transcript.entries if entry.event == "send" for line in entry.data.splitlines()]
    return {name: [one["params"] for one in messages if one.get("method") == name] for name in ("look", "make", "destroy")}


def test_what_reaches_outside_gets_nothing_but_arguments_that_no_handler_can_use(tmp_path: Path) -> None:
    refusal = "dict(jsonrpc='2.0', id=message['id'], error=dict(code=-32602, message='no'))"
    write = f"print(json.dumps({refusal} if message['method'] in ('look', 'make') else answer(message)), flush=True)"
    target = _module(tmp_path, write, _FUNCTIONS)
    report, transcript = _run(target, "calls", "concurrency", "cancellation", "host services", "credentials")
    sent = _sent(transcript)
    assert sent["look"]
    assert sent["make"]
    assert [params for calls in sent.values() for params in calls if type(params.get("id")) is int] == []
    # Nobody's servers are staked on a module that may not look at its arguments.
    assert sent["destroy"] == []
    verdicts = {verdict.check.id: verdict for verdict in report.verdicts}
    assert verdicts["HUB-CALL-2/refuses-missing-arguments"].status == "passed"
    assert verdicts["HUB-CALL-1/results-fit"].status == "not_offered"
    assert "--allow-effects" in verdicts["HUB-CALL-1/results-fit"].why


def test_with_allow_effects_all_of_them_are_called(tmp_path: Path) -> None:
    settings = Settings(allow_effects=True, calls_per_function=3)
    _, transcript = _run(_module(tmp_path, functions=_FUNCTIONS), "calls", settings=settings)
    called = {name for name, calls in _sent(transcript).items() if any(type(params.get("id")) is int for params in calls)}
    assert called == {"look", "make", "destroy"}


@pytest.mark.bound(15, reason="a module of four thousand functions")
def test_a_module_of_four_thousand_functions_costs_no_more_than_a_run_may(tmp_path: Path) -> None:
    heavy = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a|a)*b$"}}, "required": ["a"]}
    functions = [{"name": f"f{number}", "params": heavy, "hints": {"read_only": True}} for number in range(4096)]
    settings = Settings(total_seconds=3.0, calls_seconds=1.0)
    report, _ = _run(_module(tmp_path, functions=functions), "calls", "concurrency", settings=settings)
    assert report.seconds < 2 * settings.total_seconds + settings.answer_seconds
    assert report.runner_faults == ()
    # What there was no time for is said, or fails.
    assert any("no time for generated calls of" in remark for remark in report.remarks) or not report.conforms
