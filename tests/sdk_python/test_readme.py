"""Own the check that the code in the SDK's README runs and prints what the README says; know nothing of the SDK itself."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "sdk" / "python" / "README.md"
BLOCK = re.compile(r"(?:<!-- (?P<mark>[^>]*) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)```\n", re.DOTALL)
BLOCKS = [(found["mark"] or "", found["language"], found["text"]) for found in BLOCK.finditer(README.read_text())]


def write_files(directory: Path) -> list[str]:
    files = {mark.removeprefix("file: "): text for mark, _, text in BLOCKS if mark.startswith("file: ")}
    for name, text in files.items():
        (directory / name).write_text(text)
    return sorted(files)


def steps() -> list[tuple[str, str]]:
    """Return each command that the README shows, with what it prints."""
    console = "".join(text for mark, _, text in BLOCKS if mark == "run")
    return [(command, output) for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", console, re.MULTILINE)]


@pytest.mark.process
@pytest.mark.bound(30, reason="runs the commands of a README, pytest among them")
def test_the_first_five_minutes_go_as_they_are_told(tmp_path: Path) -> None:
    assert write_files(tmp_path) == ["plugin.toml", "test_weather.py", "weather.py"]
    assert len(steps()) == 2
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command, output in steps():
        done = subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=15, check=False
        )
        pattern = ".*".join(re.escape(part) for part in output.split("...")) if "passed" in output else re.escape(output)
        assert re.fullmatch(pattern, done.stdout, re.DOTALL), (command, done.stdout, done.stderr)


@pytest.mark.process
def test_the_other_blocks_of_code_run_in_their_order(tmp_path: Path) -> None:
    write_files(tmp_path)
    blocks = [text for mark, language, text in BLOCKS if language == "python" and not mark]
    assert len(blocks) >= 4
    program = tmp_path / "program.py"
    program.write_text("\n".join([(tmp_path / "weather.py").read_text(), *blocks, "print(store)"]))
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=5, check=False)
    assert (done.stdout, done.stderr) == ("{'tidied': 2}\n", "")


def test_every_block_is_a_file_or_runs_or_is_no_python() -> None:
    assert {(mark.partition(":")[0], language) for mark, language, _ in BLOCKS} == {
        ("file", "toml"),
        ("file", "python"),
        ("run", "console"),
        ("", "python"),
    }
