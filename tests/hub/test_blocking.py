"""Own the proof that code without async gets the same hub, from as many threads as it likes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hub import Answer, Progress, Question, blocking
from hub.errors import CallTimeout, Closed, FunctionError, NotApproved, NotFound
from tests.hub.interfaces import GREETING, greeting, interface_file, written_plugin
from tests.hub.modules import approve_everything, bad_plugin

pytestmark = pytest.mark.process


def _hub(tmp_path: Path, *names: str, **options: Any) -> blocking.Hub:
    for name in names or ("good",):
        bad_plugin(tmp_path / "plugins", name, "neighbour", "--features", "cancel,concurrent")
    return blocking.Hub(tmp_path / "plugins", **{"approve": approve_everything, **options})


def test_a_call_returns_the_result_and_raises_what_the_async_hub_raises(tmp_path: Path) -> None:
    with _hub(tmp_path) as hub:
        assert hub.call("good.echo", x=1) == {"x": 1}
        assert hub.request("good.echo", {"y": 2}, timeout_seconds=4) == {"y": 2}
        with pytest.raises(NotFound):
            hub.call("good.none")
        with pytest.raises(CallTimeout):
            hub.request("good.wait", {}, timeout_seconds=0.1)
        assert hub.call("good.echo", x=2) == {"x": 2}


def _raise_in(hub: blocking.Hub) -> None:
    hub.start("good")
    raise FunctionError("mine", code=1)


def test_what_the_body_raises_comes_out_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(FunctionError), _hub(tmp_path) as hub:
        _raise_in(hub)


def test_a_function_is_called_on_every_module_that_implements_it(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        claims = () if name == "c" else ("example.greeting/1.0",)
        written_plugin(tmp_path / "plugins", name, [greeting()], claims, greet=[{"said": name}])
    interface_file(tmp_path / "plugins" / "a", GREETING)
    with blocking.Hub(tmp_path / "plugins", approve=approve_everything) as hub:
        with hub.call_all("example.greeting.greet", {"name": "x"}, timeout_seconds=4) as answers:
            assert {answer.module: answer.result for answer in answers} == {"a": [{"said": "a"}], "b": [{"said": "b"}]}
        with pytest.raises(KeyError), hub.call_all("example.greeting.greet"):
            raise KeyError


def test_two_threads_call_at_the_same_time(tmp_path: Path) -> None:
    fifo_free, results = threading.Barrier(2), list[Any]()

    def work(hub: blocking.Hub, number: int) -> None:
        fifo_free.wait(4)
        results.extend(hub.call("good.echo", thread=number, n=n)["n"] for n in range(100))

    with _hub(tmp_path) as hub, ThreadPoolExecutor(2) as threads:
        hub.start("good")
        for future in [threads.submit(work, hub, number) for number in range(2)]:
            future.result(4)
    assert sorted(results) == sorted([*range(100)] * 2)


def test_a_slow_call_in_one_thread_does_not_hold_up_another(tmp_path: Path) -> None:
    with _hub(tmp_path) as hub, ThreadPoolExecutor(1) as threads:
        hub.start("good")
        events = hub.events(timeout_seconds=4)
        slow = threads.submit(hub.request, "good.wait", {}, timeout_seconds=1)
        assert any("waits" in event.data.get("message", "") for event in events)
        assert hub.call("good.echo", x=1) == {"x": 1}
        assert not slow.done()
        assert isinstance(slow.exception(4), CallTimeout)


def test_modules_and_their_functions(tmp_path: Path) -> None:
    with _hub(tmp_path) as hub:
        assert set(hub.modules) == {"good"} == set(hub.registry.plugins)
        module = hub.start("good")
        assert (module.name, module.state) == ("good", "running")
        assert module.echo(x=1) == {"x": 1}
        assert set(hub.modules["good"].functions) == {"echo", "pid", "wait", "block"}
        assert repr(module) == "<Module good running>"
        hub.stop("good")
        assert module.state == "stopped"


def test_a_closed_hub_says_so(tmp_path: Path) -> None:
    hub = _hub(tmp_path)
    with pytest.raises(Closed):
        hub.call("good.echo")
    with hub:
        pass
    for use in (lambda: hub.call("good.echo"), lambda: hub.start("good"), lambda: hub.modules, hub.events):
        with pytest.raises(Closed):
            use()


def test_introducing_approving_and_revoking(tmp_path: Path) -> None:
    with _hub(tmp_path, approve=None) as hub:
        with pytest.raises(NotApproved):
            hub.call("good.echo")
        request = hub.introduce("good")
        hub.approve(request, by="a person")
        assert hub.call("good.echo") == {}
        assert hub.revoke("good")


def test_listening_ends_with_the_hub(tmp_path: Path) -> None:
    kinds: list[str] = []
    with ThreadPoolExecutor(1) as threads:
        with _hub(tmp_path) as hub:
            events = hub.events()
            listening = threads.submit(lambda: kinds.extend(event.kind for event in events))
            hub.start("good")
        listening.result(4)
    assert kinds[0] == "module.starting"
    assert kinds[-1] == "module.stopped"


def test_progress_and_questions_are_told_on_the_hubs_thread(tmp_path: Path) -> None:
    def told(_progress: Progress) -> None: ...

    def ask(_question: Question) -> Answer:
        return Answer("decline")

    with _hub(tmp_path, ask=ask) as hub:
        assert hub.request("good.echo", {"x": 1}, on_progress=told) == {"x": 1}
