"""`hub functions`, whole: what can be called, as signatures."""

import json

import pytest

from tests.cli.conftest import Hub, function

pytestmark = pytest.mark.process


def test_all_functions_are_listed_as_signatures_by_module(hub: Hub) -> None:
    hub.add("system", [{**function("processes", limit={"type": "integer", "default": 20}), "summary": "List\x1b[2J them."}])
    hub.add("disks", [{**function("wipe", returns={"type": "null"}), "hints": {"destructive": True}}])
    done = hub("functions")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "disks.wipe() -> null  # destructive",
        r"system.processes(limit: integer = 20) -> any  # List\x1b[2J them.",
    ]


def test_one_module_is_listed_alone(hub: Hub) -> None:
    hub.add("system", [function("a"), function("b")])
    hub.add("disks", [function("wipe")])
    assert hub("functions", "system").stdout.splitlines() == ["system.a() -> any", "system.b() -> any"]


def test_json_has_the_declaration_of_each_function(hub: Hub) -> None:
    declared = function("a", x={"type": "integer"})
    hub.add("system", [declared])
    where = {"module": "system", "address": "system.a", "signature": "a(x?: integer) -> any"}
    assert hub("functions", "--json").result == [{**where, **declared}]


def test_a_broken_module_hides_no_other(hub: Hub) -> None:
    hub.add("good", [function("f")])
    hub.add("mute", [], "sys.exit(3)")
    done = hub("functions")
    assert (done.code, done.stdout) == (0, "good.f() -> any\n")
    assert done.stderr.startswith("warning: cannot start mute: ")
    as_json = hub("functions", "--json")
    assert (as_json.code, [one["address"] for one in as_json.result]) == (0, ["good.f"])
    assert json.loads(as_json.stderr)["warning"]["kind"] == "start_failed"


def test_a_broken_module_that_was_named_is_an_error(hub: Hub) -> None:
    hub.add("mute", [], "sys.exit(3)")
    done = hub("functions", "mute", "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (5, "", "start_failed")


def test_a_module_that_is_not_there_is_not_found(hub: Hub) -> None:
    done = hub("functions", "nope", "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (3, "", "not_found")
