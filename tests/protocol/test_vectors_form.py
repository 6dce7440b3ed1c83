"""Own that the vectors are what their schema and README say; know nothing of what the cases assert."""

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from tests.protocol.vectors import ROOT, SCHEMAS, cases, files

SCHEMA: dict[str, Any] = json.loads((ROOT / "vectors.schema.json").read_text(encoding="utf-8"))
KINDS = {"frames": "FrameFile", "messages": "MessageFile", "reject": "RejectFile", "sessions": "SessionFile"}
# A person has to be able to read a file, and a language without streams to hold it.
LARGEST_FILE_BYTES = 100_000


@pytest.mark.parametrize("group", KINDS)
def test_each_file_of_a_group_fits_the_schema(group: str) -> None:
    kind = {"$schema": SCHEMA["$schema"], "$ref": f"#/$defs/{KINDS[group]}", "$defs": SCHEMA["$defs"]}
    validator = jsonschema_rs.validator_for(kind)
    for path in files(group):
        errors = [str(error) for error in validator.iter_errors(json.loads(path.read_text(encoding="utf-8")))]
        assert errors == [], path


def test_no_other_file_lies_among_the_vectors() -> None:
    known = {path for group in KINDS for path in files(group)} | {ROOT / "README.md", ROOT / "vectors.schema.json"}
    assert {path for path in ROOT.rglob("*") if path.is_file()} == known


def test_no_file_is_too_large_to_read() -> None:
    assert [path for group in KINDS for path in files(group) if path.stat().st_size > LARGEST_FILE_BYTES] == []


@pytest.mark.parametrize("group", KINDS)
def test_no_id_is_used_twice_in_a_group(group: str) -> None:
    seen = [(case.get("level", ""), case["id"]) if group == "reject" else case["id"] for case in cases(group)]
    assert sorted(set(map(str, seen))) == sorted(map(str, seen))


@pytest.mark.parametrize("group", KINDS)
def test_every_requirement_that_a_case_names_stands_in_the_specification(group: str) -> None:
    specification = (SCHEMAS.parents[1] / "protocol" / "README.md").read_text(encoding="utf-8")
    known = set(re.findall(r"\*\*(HUB-[A-Z]+-[0-9]+)\*\*", specification))
    named = {requirement for case in cases(group) for requirement in (case["requirement"], *case.get("requirements", []))}
    assert named - known == set()


def test_the_readme_names_each_function_of_the_module_and_each_placeholder() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    sessions = json.dumps(cases("sessions"))
    placeholders = set(re.findall(r'"(\$[a-z_]+)"', sessions)) | set(re.findall(r'"(\$[a-z_]+)"', json.dumps(cases("reject"))))
    called = {
        step["send"]["method"]
        for session in cases("sessions")
        if session["module"] == "vectors"
        for step in session["steps"]
        if step["from"] == "hub" and "method" in step.get("send", {})
    }
    functions = {name for name in called if re.fullmatch("[a-z_]+", name)} - {"no_such_function", "weather_changed"}
    reserved = {"module_info", "capabilities", "module_init", "module_cleanup", "ping"}
    assert [name for name in functions - reserved if f"| `{name}` |" not in readme] == []
    assert [name for name in placeholders if name not in readme] == []
