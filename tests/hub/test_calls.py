"""Own the proof that a call inside a call cannot wait for itself (HUB-HOST-3), and of what a call carries."""

import math
from typing import Any

import pytest

from hub._calls import Call, Caller, WaitGraph, first_caller, new_trace_id
from hub.errors import BadSettings, CallCycle, CallTooDeep

_SERIAL = {"a": True, "b": True, "c": True}


def _call(*chain: str) -> Call:
    return Call(chain, math.inf, "0" * 16)


def test_a_module_that_calls_back_into_the_chain_is_refused_with_the_chain() -> None:
    with pytest.raises(CallCycle) as refused:
        WaitGraph(16).enter(_call("a.f", "b.g"), "a.h", is_serial={})
    assert refused.value.data["chain"] == ["a.f", "b.g", "a.h"]


@pytest.mark.parametrize("concurrent", [False, True])
def test_a_module_cannot_call_itself_however_concurrent_it_is(concurrent: bool) -> None:
    with pytest.raises(CallCycle) as refused:
        WaitGraph(16).enter(_call("a.f"), "a.g", is_serial={"a": not concurrent})
    assert refused.value.data["chain"] == ["a.f", "a.g"]


def test_two_serial_modules_that_would_wait_for_each_other_are_told_apart_from_a_chain() -> None:
    graph = WaitGraph(16)
    graph.enter(_call("a.f"), "b.g", is_serial=_SERIAL)
    with pytest.raises(CallCycle) as refused:
        graph.enter(_call("b.h"), "a.k", is_serial=_SERIAL)
    assert refused.value.data == {"chain": ["b.h", "a.k"], "circle": ["b", "a", "b"]}


def test_a_circle_of_three_serial_modules_is_found_and_the_youngest_call_fails() -> None:
    graph = WaitGraph(16)
    graph.enter(_call("a.f"), "b.f", is_serial=_SERIAL)
    graph.enter(_call("b.f"), "c.f", is_serial=_SERIAL)
    with pytest.raises(CallCycle) as refused:
        graph.enter(_call("c.f"), "a.f", is_serial=_SERIAL)
    assert refused.value.data["circle"] == ["c", "a", "b", "c"]


@pytest.mark.parametrize("concurrent", ["a", "b"])
def test_a_circle_with_one_concurrent_module_is_no_circle(concurrent: str) -> None:
    graph, is_serial = WaitGraph(16), {**_SERIAL, concurrent: False}
    graph.enter(_call("a.f"), "b.g", is_serial=is_serial)
    graph.enter(_call("b.h"), "a.k", is_serial=is_serial)


def test_a_wait_that_is_over_closes_no_circle() -> None:
    graph = WaitGraph(16)
    for _ in range(2):
        graph.enter(_call("a.f"), "b.g", is_serial=_SERIAL)
    graph.leave(_call("a.f"), "b.g")
    with pytest.raises(CallCycle):
        graph.enter(_call("b.h"), "a.k", is_serial=_SERIAL)
    graph.leave(_call("a.f"), "b.g")
    graph.enter(_call("b.h"), "a.k", is_serial=_SERIAL)


def test_a_call_that_was_refused_leaves_no_wait_behind() -> None:
    graph = WaitGraph(16)
    graph.enter(_call("a.f"), "b.g", is_serial=_SERIAL)
    with pytest.raises(CallCycle):
        graph.enter(_call("b.h"), "a.k", is_serial=_SERIAL)
    graph.leave(_call("a.f"), "b.g")
    graph.enter(_call("a.f"), "b.g", is_serial=_SERIAL)


def test_a_circle_elsewhere_does_not_hold_the_search_up() -> None:
    # c and d wait for each other, which a concurrent module makes possible: the search from a must end all the same.
    graph = WaitGraph(16)
    graph.enter(_call("c.f"), "d.f", is_serial={})
    graph.enter(_call("d.g"), "c.g", is_serial={})
    graph.enter(_call("a.f"), "c.f", is_serial={"a": True, "c": True, "d": True})


def test_a_chain_of_sixteen_passes_and_one_of_seventeen_does_not() -> None:
    chain = [f"m{number}.f" for number in range(16)]
    WaitGraph(16).enter(_call(*chain[:15]), chain[15], is_serial={})
    with pytest.raises(CallTooDeep) as refused:
        WaitGraph(16).enter(_call(*chain), "m16.f", is_serial={})
    assert refused.value.data["chain"] == [*chain, "m16.f"]


def test_a_call_takes_the_deadline_of_its_caller_where_that_is_nearer() -> None:
    outer = Caller("t", ("a.f",), deadline=105.0)
    assert outer.calls("b.g", 100.0, 30.0).deadline == 105.0
    assert outer.calls("b.g", 100.0, 2.0).deadline == 102.0
    assert Caller("t", deadline=101.0, timeout_seconds=1.0).calls("b.g", 100.0, 30.0).deadline == 101.0


@pytest.mark.parametrize("deadline", [1e13, 1e308, math.inf])
def test_a_deadline_beyond_reason_is_told_as_one_that_every_language_can_add_to_its_clock(deadline: float) -> None:
    told: int = Call(("a.f",), deadline, "t").wire_context(100.0)["timeout_ms"]
    nanoseconds = told * 1_000_000
    assert 10**9 < told < nanoseconds < 2**63 - 2 * 10**18


@pytest.mark.parametrize("timeout", [-1, math.nan, "5", [], -math.inf])
def test_a_timeout_that_is_no_number_of_seconds_is_refused(timeout: Any) -> None:
    with pytest.raises(BadSettings):
        first_caller("a.f", 0.0, timeout, 0.0, None, None)


def test_a_timeout_that_the_caller_sets_wins_over_the_default_of_the_function() -> None:
    patient = Caller("t", deadline=400.0, timeout_seconds=300.0)
    assert patient.calls("b.g", 100.0, 2.0).deadline == 400.0


def test_the_context_on_the_wire_has_what_is_left_and_the_whole_chain() -> None:
    """HUB-CALL-6."""
    call = Call(("a.f", "b.g"), 105.5, "4bf92f3577b34da6")
    assert call.wire_context(100.0) == {"timeout_ms": 5500, "trace_id": "4bf92f3577b34da6", "chain": ["a.f", "b.g"]}
    assert Call(("a.f",), 1.0, "t", "work").wire_context(2.0) == {
        "timeout_ms": 0, "trace_id": "t", "chain": ["a.f"], "profile": "work",
    }  # fmt: skip


def test_trace_ids_are_sixteen_hexadecimal_digits_and_differ() -> None:
    found = {new_trace_id() for _ in range(100)}
    assert len(found) == 100
    assert all(len(trace_id) == 16 and int(trace_id, 16) >= 0 for trace_id in found)
