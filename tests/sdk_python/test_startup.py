"""Own the tests of what a module's start costs, counted in imports and not in time, and of loading its file; real processes."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sdk_python.children import INFO, MODULES, module_child

pytestmark = pytest.mark.process

TELLING = """
import atexit
import sys
from hub_sdk import Module
module = Module("telling", version="1.0.0", license="MIT", authors=["The authors of hub"])

@module.function
{kind} loaded() -> list[str]:
    return sorted(sys.modules)

atexit.register(lambda: print("LOADED", *sorted(sys.modules), file=sys.stderr))
"""

# Each of these costs every module several milliseconds at every start, and none is needed to introduce one.
NEVER = {
    *("asyncio", "concurrent.futures", "logging", "multiprocessing", "socket", "ssl", "subprocess", "tempfile", "traceback"),
    *("pathlib", "dataclasses", "urllib", "urllib.parse", "email", "http", "importlib.metadata", "unittest", "random"),
    *("pydantic", "pydantic_core", "annotated_types", "anyio", "trio", "rich", "typer", "jsonschema_rs", "hub"),
    *("hub_sdk.testing", "hub_sdk.serve._looping", "hub_sdk.serve._human", "hub_sdk.log._stdlib"),
}
# Beside msgspec's own imports and the two packages of ours.
ALLOWED = {
    *("_contextvars", "_heapq", "_json", "_queue", "_weakrefset"),
    *("contextvars", "fcntl", "heapq", "queue", "select", "signal", "threading"),
    *("json", "json.decoder", "json.encoder", "json.scanner"),
}


def imported_by(statement: str) -> set[str]:
    told = subprocess.run(
        [sys.executable, "-c", f"{statement}; import sys; print(*sys.modules)"], check=True, capture_output=True, timeout=5
    )
    return set(told.stdout.decode().split())


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_introducing_a_module_imports_nothing_that_only_its_work_needs(kind: str, tmp_path: Path) -> None:
    with module_child(tmp_path, "telling.py", text=TELLING.format(kind=kind)) as child:
        child.call("module_info", **INFO)
        child.call("capabilities")
        child.end_input()
        child.rest()
        told = next(line for line in child.log().splitlines() if line.startswith("LOADED"))
    loaded = set(told.split()[1:])
    assert not loaded & NEVER
    ours = {name for name in loaded if name.partition(".")[0] in ("hub_sdk", "hub_protocol", "telling")}
    extra = loaded - ours - imported_by("import atexit, msgspec, runpy")
    assert extra <= ALLOWED, extra - ALLOWED


def test_a_module_of_def_functions_never_imports_asyncio(tmp_path: Path) -> None:
    with module_child(tmp_path, "telling.py", text=TELLING.format(kind="def")) as child:
        child.start()
        assert not set(child.call("loaded")) & {"asyncio", "logging", "concurrent.futures"}


def test_a_module_of_async_functions_imports_asyncio_when_it_is_initialised(tmp_path: Path) -> None:
    with module_child(tmp_path, "telling.py", text=TELLING.format(kind="async def")) as child:
        child.start()
        assert "asyncio" in child.call("loaded")


def test_importing_the_sdk_and_making_a_module_leaves_the_process_alone() -> None:
    program = (
        "import os, signal, sys, threading\n"
        "def state():\n"
        "    return os.listdir('/proc/self/fd'), os.fstat(0), os.fstat(1), signal.getsignal(signal.SIGTERM), sys.stdout\n"
        "before = state()\n"
        "from hub_sdk import Module\n"
        "Module('m', version='1.0.0', license='MIT', authors=['a'])\n"
        "assert state() == before\n"
        "assert threading.active_count() == 1\n"
        "print('same')"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=5, stdin=subprocess.DEVNULL)
    assert done.stdout == b"same\n"


def run(*arguments: str, directory: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hub_sdk", *arguments]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=5, stdin=subprocess.DEVNULL, cwd=directory
    )


MAKING = "from hub_sdk import Module\nmodule = Module({name!r}, version='1.0.0', license='MIT', authors=['a'])\n"
MISTAKES = [
    ("import hub_sdk", "it makes no Module", "write `module = Module"),
    (MAKING.format(name="Bad"), "name 'Bad'", "small letter"),
    (
        MAKING.format(name="good") + "@module.function\ndef f(data: bytes) -> None: ...",
        "cannot register function 'f': parameter 'data': it is annotated bytes, which has no JSON form",
        "base64",
    ),
]


@pytest.mark.parametrize(("text", "complaint", "hint"), MISTAKES)
def test_a_mistake_of_the_author_s_is_one_line_and_a_hint_and_not_worth_a_restart(
    text: str, complaint: str, hint: str, tmp_path: Path
) -> None:
    # HUB-LIFE-8
    (tmp_path / "mistaken.py").write_text(text)
    done = run("mistaken.py", directory=tmp_path)
    assert done.returncode == 78
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith("error: cannot load mistaken.py: ")
    assert complaint in first
    assert second.startswith("hint: ")
    assert hint in second


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = run("nothing.py", directory=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0]) == (78, "error: cannot load nothing.py: there is no such file")


def test_an_installed_module_is_run_by_its_dotted_name(tmp_path: Path) -> None:
    (tmp_path / "greeter").mkdir()
    (tmp_path / "greeter" / "__init__.py").write_text("")
    (tmp_path / "greeter" / "plugin.py").write_text((MODULES / "vectors_sync.py").read_text())
    assert json.loads(run("greeter.plugin", "--hub-info", directory=tmp_path).stdout)["module_info"]["name"] == "vectors"


@pytest.mark.parametrize("plain", [False, True])
def test_hub_info_shows_what_the_module_tells_the_hub_as_one_document(plain: bool, tmp_path: Path) -> None:
    text = (MODULES / "vectors_sync.py").read_text() + "\n\nif __name__ == '__main__':\n    module.run()\n"
    with module_child(tmp_path, "shown.py", ["--hub-info"], plain=plain, text=text) as child:
        shown = json.loads(child.rest())
        assert child.ended_within(2.0) == 0
    with module_child(tmp_path, "shown.py", plain=plain, text=text) as child:
        introduced = {"module_info": child.call("module_info", **INFO), "capabilities": child.call("capabilities")}
        child.end_input()
        assert child.ended_within(2.0) == 0
    assert shown == introduced


@pytest.mark.parametrize("plain", [False, True])
def test_a_module_that_is_started_on_a_terminal_says_what_it_is(plain: bool, tmp_path: Path) -> None:
    path = tmp_path / "shown.py"
    path.write_text((MODULES / "vectors_sync.py").read_text() + "\n\nif __name__ == '__main__':\n    module.run()\n")
    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, *([] if plain else ["-m", "hub_sdk"]), str(path)]
        done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, timeout=5, check=False)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("vectors 1.0.0 is a module: ")
    assert len(done.stderr.splitlines()) == 1


def test_the_same_program_introduces_itself_in_the_same_way_each_time(tmp_path: Path) -> None:
    # HUB-LIFE-9: what depends on the order of sets or on what a factory makes must not show.
    text = MAKING.format(name="same") + (
        "import dataclasses, uuid\n"
        "@dataclasses.dataclass\nclass Tag:\n    id: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)\n"
        "@module.function\ndef f(tag: Tag, words: set[str] = {'a', 'b', 'c', 'd'}) -> None: ...\n"
    )
    answers: set[str] = set()
    for name in ("one.py", "two.py", "three.py"):
        with module_child(tmp_path, name, text=text) as child:
            child.call("module_info", **INFO)
            answers.add(json.dumps(child.call("capabilities")))
    assert len(answers) == 1
