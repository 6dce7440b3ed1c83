"""Own that names and patterns are those of the specification; know nothing of models."""

import json
import re

import pytest

from hub_protocol import methods
from tests.protocol.vectors import SCHEMAS

SPECIFICATION = (SCHEMAS.parents[1] / "protocol" / "README.md").read_text(encoding="utf-8")


def test_the_reserved_names_are_those_that_the_specification_lists() -> None:
    """HUB-CAPS-2."""
    rule = SPECIFICATION.split("**HUB-CAPS-2**")[1].split("\n- ")[0]
    names, prefixes = rule.split("a reserved one:")[1].split("or anything that begins with")
    assert set(re.findall(r"`([^`]+)`", names)) == methods.RESERVED_NAMES
    assert tuple(re.findall(r"`([^`]+)`", prefixes)) == methods.RESERVED_PREFIXES


def test_every_request_and_notification_of_the_hub_side_stands_in_the_tables_of_the_specification() -> None:
    for name in (*methods.REQUESTS_TO_HUB, methods.HUB_LOG, methods.CAPABILITIES_CHANGED):
        assert f"| `{name}` |" in SPECIFICATION
    for name in (*methods.REQUESTS_TO_MODULE, methods.CANCEL_REQUEST, methods.PROGRESS):
        assert f'"method":"{name}"' in SPECIFICATION or f"`{name}`" in SPECIFICATION


def test_every_method_of_the_protocol_has_a_name_that_no_function_may_have() -> None:
    every = (
        *methods.REQUESTS_TO_MODULE,
        *methods.NOTIFICATIONS_TO_MODULE,
        *methods.REQUESTS_TO_HUB,
        *methods.NOTIFICATIONS_TO_HUB,
    )
    assert [name for name in every if not methods.is_reserved(name)] == []
    assert not methods.is_reserved("greet")
    assert not methods.is_reserved("hubble")


@pytest.mark.parametrize(
    ("name", "module", "function"),
    [
        ("greet", True, True),
        ("a", True, True),
        ("digital-ocean_2", True, True),
        ("a" * 64, True, True),
        ("a" * 65, False, False),
        ("Greet", False, True),
        ("2d", False, False),
        ("_a", False, False),
        ("a.b", False, False),
        ("a\n", False, False),
        ("", False, False),
        ("ä", False, False),
        ("a\u0660", False, False),
    ],
)
def test_a_name_fits_or_does_not(name: str, module: bool, function: bool) -> None:
    assert methods.is_module_name(name) is module
    assert methods.is_function_name(name) is function


def test_a_reserved_name_is_no_function_name_although_it_fits_the_pattern() -> None:
    assert re.fullmatch(methods.FUNCTION_NAME_PATTERN, "module_restart")
    assert not methods.is_function_name("module_restart")


@pytest.mark.parametrize("text", ["ask", "store", "credentials", "call:*", "call:aws", "call:aws.listInstances"])
def test_a_permission_of_the_list_is_one(text: str) -> None:
    assert methods.is_permission(text)


@pytest.mark.parametrize(
    "text", ["", "root", "call", "call:", "call:aws.", "call:*.x", "call:aws*", "store:key", "ask\n", "ASK"]
)
def test_anything_else_is_no_permission(text: str) -> None:
    assert not methods.is_permission(text)


@pytest.mark.parametrize(
    "text", ["1.2.3", "=1.2.3", "^1.2", "~1.2.3", ">=1.0,<2", "1.2.*", "*", ">= 1.0 , < 2", "^1.2.3-rc.1", "1.*"]
)
def test_a_requirement_of_the_specification_fits(text: str) -> None:
    assert re.fullmatch(methods.REQUIREMENT_PATTERN, text)


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "=1.2", "latest", "v1.2.3", "1.2.3,", "^", "1.x", "^1.2.*", "1.2.3 || 2.0.0", "01.2.3"]
)
def test_what_the_specification_does_not_say_is_no_requirement(text: str) -> None:
    assert not re.fullmatch(methods.REQUIREMENT_PATTERN, text)


# The examples of semver.org, shortened.
@pytest.mark.parametrize(
    "text", ["0.0.0", "1.4.0", "1.0.0-alpha.1", "1.0.0-0A.is.legal", "1.0.0--", "1.0.0+001", "1.0.0-rc.1+build.5"]
)
def test_a_version_by_semver_fits(text: str) -> None:
    assert re.fullmatch(methods.SEMVER_PATTERN, text)


@pytest.mark.parametrize(
    "text", ["1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "1.0.0-a..b", "1.0.0\n", ""]
)
def test_anything_else_is_no_version(text: str) -> None:
    assert not re.fullmatch(methods.SEMVER_PATTERN, text)


@pytest.mark.parametrize("name", ["libDisk.so", "wmi.dll", "x.dylib", "tool.exe", "plugin.py"])
def test_a_required_name_with_the_extension_of_a_file_names_a_file(name: str) -> None:
    """HUB-INFO-6."""
    assert methods.is_file_name(name)
    assert not methods.is_module_name(name)
    assert re.fullmatch(methods.REQUIRED_NAME_PATTERN, name)


def test_an_address_is_taken_apart_and_anything_else_is_refused() -> None:
    assert methods.split_address("aws.listInstances") == ("aws", "listInstances")
    for text in ("aws", "aws.", ".list", "a.b.c", "AWS.list", "aws.ping", "aws.list\n", ""):
        assert methods.split_address(text) is None


def test_the_patterns_mean_the_same_in_every_engine() -> None:
    """No look-around, no class that is Unicode in one engine and ASCII in another."""
    patterns = json.loads((SCHEMAS / "meta.json").read_text(encoding="utf-8"))["patterns"].values()
    assert [pattern for pattern in patterns if re.search(r"\\[dwsb]|\(\?[^:]|\[\[:", pattern)] == []
