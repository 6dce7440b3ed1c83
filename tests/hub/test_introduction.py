"""Own the proof that what a module says of itself is checked member by member, each fault with its pointer and requirement."""

from typing import Any

import pytest

from hub._introduction import read_capabilities, read_module_info
from hub.errors import BadLicense, HandshakeFailed, NoCommonVersion
from hub_protocol.limits import MAX_FUNCTIONS, MAX_SCHEMA_BYTES

_INFO: dict[str, Any] = {"name": "probe", "version": "1.2.3", "license": "MIT", "authors": ["A. Person"]}
_FUNCTION: dict[str, Any] = {"name": "f", "params": {"type": "object"}, "returns": {"type": "integer"}}


def _info(**members: Any) -> dict[str, Any]:
    return read_module_info({**_INFO, **members}, name="probe", version=None)


def _capabilities(*functions: Any, **members: Any) -> Any:
    return read_capabilities(_INFO, {"functions": list(functions), **members})


def _fault(error: HandshakeFailed | BadLicense) -> tuple[str | None, str | None]:
    places = error.data.get("errors") or [error.data]
    return error.data["requirement"], places[0].get("pointer")


@pytest.mark.parametrize(
    ("member", "value", "requirement", "pointer"),
    [
        ("name", 7, "HUB-INFO-2", "/name"),
        ("name", "Probe", "HUB-INFO-2", "/name"),
        ("name", "p" * 65, "HUB-INFO-2", "/name"),
        ("name", "probe\n", "HUB-INFO-2", "/name"),
        ("version", 2, "HUB-INFO-3", "/version"),
        ("version", "1.2", "HUB-INFO-3", "/version"),
        ("version", "01.2.3", "HUB-INFO-3", "/version"),
        ("version", "v1.2.3", "HUB-INFO-3", "/version"),
        ("license", ["MIT"], "HUB-INFO-4", "/license"),
        ("license", "", "HUB-INFO-4", "/license"),
        ("authors", "A. Person", "HUB-INFO-5", "/authors"),
        ("authors", [], "HUB-INFO-5", "/authors"),
        ("authors", ["A", ""], "HUB-INFO-5", "/authors/1"),
        ("authors", [None], "HUB-INFO-5", "/authors/0"),
        ("description", "one line", "HUB-INFO-1", "/description"),
        ("description", [1], "HUB-INFO-1", "/description/0"),
        ("required_modules", ["system"], "HUB-INFO-6", "/required_modules"),
        ("required_modules", {"system": 1}, "HUB-INFO-6", "/required_modules/system"),
        ("required_modules", {"system": "latest"}, "HUB-INFO-6", "/required_modules/system"),
        ("required_modules", {"Sys": "*"}, "HUB-INFO-6", "/required_modules/Sys"),
        ("extra_info", {"a": 1}, "HUB-INFO-1", "/extra_info/a"),
        ("extra_info", [], "HUB-INFO-1", "/extra_info"),
        ("homepage", 1, "HUB-INFO-1", "/homepage"),
        ("protocol_version", "1", "HUB-VER-1", "/protocol_version"),
        ("protocol_version", True, "HUB-VER-1", "/protocol_version"),
        ("protocol_version", 1.0, "HUB-VER-1", "/protocol_version"),
        ("features", "cancel", "HUB-VER-3", "/features"),
        ("features", [1], "HUB-VER-3", "/features/0"),
    ],
)
def test_a_member_of_module_info_that_is_wrong_is_named(member: str, value: object, requirement: str, pointer: str) -> None:
    with pytest.raises(HandshakeFailed) as refused:
        _info(**{member: value})
    assert _fault(refused.value) == (requirement, pointer)


@pytest.mark.parametrize("member", ["name", "version", "license", "authors"])
def test_a_member_of_module_info_that_is_missing_is_named(member: str) -> None:
    with pytest.raises(HandshakeFailed) as refused:
        read_module_info({name: value for name, value in _INFO.items() if name != member}, name="probe", version=None)
    assert _fault(refused.value)[1] == f"/{member}"


@pytest.mark.parametrize("result", [None, [], "probe", 7, True])
def test_a_module_info_that_is_no_object_is_refused(result: object) -> None:
    with pytest.raises(HandshakeFailed) as refused:
        read_module_info(result, name="probe", version=None)
    assert refused.value.data["requirement"] == "HUB-INFO-1"


def test_unknown_members_and_unknown_features_pass() -> None:
    """HUB-INFO-1, HUB-VER-3, HUB-MSG-7."""
    _info(colour="red", features=["telepathy"], extra=[1, {"x": None}])
    introduction = _capabilities({**_FUNCTION, "x-colour": "red", "hints": {"idempotent": True, "spicy": True}}, mood="good")
    assert introduction.functions["f"].hints["idempotent"] is True


def test_null_where_a_member_could_be_left_out_counts_as_left_out() -> None:
    """HUB-MSG-8."""
    info = _info(description=None, required_modules=None, extra_info=None, homepage=None, features=None)
    introduction = read_capabilities(info, {"functions": [{"name": "f", "params": None, "returns": None}], "permissions": None})
    function = introduction.functions["f"]
    assert (introduction.description, introduction.required_modules, introduction.extra_info) == ([], {}, {})
    assert (introduction.features, introduction.permissions) == (frozenset(), ())
    assert function.params_validator.accepts({})
    assert not function.params_validator.accepts({"a": 1})
    assert function.returns_validator is None or function.returns_validator.accepts(7)


@pytest.mark.parametrize("picked", [0, 2, -1, 2**53 - 1])
def test_a_version_that_was_not_offered_is_told_before_anything_else(picked: int) -> None:
    """HUB-VER-1."""
    with pytest.raises(NoCommonVersion):
        read_module_info({"protocol_version": picked, "name": 7}, name="probe", version=None)


@pytest.mark.parametrize(("member", "ours"), [("name", "other"), ("version", "2.0.0")])
def test_what_differs_from_the_manifest_is_refused(member: str, ours: str) -> None:
    expected: dict[str, str] = {"name": "probe", "version": "1.2.3", member: ours}
    with pytest.raises(HandshakeFailed) as refused:
        read_module_info(_INFO, name=expected["name"], version=expected["version"])
    assert _fault(refused.value) == ("HUB-INFO-2", f"/{member}")


def test_a_licence_that_is_no_spdx_expression_is_refused() -> None:
    with pytest.raises(BadLicense) as refused:
        read_capabilities({**_INFO, "license": "free for friends"}, {"functions": []})
    assert _fault(refused.value) == ("HUB-INFO-4", "/license")


@pytest.mark.parametrize("result", [None, [], "f", {}, {"functions": {}}, {"functions": "f"}, {"functions": None}])
def test_capabilities_of_another_shape_are_refused(result: object) -> None:
    with pytest.raises(HandshakeFailed) as refused:
        read_capabilities(_INFO, result)
    assert refused.value.data["requirement"] == "HUB-CAPS-1"


_WRONG_FUNCTIONS: list[tuple[str, Any, str | None, str]] = [
    ("name", 7, "HUB-CAPS-2", "/name"),
    ("name", "1st", "HUB-CAPS-2", "/name"),
    ("name", "a.b", "HUB-CAPS-2", "/name"),
    ("name", "f" * 65, "HUB-CAPS-2", "/name"),
    ("name", "module_info", "HUB-CAPS-2", "/name"),
    ("name", "ping", "HUB-CAPS-2", "/name"),
    ("name", "capabilities_changed", "HUB-CAPS-2", "/name"),
    ("name", "module_anything", "HUB-CAPS-2", "/name"),
    ("summary", 1, "HUB-CAPS-1", "/summary"),
    ("description", ["a"], "HUB-CAPS-1", "/description"),
    ("params", {"type": "array"}, "HUB-CAPS-3", "/params/type"),
    ("params", {}, "HUB-CAPS-3", "/params"),
    ("params", True, "HUB-CAPS-3", "/params"),
    ("params", {"type": "object", "properties": {"a": {"type": "nope"}}}, "HUB-CAPS-3", "/params"),
    ("returns", "integer", "HUB-CAPS-3", "/returns"),
    ("returns", {"$ref": "#/$defs/none"}, "HUB-CAPS-3", "/returns"),
    ("returns", {"$schema": "http://json-schema.org/draft-07/schema#"}, "HUB-CAPS-3", "/returns/$schema"),
    ("returns", {"items": {"$ref": "https://example.org/x"}}, "HUB-CAPS-4", "/returns/items/$ref"),
    ("params", {"type": "object", "$dynamicRef": "other.json#x"}, "HUB-CAPS-4", "/params/$dynamicRef"),
    ("returns", {"const": "x" * MAX_SCHEMA_BYTES}, "HUB-CAPS-3", "/returns"),
    ("errors", [{"code": -32000, "message": "m"}], "HUB-CAPS-6", "/errors/0/code"),
    ("errors", [{"code": -31001, "message": "m"}], "HUB-CAPS-6", "/errors/0/code"),
    ("errors", [{"code": "1", "message": "m"}], "HUB-CAPS-6", "/errors/0/code"),
    ("examples", [{"params": {}}], "HUB-CAPS-5", "/examples/0"),
    ("examples", [{"params": [], "result": 1}], "HUB-CAPS-5", "/examples/0/params"),
    ("hints", {"idempotent": "yes"}, "HUB-CAPS-1", "/hints/idempotent"),
    ("deprecated", True, "HUB-CAPS-1", "/deprecated"),
    ("timeout_seconds", "5", None, "/timeout_seconds"),
    ("timeout_seconds", -1, None, "/timeout_seconds"),
    ("timeout_seconds", 0, None, "/timeout_seconds"),
]


@pytest.mark.parametrize(("member", "value", "requirement", "pointer"), _WRONG_FUNCTIONS)
def test_a_member_of_a_function_that_is_wrong_is_named(
    member: str, value: object, requirement: str | None, pointer: str
) -> None:
    with pytest.raises(HandshakeFailed) as refused:
        _capabilities({"name": "first"}, {**_FUNCTION, member: value})
    found, place = _fault(refused.value)
    assert place == f"/functions/1{pointer}"
    assert requirement in (None, found)
    assert found


@pytest.mark.parametrize(("functions", "fits"), [(10, True), (11, False)])
def test_schemas_with_more_references_than_can_be_compiled_are_refused(functions: int, fits: bool) -> None:
    returns = {"anyOf": [{"$ref": "#/$defs/a"}] * 1000, "$defs": {"a": True}}
    declared = [{"name": f"f{number}", "returns": returns} for number in range(functions)]
    if fits:
        assert len(_capabilities(*declared).functions) == functions
        return
    with pytest.raises(HandshakeFailed) as refused:
        _capabilities(*declared)
    assert (refused.value.data["requirement"], refused.value.data["pointer"]) == ("HUB-CAPS-3", "/functions")


def test_two_functions_of_one_name_are_refused() -> None:
    with pytest.raises(HandshakeFailed) as refused:
        _capabilities({"name": "a"}, {"name": "b"}, {"name": "a"})
    assert _fault(refused.value) == ("HUB-CAPS-2", "/functions/2/name")


def test_more_functions_than_anybody_has_are_refused() -> None:
    assert len(_capabilities(*({"name": f"f{number}"} for number in range(MAX_FUNCTIONS))).functions) == MAX_FUNCTIONS
    with pytest.raises(HandshakeFailed) as refused:
        _capabilities(*({"name": f"f{number}"} for number in range(MAX_FUNCTIONS + 1)))
    assert _fault(refused.value)[1] == "/functions"


@pytest.mark.parametrize("permission", ["root", "call:", "call:A.b", "Store", "call:a.b.c", 7, "store\n"])
def test_a_permission_that_there_is_not_is_refused(permission: object) -> None:
    with pytest.raises(HandshakeFailed) as refused:
        _capabilities(_FUNCTION, permissions=["ask", permission])
    assert _fault(refused.value) == ("HUB-CAPS-7", "/permissions/1")


def test_many_faults_are_all_in_the_data_and_the_first_few_in_the_message() -> None:
    with pytest.raises(HandshakeFailed) as refused:
        _info(name=1, version=2, license=3, authors=4, homepage=5)
    assert [place["pointer"] for place in refused.value.data["errors"]] == [
        "/name", "/version", "/license", "/authors", "/homepage",
    ]  # fmt: skip
    assert "and 2 more" in refused.value.message


def test_a_recursive_schema_passes_and_works() -> None:
    tree: dict[str, Any] = {"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}}
    function = _capabilities({"name": "f", "params": tree, "returns": tree}).functions["f"]
    assert function.params_validator.accepts({"left": {"right": {}}})
    assert not function.params_validator.accepts({"left": {"right": 1}})


def test_a_name_of_a_member_is_no_reference() -> None:
    schema = {"type": "object", "properties": {"$ref": {"type": "string"}}, "default": {"$ref": "https://example.org"}}
    assert _capabilities({"name": "f", "params": schema}).functions["f"].params == schema
