"""Own the loading of an author's file and the words for what can be wrong with it; know nothing of what is in a module."""

import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import NoReturn

from hub_protocol.limits import EXIT_STATUS_DO_NOT_RESTART
from hub_sdk.module import TAKEN, Module
from hub_sdk.serve import greeting, take_descriptors
from hub_sdk.types import BadModule

__all__ = ["main"]

_USAGE = "usage: python -m hub_sdk FILE.py [--hub-info]      (or the dotted name of an installed module instead of FILE.py)"
_USAGE_STATUS = 2


def main(arguments: list[str]) -> NoReturn:
    """Load the file named first in `arguments`, find the Module it makes, and run it."""
    targets = [argument for argument in arguments[1:] if not argument.startswith("--")]
    if not targets:
        sys.stderr.write(_USAGE + "\n")
        sys.exit(_USAGE_STATUS)
    target = targets[0]
    sys.argv = [target, *(argument for argument in arguments[1:] if argument != target)]
    by_hand = sys.stdin is not None and sys.stdin.isatty()
    if "--hub-info" not in arguments and not by_hand:
        TAKEN.set(take_descriptors())
    try:
        module = _only_module(_load(target), target)
    except BadModule as error:
        _give_up(target, error.message, error.hint)
    if by_hand and "--hub-info" not in arguments:
        sys.stderr.write(greeting(module.definition) + "\n")
        sys.exit(_USAGE_STATUS)
    module.run()


def _give_up(target: str, why: str, hint: str | None) -> NoReturn:
    """Say what is wrong with the file and end with the status that means: starting it again will not help (HUB-LIFE-8)."""
    sys.stderr.write(f"error: cannot load {target}: {why}\n" + (f"hint: {hint}\n" if hint else ""))
    sys.exit(EXIT_STATUS_DO_NOT_RESTART)


def _load(target: str) -> ModuleType:
    if not target.endswith(".py") and os.sep not in target:
        return importlib.import_module(target)
    if not os.path.isfile(target):  # noqa: PTH113 - pathlib costs a module several milliseconds at each start
        _give_up(
            target, "there is no such file", "name the .py file that makes the Module; the working directory is the plugin's"
        )
    # As for a script: what lies beside the file can be imported.
    path = os.path.abspath(target)  # noqa: PTH100
    sys.path.insert(0, os.path.dirname(path))  # noqa: PTH120
    name = os.path.basename(path).removesuffix(".py")  # noqa: PTH119
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        _give_up(target, "it is not a Python file", "name the .py file that makes the Module")
    loaded = importlib.util.module_from_spec(spec)
    # Dataclasses and string annotations look their module up by name.
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def _only_module(loaded: ModuleType, target: str) -> Module:
    found = {id(value): value for value in vars(loaded).values() if isinstance(value, Module)}
    if len(found) != 1:
        what = "no Module" if not found else f"{len(found)} Modules"
        _give_up(target, f"it makes {what}", 'write `module = Module("name", ...)` at the top level, once')
    return next(iter(found.values()))
