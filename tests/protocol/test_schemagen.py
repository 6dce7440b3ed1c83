"""Own that what is generated is current, complete and well formed; know nothing of what the models mean."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from hub_protocol import methods
from hub_protocol._drawings import redraw
from hub_protocol._metadata import ANY, METHOD_TYPES
from hub_protocol.errors import ERRORS
from hub_protocol.lifecycle import TABLE
from hub_protocol.schemagen import main
from hub_protocol.types import MODELS
from hub_protocol.version import FEATURES
from tests.protocol.vectors import SCHEMAS

REPOSITORY = SCHEMAS.parents[1]
BUNDLE: dict[str, Any] = json.loads((SCHEMAS / "hub.schema.json").read_text(encoding="utf-8"))
META: dict[str, Any] = json.loads((SCHEMAS / "meta.json").read_text(encoding="utf-8"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a repository with the generated files and nothing else."""
    for path in ("schemas/v1/hub.schema.json", "schemas/v1/meta.json", "protocol/README.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / path, tmp_path / path)
    return tmp_path


def test_the_generated_files_of_this_repository_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("path", ["schemas/v1/hub.schema.json", "schemas/v1/meta.json", "protocol/README.md"])
def test_check_names_a_stale_file_and_the_command_that_mends_it(
    copy: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = (
        (copy / path).read_text(encoding="utf-8").replace("invalid_params", "invalid_parms").replace("HUB-CAPS-2", "HUB-CAPS-1")
    )
    (copy / path).write_text(stale, encoding="utf-8")
    assert main(["--check", "--root", str(copy)]) == 1
    said = capsys.readouterr().err
    assert f"cannot accept {path}" in said
    assert "hint: run `python -m hub_protocol.schemagen --write`" in said
    assert (copy / path).read_text(encoding="utf-8") == stale


def test_write_makes_what_check_accepts_and_then_writes_nothing(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(copy / "schemas")
    assert main(["--write", "--root", str(copy)]) == 0
    assert capsys.readouterr().out == "wrote schemas/v1/hub.schema.json\nwrote schemas/v1/meta.json\n"
    assert main(["--check", "--root", str(copy)]) == 0
    assert main(["--write", "--root", str(copy)]) == 0
    assert capsys.readouterr().out == ""


def test_print_shows_what_write_would_write(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--print", "--root", str(copy)]) == 0
    assert json.loads(capsys.readouterr().out) == {"schemas/v1/hub.schema.json": BUNDLE, "schemas/v1/meta.json": META}


def test_a_missing_specification_is_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--root", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("cannot generate the schemas: ")


def test_a_missing_marker_is_told_with_its_name() -> None:
    with pytest.raises(ValueError, match="<!-- /lifecycle -->"):
        redraw("<!-- lifecycle: drawn from hub_protocol.lifecycle -->\n")


def test_the_bundle_is_valid_2020_12_and_has_a_named_definition_for_every_model() -> None:
    jsonschema_rs.meta.validate(BUNDLE)
    assert set(MODELS) <= set(BUNDLE["$defs"])
    assert BUNDLE["$id"] == "urn:hub:protocol:v1"
    for name, definition in BUNDLE["$defs"].items():
        assert definition["title"] == name
        assert definition["description"], name


def test_every_variant_in_the_bundle_has_a_name() -> None:
    unnamed = [
        variant
        for variant in variants(BUNDLE["$defs"])
        if not {"title", "$ref"} & variant.keys() and variant != {"type": "null"}
    ]
    assert unnamed == []


def variants(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [variant for item in schema for variant in variants(item)]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(schema, dict):
        return []
    members: dict[str, Any] = schema  # pyright: ignore[reportUnknownVariableType]
    here = [variant for name in ("anyOf", "oneOf") for variant in members.get(name, [])]
    return here + [variant for member in members.values() for variant in variants(member)]


def test_the_bundle_offers_null_only_where_the_specification_does() -> None:
    """HUB-MSG-8: what may be left out is left out."""
    with_null = [
        f"{name}.{member}"
        for name, definition in BUNDLE["$defs"].items()
        for member, schema in definition.get("properties", {}).items()
        if {"type": "null"} in schema.get("anyOf", []) or ("default" in schema and schema["default"] is None)
    ]
    assert with_null == ["ErrorResponse.id"]


def test_every_requirement_in_the_bundle_stands_in_the_specification() -> None:
    specification = (REPOSITORY / "protocol" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"HUB-[A-Z]+-[0-9]+", json.dumps(BUNDLE)))
    assert named - set(re.findall(r"\*\*(HUB-[A-Z]+-[0-9]+)\*\*", specification)) == set()


def test_every_method_has_types_and_every_type_of_a_method_exists() -> None:
    every = {
        *methods.REQUESTS_TO_MODULE,
        *methods.NOTIFICATIONS_TO_MODULE,
        *methods.REQUESTS_TO_HUB,
        *methods.NOTIFICATIONS_TO_HUB,
    }
    assert set(METHOD_TYPES) == every
    assert {name for types in METHOD_TYPES.values() for name in types} <= {*MODELS, ANY, None}


def test_meta_holds_every_error_feature_and_move() -> None:
    assert {entry["kind"]: (entry["code"], entry["meaning"]) for entry in META["errors"]} == ERRORS
    assert META["features"] == FEATURES
    assert len(META["lifecycle"]) == len(TABLE)
    assert META["limits"]["max_frame_bytes"] == 16 * 1024 * 1024
    assert META["version"] == 1


def test_the_specification_shows_every_error_and_every_move() -> None:
    specification = (REPOSITORY / "protocol" / "README.md").read_text(encoding="utf-8")
    for kind, spec in ERRORS.items():
        assert f"| {str(spec.code).replace('-', '−')} | `{kind}` | {spec.meaning} |" in specification
    for (state, happening), target in TABLE.items():
        assert f"{state.replace('-', '_')} --> {target.replace('-', '_')}: {happening}" in specification
