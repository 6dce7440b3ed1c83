"""Own how tests of interfaces make modules that claim them, in memory; know nothing of what is tested."""

import copy
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio

from hub.testing import ModuleEnd, Program
from tests.hub.modules import Handler

__all__ = ["COMPUTE", "GREETING", "claiming", "compute_functions", "greeting", "interface_file", "written_plugin"]

_OWN = Path(__file__).resolve().parents[2] / "schemas" / "interfaces"
COMPUTE: Mapping[str, Any] = json.loads((_OWN / "cloud.compute-1.0.json").read_text())

GREETING: Mapping[str, Any] = {
    "interface": "example.greeting",
    "version": "1.0",
    "functions": [
        {
            "name": "greet",
            "params": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "times": {"type": "integer", "minimum": 1, "maximum": 9}},
                "additionalProperties": False,
            },
            "returns": {
                "type": "array",
                "items": {"type": "object", "properties": {"said": {"type": "string"}}, "required": ["said"]},
            },
            "errors": [{"code": 1001, "message": "there is nobody"}],
            "hints": {"read_only": True, "idempotent": True},
        }
    ],
}


def compute_functions() -> list[dict[str, Any]]:
    """Return the functions of cloud.compute, for a test to change."""
    return copy.deepcopy(list(COMPUTE["functions"]))


def greeting(**members: Any) -> dict[str, Any]:
    """Return the declaration of `greet` as the interface has it, with other members where given; None leaves one out."""
    declared = {**copy.deepcopy(GREETING["functions"][0]), **members}
    return {name: member for name, member in declared.items() if member is not None}


def interface_file(plugin: Path, document: Mapping[str, Any], name: str = "greeting.json") -> Path:
    """Write an interface into a plugin's directory."""
    folder = plugin / "interfaces"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(document))
    return folder / name


# A module without SDK that answers what answers.json says, and any other function with its own arguments.
_PROGRAM = """import json, sys
ANSWERS = json.load(open("answers.json"))
for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        result = ANSWERS.get(message["method"], message.get("params"))
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""


def written_plugin(
    plugins: Path, name: str, functions: Sequence[Mapping[str, Any]], implements: Sequence[str] = (), **answers: Any
) -> Path:
    """Write a plugin that is a real process; `answers` are the results of its functions."""
    directory = plugins / name
    directory.mkdir(parents=True)
    info = {"name": name, "version": "1.0.0", "license": "MIT", "authors": ["A. Person <a@example.org>"]}
    capabilities = {"functions": list(functions), "implements": list(implements)}
    own = {"module_info": info, "capabilities": capabilities, "module_init": {}, "module_cleanup": {}, "ping": {}}
    (directory / "answers.json").write_text(json.dumps({**own, **answers}))
    (directory / "module.py").write_text(_PROGRAM)
    (directory / "plugin.toml").write_text(f"command = {[sys.executable, '-IS', 'module.py']!r}\n")
    return directory


def claiming(
    implements: Sequence[str],
    handlers: Mapping[str, Handler] | None = None,
    functions: Sequence[Mapping[str, Any]] | None = None,
) -> Program:
    """Return a program that claims interfaces; by default it has the functions of example.greeting."""
    declared = [greeting()] if functions is None else functions

    async def program(module: ModuleEnd) -> int:
        who = {"name": module.spec.name, "version": "1.0.0", "license": "MIT", "authors": ["A. Person <a@example.org>"]}
        answers: dict[str, Any] = {
            "module_info": {**who, "features": ["context", "concurrent", "cancel"]},
            "capabilities": {"functions": declared, "implements": list(implements)},
            "module_init": {},
            "module_cleanup": {},
            "ping": {},
        }
        async with anyio.create_task_group() as tasks:
            while (message := await module.receive()) is not None:
                method: str = message.get("method", "")
                if method in answers:
                    await module.answer(message, answers[method])
                elif handlers is not None and method in handlers:
                    tasks.start_soon(handlers[method], module, message)
            tasks.cancel_scope.cancel()
        return 0

    return program
