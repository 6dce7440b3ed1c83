"""Own the checks on files as such: their place, name, size and first line; know nothing of what is in them."""

import ast
import re
import statistics
from pathlib import Path

import pytest

from tests.house.tree import ROOT, is_test, python_files, shown, source_files, tracked_names

_MEDIAN_LINES = 150
_MAX_LINES = 400
_MAX_TEST_LINES = 500
_FIRST_LINE_CHARACTERS = 30

# Names that say nothing about what is inside, and so attract everything.
_SAYS_NOTHING = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}
_FOLDER_SAYS_NOTHING = _SAYS_NOTHING | {"core", "docs", "scripts"}

_TOP = {
    *("hub", "protocol", "sdk", "plugins", "tests", "schemas"),
    *("pyproject.toml", "requirements.txt", "Makefile", ".ci", ".gitignore"),
    *("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
}


def _lines_of(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def _first_line(path: Path, text: str) -> str:
    """Return the first line of the docstring of a Python file, of the comment of any other."""
    if path.suffix == ".py":
        return (ast.get_docstring(ast.parse(text, path.name)) or "").partition("\n")[0]
    lines = [line for line in text.splitlines() if not line.startswith("#!")]
    found = re.match(r"\s*(?://[/!]?|#|/\*\*?)\s*(.*)", lines[0] if lines else "")
    return found[1] if found else ""


def test_the_top_holds_what_every_reader_expects_and_no_more() -> None:
    unexpected = {name.partition("/")[0] for name in tracked_names()} - _TOP
    assert not unexpected, (
        f"{sorted(unexpected)}: find the room where it belongs, or change tests/house/test_files.py in review"
    )


def test_no_file_is_long() -> None:
    limits = {path: _MAX_TEST_LINES if is_test(path) else _MAX_LINES for path in source_files()}
    faults = [
        f"{shown(path)}: {_lines_of(path)} lines, {limit} at most" for path, limit in limits.items() if _lines_of(path) > limit
    ]
    assert not faults, "\n".join(faults)


def test_most_files_are_short() -> None:
    lengths = [_lines_of(path) for path in source_files() if not is_test(path)]
    assert statistics.median(lengths) <= _MEDIAN_LINES


def test_every_name_says_what_is_inside() -> None:
    faults: list[str] = []
    for name in tracked_names():
        *folders, file = name.split("/")
        # A name of several words is judged by its last: app_utils is as empty as utils.
        last_word = re.split(r"[_-]", file.partition(".")[0].lower())[-1]
        if last_word in _SAYS_NOTHING or not _FOLDER_SAYS_NOTHING.isdisjoint(folders):
            faults.append(name)
    assert not faults, "\n".join(faults)


def test_every_file_of_code_begins_by_saying_what_it_owns() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in source_files()}
    faults = [
        shown(path) for path, text in texts.items() if text.strip() and len(_first_line(path, text)) < _FIRST_LINE_CHARACTERS
    ]
    assert not faults, "first line missing, or too short to say what the file owns:\n" + "\n".join(faults)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.py", '"""Own the frames."""\nimport os\n', "Own the frames."),
        ("a.py", "import os\n", ""),
        ("a.go", "// Package frames owns the frames.\npackage frames\n", "Package frames owns the frames."),
        ("a.rs", "//! Own the frames.\n", "Own the frames."),
        ("a.ts", "/** Own the frames. */\n", "Own the frames. */"),
        ("a.sh", "#!/bin/sh\n# Own the frames.\n", "Own the frames."),
        ("a.js", "import fs from 'fs'\n", ""),
    ],
)
def test_the_first_line_is_found_in_every_language(name: str, text: str, line: str) -> None:
    assert _first_line(Path(name), text) == line


def test_every_module_lists_its_names() -> None:
    faults = [
        shown(path)
        for path in python_files("hub", "protocol", "sdk/python/hub_sdk")
        if path.name != "__main__.py" and path.read_text().strip() and not _has_all(path)
    ]
    assert not faults, "without __all__:\n" + "\n".join(faults)


def _has_all(path: Path) -> bool:
    targets = [
        target
        for node in ast.parse(path.read_text(), path.name).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def test_the_facade_of_the_hub_re_exports_and_does_nothing_else() -> None:
    facade = ROOT / "hub" / "__init__.py"
    if not facade.exists():
        pytest.skip("hub/__init__.py is not written yet")
    extra = [node for node in ast.parse(facade.read_text()).body if not _re_exports(node)]
    assert not extra, [ast.unparse(node)[:80] for node in extra]


def _re_exports(node: ast.stmt) -> bool:
    """Return whether `node` imports, lists names, or is the machinery that imports a name at its first use."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Assign() | ast.AnnAssign() | ast.Expr(value=ast.Constant()):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body, orelse=[]):
            return all(_re_exports(inner) for inner in body)
        case ast.FunctionDef(name="__getattr__" | "__dir__"):
            return True
        case _:
            return False


def test_a_facade_that_does_something_is_found() -> None:
    assert [_re_exports(node) for node in ast.parse("import a\nprint(1)\nif x: import b\ndef f(): ...\n").body] == [
        True,
        False,
        False,
        False,
    ]
