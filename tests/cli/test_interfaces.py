"""`hub interfaces`, and what `hub plugin info` and completion say of interfaces, whole."""

import json

import pytest

from tests.cli.conftest import Hub
from tests.hub.interfaces import GREETING, compute_functions, greeting, interface_file

pytestmark = pytest.mark.process


def _setting(hub: Hub) -> None:
    hub.add("alpha", compute_functions(), implements=["cloud.compute/1.3"])
    hub.add("beta", [greeting()], implements=["example.greeting/1", "example.unknown/2.0"])
    interface_file(hub.plugins / "beta", GREETING)


def test_all_interfaces_are_listed_with_where_they_are_from_and_who_implements_them(hub: Hub) -> None:
    _setting(hub)
    done = hub("interfaces")
    assert (done.code, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["NAME", "VERSION", "FROM", "MODULES"],
        ["cloud.account", "1.0", "hub", "-"],
        ["cloud.compute", "1.0", "hub", "alpha"],
        ["cloud.objects", "1.0", "hub", "-"],
        ["example.greeting", "1.0", "beta", "beta"],
        ["example.unknown", "2.0", "-", "beta"],
    ]
    rows = hub("interfaces", "--json").result
    assert [(row["name"], row["from"], row["modules"]) for row in rows][3:] == [
        ("example.greeting", "beta", ["beta"]),
        ("example.unknown", None, ["beta"]),
    ]
    assert rows[3]["functions"] == [{"signature": rows[3]["functions"][0]["signature"], **greeting()}]


def test_one_interface_is_shown_with_its_functions(hub: Hub) -> None:
    _setting(hub)
    done = hub("interfaces", "cloud.compute")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:4] == [
        "cloud.compute 1.0: Virtual machines of a cloud service.",
        "from: hub",
        "modules: alpha",
        "functions:",
    ]
    assert "\n  list_servers(" in done.stdout
    missing = hub("interfaces", "cloud.compte", "--json")
    assert (missing.code, missing.error["kind"], missing.error["hint"]) == (3, "not_found", "did you mean cloud.compute?")


def test_a_plugin_says_what_it_implements_before_it_is_approved(hub: Hub) -> None:
    _setting(hub)
    assert "implements: cloud.compute/1.3 (satisfied, checked against 1.0)\n" in hub("plugin", "info", "alpha").stdout
    shown = hub("plugin", "approve", "beta", "--yes").stdout
    assert "implements: example.greeting/1.0 (satisfied), example.unknown/2.0 (unknown here: not served)\n" in shown
    assert hub("plugin", "info", "beta", "--json").result["implements"] == [
        {"interface": "example.greeting", "version": "1.0", "checked_against": "1.0"},
        {"interface": "example.unknown", "version": "2.0", "checked_against": None},
    ]


def test_a_module_that_breaks_its_word_is_refused_with_the_pointer(hub: Hub) -> None:
    """HUB-CAPS-9."""
    functions = compute_functions()
    functions[2]["params"]["properties"]["region"] = {"type": "integer"}
    hub.add("alpha", functions, implements=["cloud.compute/1.0"])
    done = hub("plugin", "approve", "alpha", "--yes", "--json")
    assert (done.code, done.error["kind"], done.error["data"]["requirement"]) == (5, "bad_interface", "HUB-IFACE-2")
    assert done.error["data"]["pointer"] == "/functions/2/params/properties/region"
    assert "/functions/2/params/properties/region" in done.error["message"]
    listed = hub("interfaces", "--json")
    assert listed.code == 0
    assert json.loads(listed.stderr)["warning"]["kind"] == "bad_interface"


def test_addresses_of_interfaces_are_completed_once_a_module_is_known(hub: Hub) -> None:
    _setting(hub)
    words = {"_HUB_COMPLETE": "complete_bash", "COMP_WORDS": "hub call cloud.compute.l", "COMP_CWORD": "2"}
    assert hub(env=words).stdout.split() == []
    assert hub("functions").code == 0
    assert hub(env=words).stdout.split() == ["cloud.compute.list_regions", "cloud.compute.list_servers"]
