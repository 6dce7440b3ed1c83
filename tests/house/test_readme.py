"""Own the check that the READMEs show what the program prints, help texts included; know nothing of its commands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.consoles import Block, Step, blocks_of, is_printed
from tests.house.tree import ROOT, shown, text_files

pytestmark = pytest.mark.process

_README = ROOT / "README.md"
_CHECKED = ("checked", "checked elsewhere")
_WIDTH_COLUMNS = "100"

# One command of a README may start modules and ask them; what takes longer bores its reader too.
_COMMAND_SECONDS = 15
_ALL_SECONDS = 90


def _environment(sandbox: Path) -> dict[str, str]:
    places = {name: sandbox / name for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    # The runtime directory is the one of the test: it is short enough for a socket, and must be empty afterwards.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "XDG_RUNTIME_DIR") if name in os.environ}
    kept["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    plain = {"COLUMNS": _WIDTH_COLUMNS, "NO_COLOR": "1", "TERM": "dumb", "PYTHONWARNINGS": "error"}
    return kept | plain | {name: str(place) for name, place in places.items()}


def _fault_of(step: Step, directory: Path, environment: dict[str, str]) -> str | None:
    if not step.command.startswith("hub"):
        return f"`{step.command}` is no hub command, so it cannot be checked: give it a block of its own"
    done = subprocess.run(
        ["sh", "-c", step.command],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_COMMAND_SECONDS,
        check=False,
    )
    if is_printed(step.output, done.stdout):
        return None
    return (
        f"$ {step.command}\n--- the text says\n{step.output}--- the program prints (exit code {done.returncode})\n{done.stdout}"
    )


def _faults_of(blocks: list[Block], sandbox: Path) -> list[str]:
    environment, elsewhere = _environment(sandbox), sandbox / "elsewhere"
    elsewhere.mkdir()
    found: list[str] = []
    for block in blocks:
        if block.marker in _CHECKED:
            directory = elsewhere if block.marker == "checked elsewhere" else ROOT
            faults = ((step.line, _fault_of(step, directory, environment)) for step in block.steps)
            found += [f"line {line}: {fault}" for line, fault in faults if fault]
    return found


@pytest.mark.bound(_ALL_SECONDS, reason="runs every command of a README")
@pytest.mark.parametrize(
    "name", [shown(path) for path, text in text_files() if path.suffix == ".md" and "<!-- checked" in text]
)
def test_a_readme_shows_what_the_program_prints(name: str, tmp_path: Path) -> None:
    faults = _faults_of(blocks_of((ROOT / name).read_text()), tmp_path)
    assert not faults, f"{name}, " + "\n".join(faults)


def test_the_first_readme_has_blocks_that_are_checked() -> None:
    if not _README.exists():
        pytest.skip("README.md is not written yet")
    assert any(block.marker in _CHECKED and block.steps for block in blocks_of(_README.read_text()))


def test_every_block_that_shows_the_program_is_checked_or_says_why_not() -> None:
    faults = [
        f"{shown(path)}, line {block.line}: put `<!-- checked -->` or `<!-- not checked: why -->` before it"
        for path, text in text_files()
        if path.suffix == ".md"
        for block in blocks_of(text)
        if any(step.command.startswith("hub ") for step in block.steps)
        and block.marker not in _CHECKED
        and not block.marker.startswith("not checked: ")
    ]
    assert not faults, "\n".join(faults)


def test_a_block_that_shows_something_else_is_found(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "hub"
    program.write_text('#!/bin/sh\necho "hub 1: $*"\necho trouble >&2\n')
    program.chmod(0o755)
    command = f'hub() {{ "{program}" "$@"; }}; hub ps'
    environment = _environment(tmp_path)
    assert _fault_of(Step(1, command, "hub 1: ps\ntrouble\n"), tmp_path, environment) is None
    assert "the program prints" in (_fault_of(Step(1, command, "hub 2: ps\ntrouble\n"), tmp_path, environment) or "")
    assert "no hub command" in (_fault_of(Step(1, "ls", ""), tmp_path, environment) or "")


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("a\nb\n", "a\nb\n"),
        ("a  \n", "a\n\n"),
        ("up for ... seconds\n", "up for 3.25 seconds\n"),
        ("a\n...\nz\n", "a\nb\nc\nz\n"),
        ("a\n...\nz\n", "a\nz\n"),
        ("...\n", ""),
        ("1 (+) [x]\n", "1 (+) [x]\n"),
        ("", ""),
    ],
)
def test_three_dots_stand_for_any_text(expected: str, printed: str) -> None:
    assert is_printed(expected, printed)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("a\n", "b\n"),
        ("a\n", "a\nb\n"),
        ("a\nb\n", "a\n"),
        ("up ... seconds\n", "up 3\nseconds\n"),
        ("a\n...\n", "b\nc\n"),
        ("", "a\n"),
    ],
)
def test_everything_else_must_be_the_same(expected: str, printed: str) -> None:
    assert not is_printed(expected, printed)


def test_a_block_is_read_with_its_marker_its_commands_and_their_lines() -> None:
    text = (
        "# T\n\n<!-- checked -->\n```console\n$ hub ps\nnone\n\n$ hub call a.b \\\n> --x 1\n1\n```\n\n```console\n$ ls\n```\n"
    )
    first, second = blocks_of(text)
    assert (first.marker, second.marker) == ("checked", "")
    assert first.steps == (Step(5, "hub ps", "none\n\n"), Step(8, "hub call a.b --x 1", "1\n"))
    assert second.steps == (Step(14, "ls", ""),)
