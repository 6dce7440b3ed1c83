"""Own the checks of what a module declares: functions, schemas, examples, errors, permissions; call no function."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, cast

from hub._validators import compile_schema, why_bad_schema
from hub.conformance._bench import Bench
from hub.conformance._check import NotOffered, Outcome
from hub.conformance._contract import definition_faults
from hub.conformance._judging import missed, must, problem, should
from hub.conformance._members import members, objects
from hub_protocol.errors import is_module_code
from hub_protocol.limits import MAX_FUNCTIONS, MAX_SCHEMA_BYTES
from hub_protocol.methods import FUNCTION_NAME_PATTERN, is_permission, is_reserved

__all__ = ["CHECKS"]

_AREA: Final = "capabilities"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# Each has a check of its own.
_OWN_MEMBERS: Final = ("name", "params", "returns")
_SHOWN: Final = 40


def _result(bench: Bench) -> Any:
    answer = bench.introduction().capabilities
    return answer.result if answer is not None else None


def _functions(bench: Bench) -> list[dict[str, Any]]:
    return objects(members(_result(bench)).get("functions"))


def _fail(bench: Bench, why: str) -> Outcome:
    told = bench.introduction()
    if told.capabilities is None and told.missed is not None:
        return missed(f"capabilities is not answered: {told.missed}", told.missed)
    return problem(why, told.capabilities)


def _entries(function: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return objects(function.get(name))


@must("HUB-CAPS-1/answers-with-an-object", _AREA, "an object with functions", 'answer with {"functions": [...]}')
def is_object(bench: Bench) -> Outcome:
    return None if isinstance(_result(bench), dict) else _fail(bench, "the result is no object")


@must("HUB-CAPS-1/functions-are-listed", _AREA, "an array of objects", 'answer with {"functions": [...]}, empty if need be')
def has_functions(bench: Bench) -> Outcome:
    if not isinstance(_result(bench), dict):
        return None
    found = _result(bench).get("functions")
    if not isinstance(found, list):
        return _fail(bench, "functions is no array")
    return (
        None if len(_functions(bench)) == len(cast("list[Any]", found)) else _fail(bench, "an entry of functions is no object")
    )


@must(
    "HUB-CAPS-1/members-have-their-types",
    _AREA,
    "each member of a function in the type of the table, or left out",
    "correct the type of the member, or leave it out",
)
def types(bench: Bench) -> Outcome:
    for position, function in enumerate(_functions(bench)):
        plain = {name: value for name, value in function.items() if name not in (*_OWN_MEMBERS, "errors", "examples")}
        plain |= {"name": "f"}
        plain |= {name: function[name] for name in ("errors", "examples") if not isinstance(function.get(name, []), list)}
        if faults := definition_faults("Function", plain):
            return _fail(bench, f"/functions/{position}{faults[0][0]}: {faults[0][1]}")
    return None


@must(
    "HUB-CAPS-2/names-fit",
    _AREA,
    f"a string that fits {FUNCTION_NAME_PATTERN}",
    "begin with a letter, go on with letters, digits, _ and -, at most 64 in all",
)
def names_fit(bench: Bench) -> Outcome:
    for position, function in enumerate(_functions(bench)):
        if definition_faults("FunctionName", function.get("name")):
            return _fail(bench, f"/functions/{position}/name is {json.dumps(function.get('name'))[:_SHOWN]}")
    return None


@must("HUB-CAPS-2/names-are-unique", _AREA, "each name once", "give each function a name of its own")
def names_unique(bench: Bench) -> Outcome:
    names = Counter(str(function.get("name")) for function in _functions(bench))
    twice = [name for name, times in names.items() if times > 1]
    return _fail(bench, f"{twice[0]} is there {names[twice[0]]} times") if twice else None


@must("HUB-CAPS-2/names-are-free", _AREA, "no name of the protocol", "choose another name: this one belongs to the protocol")
def names_free(bench: Bench) -> Outcome:
    taken = [name for function in _functions(bench) if isinstance(name := function.get("name"), str) and is_reserved(name)]
    return _fail(bench, f"{taken[0]} is reserved") if taken else None


def _schemas(bench: Bench) -> Iterator[tuple[str, Any]]:
    for position, function in enumerate(_functions(bench)):
        for member in ("params", "returns"):
            if member in function:
                yield f"/functions/{position}/{member}", function[member]
        for number, error in enumerate(_entries(function, "errors")):
            if "data" in error:
                yield f"/functions/{position}/errors/{number}/data", error["data"]


@must(
    "HUB-CAPS-3/schemas-are-valid",
    _AREA,
    "JSON Schema 2020-12",
    "check the schema with a validator for 2020-12; older drafts differ in items, definitions and exclusiveMinimum",
)
def schemas_valid(bench: Bench) -> Outcome:
    for pointer, schema in _schemas(bench):
        if not isinstance(schema, dict | bool):
            return _fail(bench, f"{pointer} is no schema")
        if _outside(schema) is None and (why := why_bad_schema(schema)) is not None:
            return _fail(bench, f"{pointer}: {why}")
    return None


@must(
    "HUB-CAPS-3/schemas-are-2020-12",
    _AREA,
    f"no $schema, or {_DIALECT}",
    "leave $schema out, and write the schema in 2020-12",
)
def dialect(bench: Bench) -> Outcome:
    for pointer, schema in _schemas(bench):
        told = cast("dict[str, Any]", schema).get("$schema", _DIALECT) if isinstance(schema, dict) else _DIALECT
        if not isinstance(told, str) or told.removesuffix("#") != _DIALECT:
            return _fail(bench, f"{pointer}/$schema is {json.dumps(told)[:100]}")
    return None


@must(
    "HUB-CAPS-3/params-describe-an-object",
    _AREA,
    '"type": "object"',
    'arguments go by name: add "type": "object" to params, or leave params out where there are none',
)
def params_object(bench: Bench) -> Outcome:
    for position, function in enumerate(_functions(bench)):
        params = function.get("params", {"type": "object"})
        if not isinstance(params, dict) or cast("dict[str, Any]", params).get("type") != "object":
            return _fail(bench, f"/functions/{position}/params does not describe an object")
    return None


@must(
    "HUB-CAPS-3/not-too-many",
    _AREA,
    f"at most {MAX_FUNCTIONS} functions, at most 1 MiB for a schema",
    "make several modules of it, or share parts of a schema with $defs",
)
def not_too_many(bench: Bench) -> Outcome:
    if len(_functions(bench)) > MAX_FUNCTIONS:
        return _fail(bench, f"there are {len(_functions(bench))} functions")
    large = [pointer for pointer, schema in _schemas(bench) if len(json.dumps(schema)) > MAX_SCHEMA_BYTES]
    return _fail(bench, f"{large[0]} is longer than 1 MiB") if large else None


def _outside(schema: Any) -> str | None:
    """Return the first reference that leads out of a schema."""
    todo = [schema]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            for name, member in cast("dict[str, Any]", value).items():
                if name in ("$ref", "$dynamicRef") and isinstance(member, str) and not member.startswith("#"):
                    return member
                if name not in ("const", "enum", "default", "examples"):
                    todo.append(member)
        elif isinstance(value, list):
            todo += cast("list[Any]", value)
    return None


@must(
    "HUB-CAPS-4/refers-to-itself-only",
    _AREA,
    "$ref and $dynamicRef that begin with #",
    "copy what is referred to into $defs",
)
def no_outside(bench: Bench) -> Outcome:
    for pointer, schema in _schemas(bench):
        if (found := _outside(schema)) is not None:
            return _fail(bench, f"{pointer} refers to {found[:100]}")
    return None


@must("HUB-CAPS-5/examples-have-one-end", _AREA, "params, and either result or error", "give each example its result, or error")
def example_ends(bench: Bench) -> Outcome:
    for position, function in enumerate(_functions(bench)):
        for number, example in enumerate(_entries(function, "examples")):
            if ("result" in example) == ("error" in example) or not isinstance(example.get("params", {}), dict):
                return _fail(bench, f"/functions/{position}/examples/{number} has not exactly one of result and error")
    return None


def _misfits(bench: Bench, schema_name: str, member: str) -> Outcome:
    seen = False
    for position, function in enumerate(_functions(bench)):
        schema = function.get(schema_name, True if schema_name == "returns" else {"type": "object", "maxProperties": 0})
        usable = isinstance(schema, dict | bool) and why_bad_schema(schema) is None
        for number, example in enumerate(_entries(function, "examples")):
            seen = True
            if not usable or (member not in example and member == "result"):
                continue
            found = compile_schema(cast("Any", schema)).mismatches(example.get(member, {}))
            if found:
                place = f"/functions/{position}/examples/{number}/{member}{found[0].pointer}"
                return _fail(bench, f"{place}: {found[0].message}")
    return None if seen else NotOffered("there are no examples")


@must("HUB-CAPS-5/example-params-fit", _AREA, "params that fit the schema of params", "correct the example or the schema")
def example_params(bench: Bench) -> Outcome:
    return _misfits(bench, "params", "params")


@must("HUB-CAPS-5/example-results-fit", _AREA, "a result that fits returns", "correct the example or the schema")
def example_results(bench: Bench) -> Outcome:
    return _misfits(bench, "returns", "result")


@must(
    "HUB-CAPS-6/codes-are-outside",
    _AREA,
    "codes outside -32768…-31000, such as 1001",
    "choose other numbers for your own errors: these belong to JSON-RPC and to the hub",
)
def codes(bench: Bench) -> Outcome:
    for position, function in enumerate(_functions(bench)):
        for number, error in enumerate(_entries(function, "errors")):
            code = error.get("code")
            if type(code) is not int or not is_module_code(code) or not isinstance(error.get("message"), str):
                return _fail(bench, f"/functions/{position}/errors/{number} needs a code of its own and a message")
    return None


@must(
    "HUB-CAPS-7/permissions-exist",
    _AREA,
    "ask, store, credentials, call:MODULE, call:MODULE.FUNCTION or call:*",
    "correct the spelling, or leave it out",
)
def permissions(bench: Bench) -> Outcome:
    found: object = members(_result(bench)).get("permissions", [])
    if not isinstance(found, list):
        return _fail(bench, "permissions is no array")
    wrong = [entry for entry in cast("list[object]", found) if not isinstance(entry, str) or not is_permission(entry)]
    return _fail(bench, f"{json.dumps(wrong[0])[:_SHOWN]} is no permission") if wrong else None


@should(
    "HUB-CAPS-8/tells-of-changes",
    _AREA,
    "the same functions all through, or the notification capabilities_changed",
    "send capabilities_changed when the functions change",
)
def changes(bench: Bench) -> Outcome:
    bench.observe()
    before, after = bench.introduction().capabilities, bench.session().ask("capabilities")
    if before is None or before.result == after.result or "capabilities_changed" in bench.notes.seen:
        return None
    return problem("the functions have changed, and it did not say so", after)


CHECKS: Final = (
    is_object,
    has_functions,
    types,
    names_fit,
    names_unique,
    names_free,
    schemas_valid,
    dialect,
    params_object,
    not_too_many,
    no_outside,
    example_ends,
    example_params,
    example_results,
    codes,
    permissions,
    changes,
)
