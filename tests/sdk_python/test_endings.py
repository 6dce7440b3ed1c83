"""Own the tests of how a module's process ends, whatever its functions do; real processes."""

import signal
from pathlib import Path

import pytest

from tests.sdk_python.children import MODULES, Child, module_child

pytestmark = pytest.mark.process

FILES = ["stubborn.py", "stubborn_async.py"]
STUBBORN = ["sleeps", "spins", "tells_without_end", "waits_for_the_hub"]
# HUB-LIFE-4
SOON_SECONDS = 1.0


def begin(child: Child, function: str) -> None:
    """Call a function and make sure that it is at work."""
    child.start()
    child.request(function)
    if function in ("tells_without_end", "waits_for_the_hub"):
        assert child.read()["method"] in ("$/progress", "hub.call")


@pytest.mark.parametrize("function", STUBBORN)
@pytest.mark.parametrize("file", FILES)
def test_it_ends_when_its_input_ends_whatever_it_does(file: str, function: str, tmp_path: Path) -> None:
    # HUB-LIFE-4, HUB-CLEAN-3
    with module_child(tmp_path, MODULES / file) as child:
        begin(child, function)
        child.end_input()
        assert child.ended_within(SOON_SECONDS) == 0


@pytest.mark.parametrize("function", STUBBORN)
@pytest.mark.parametrize("file", FILES)
def test_it_ends_on_sigterm_whatever_it_does(file: str, function: str, tmp_path: Path) -> None:
    # HUB-CLEAN-4
    with module_child(tmp_path, MODULES / file) as child:
        begin(child, function)
        child.process.send_signal(signal.SIGTERM)
        assert child.ended_within(SOON_SECONDS) == 0


@pytest.mark.parametrize("file", FILES)
def test_it_ends_although_nobody_reads_what_it_writes(file: str, tmp_path: Path) -> None:
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        child.request("big", size=1_000_000)
        assert child.process.stdout is not None
        assert child.process.stdout.read(1) == b"{"  # it is in the middle of writing
        child.end_input()
        assert child.ended_within(SOON_SECONDS) == 0


@pytest.mark.parametrize("file", FILES)
def test_it_answers_pings_although_nobody_reads_a_long_answer_at_first(file: str, tmp_path: Path) -> None:
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        asked = child.request("big", size=1_000_000)
        pinged = child.request("ping")
        answers = {answer["id"]: answer["result"] for answer in (child.read(), child.read())}
        assert len(answers[asked]) == 1_000_000
        assert answers[pinged] == {}


@pytest.mark.parametrize("function", ["sleeps", "tells_without_end"])
def test_it_writes_nothing_after_its_answer_to_cleanup(function: str, tmp_path: Path) -> None:
    # HUB-CLEAN-2, and each request is answered exactly once: HUB-ID-4
    file = MODULES / "vectors_sync.py"
    text = (
        file.read_text()
        + "\n\n@module.function\ndef sleeps() -> None:\n    import threading\n\n    threading.Event().wait()\n"
        + "\n\n@module.function\ndef tells_without_end(ctx: Context) -> None:\n    while True:\n        ctx.progress(1)\n"
    )
    with module_child(tmp_path, "module.py", text=text) as child:
        child.start()
        asked = child.request(function)
        cleaned = child.request("module_cleanup")
        answers: list[int] = []
        while cleaned not in answers:
            message = child.read()
            answers += [message["id"]] if "id" in message else []
        assert answers == [asked, cleaned]
        child.request("ping")
        child.end_input()
        assert child.rest() == b""
        assert child.ended_within(SOON_SECONDS) == 0


@pytest.mark.parametrize("file", FILES)
def test_an_interrupt_from_the_terminal_is_for_the_hub(file: str, tmp_path: Path) -> None:
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        child.process.send_signal(signal.SIGINT)
        assert child.call("ping") == {}


CLEANING = """
from hub_sdk import Module
from pathlib import Path
module = Module("cleaning", version="1.0.0", license="MIT", authors=["The authors of hub"])

@module.function
{kind} nothing() -> None: ...

@module.on_cleanup
{kind} stop() -> None:
    with Path("{path}").open("a") as file:
        file.write("cleaned ")
"""


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize("how", ["eof", "sigterm", "cleanup"])
def test_it_cleans_up_once_however_it_ends(how: str, kind: str, tmp_path: Path) -> None:
    text = CLEANING.format(kind=kind, path=tmp_path / "traces")
    with module_child(tmp_path, "cleaning.py", text=text) as child:
        child.start()
        if how == "sigterm":
            child.process.send_signal(signal.SIGTERM)
        if how == "cleanup":
            child.call("module_cleanup")
        if how != "sigterm":
            child.end_input()
        assert child.ended_within(SOON_SECONDS) == 0
    assert (tmp_path / "traces").read_text() == "cleaned "


def test_it_cleans_nothing_up_when_it_was_never_initialised(tmp_path: Path) -> None:
    # HUB-LIFE-2
    text = CLEANING.format(kind="def", path=tmp_path / "traces")
    with module_child(tmp_path, "cleaning.py", text=text) as child:
        child.end_input()
        assert child.ended_within(SOON_SECONDS) == 0
    assert not (tmp_path / "traces").exists()


def test_what_python_does_at_exit_is_done_when_nothing_is_under_way(tmp_path: Path) -> None:
    text = CLEANING.format(kind="def", path=tmp_path / "traces") + "\nimport atexit\natexit.register(stop)\n"
    with module_child(tmp_path, "cleaning.py", text=text) as child:
        child.start()
        child.call("module_cleanup")
        child.end_input()
        assert child.ended_within(SOON_SECONDS) == 0
    assert (tmp_path / "traces").read_text() == "cleaned cleaned "


def test_a_thread_of_the_author_s_does_not_keep_the_module_alive(tmp_path: Path) -> None:
    text = (
        CLEANING.format(kind="def", path=tmp_path / "traces")
        + "\nimport threading, time\nthreading.Thread(target=time.sleep, args=[99]).start()\n"
    )
    with module_child(tmp_path, "cleaning.py", text=text) as child:
        child.start()
        child.end_input()
        assert child.ended_within(SOON_SECONDS) == 0


def test_a_hub_that_has_no_common_version_is_told_so_and_left(tmp_path: Path) -> None:
    # HUB-VER-2
    with module_child(tmp_path, MODULES / "vectors_sync.py") as child:
        child.request("module_info", protocol_versions=[999])
        assert child.read()["error"]["data"] == {"offered": [999], "supported": [1]}
        assert child.ended_within(SOON_SECONDS) == 0
