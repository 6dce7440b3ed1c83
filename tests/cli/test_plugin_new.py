"""`hub plugin new` asks for what it needs, writes a whole project or nothing, and says in one line why not."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from hub.errors import UsageError
from hub.scaffold import find_sdk, write_project
from tests.cli.conftest import Hub
from tests.cli.terminal import Terminal

pytestmark = pytest.mark.process

_ALL = ["python", "go", "rust", "node", "sh"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "NAME is missing, and there is nobody to ask"),
        (["a"], "--lang is missing, and there is nobody to ask"),
        (["Greeter", "--lang", "sh"], 'NAME is "Greeter"; it must be lower-case'),
        (["a.so", "--lang", "sh"], 'NAME is "a.so"; it must be lower-case'),
        (["hub", "--lang", "sh"], 'NAME is "hub", which is reserved'),
        (["module_x", "--lang", "sh"], 'NAME is "module_x", which is reserved'),
        (["a" * 65, "--lang", "sh"], "NAME has 65 characters"),
        (["a", "--lang", "cobol"], '--lang is "cobol"; it must be one of python, go, rust, node, sh'),
        (["a", "--lang", "go", "--sdk", "/usr"], "cannot use /usr as the SDK for go: there is no go.mod in it"),
    ],
)
def test_what_cannot_be_is_one_clear_error(hub: Hub, words: list[str], why: str) -> None:
    done = hub("plugin", "new", *words)
    assert done.code == 2
    assert why in done.stderr.splitlines()[0]
    assert done.stderr.count("\n") == 2  # the error and its hint
    assert list(hub.plugins.iterdir()) == []


def test_a_directory_that_is_there_is_left_alone(hub: Hub) -> None:
    (hub.plugins / "a").mkdir()
    (hub.plugins / "a" / "mine").touch()
    done = hub("plugin", "new", "a", "--lang", "sh", "--json")
    assert (done.code, done.error["kind"]) == (2, "usage")
    assert "is there already" in done.error["message"]
    assert [path.name for path in hub.plugins.rglob("*")] == ["a", "mine"]


def test_a_directory_that_cannot_be_made_is_said_and_nothing_is_left(hub: Hub) -> None:
    (hub.plugins / "file").touch()
    done = hub("plugin", "new", "a", "--lang", "sh", "--directory", str(hub.plugins / "file" / "a"))
    assert done.code == 2
    assert "error: cannot create plugin a in " in done.stderr
    assert [path.name for path in hub.plugins.iterdir()] == ["file"]


@pytest.mark.parametrize("language", _ALL)
def test_a_project_has_manifest_module_test_and_readme(hub: Hub, language: str, tmp_path: Path) -> None:
    place = tmp_path / "some where" / "it's"
    written = hub("plugin", "new", "a", "--lang", language, "--directory", str(place), "--json").result
    assert written["directory"] == str(place)
    assert sorted(written["files"]) == sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    assert {"plugin.toml", "README.md"} < set(written["files"])
    assert "@" not in (place / "README.md").read_text()
    readme = (place / "README.md").read_text()
    assert "hub call a.greet --name Ada" in readme
    build = written["build"]
    assert (build is None) == (language in {"python", "sh"})
    for path in place.rglob("*"):
        text = path.read_text() if path.is_file() else ""
        assert os.access(path, os.X_OK) or not text.startswith("#!")
        for word in ("@NAME@", "@SDK", "@PYTHON"):
            assert word not in text


def test_the_lines_say_what_to_type_next(hub: Hub) -> None:
    done = hub("plugin", "new", "a", "--lang", "go", cwd=hub.plugins.parent)
    assert done.stdout == (
        "created plugins/a: .gitignore, README.md, go.mod, main.go, main_test.go, plugin.toml\n"
        "next:\n"
        "  (cd plugins/a && go build -buildvcs=false -o a .)\n"
        "  (cd plugins/a && go test ./...)\n"
        "  hub plugin test plugins/a\n"
        "  hub plugin approve a --plugins plugins\n"
        "  hub call a.greet --name Ada --plugins plugins\n"
    )


def test_at_a_terminal_it_asks_until_the_answer_will_do(hub: Hub) -> None:
    with Terminal(hub.argv("plugin", "new"), hub.environment()) as terminal:
        terminal.expect("Name of the module: ")
        terminal.type("Greeter\n")
        terminal.expect("it must be lower-case")
        terminal.type("greeter\n")
        terminal.expect("Language (python, go, rust, node, sh): ")
        terminal.type("sh\n")
        assert "created " in terminal.end()
    assert terminal.code == 0
    assert (hub.plugins / "greeter" / "module.sh").exists()


def test_at_a_terminal_the_end_of_input_is_an_answer_too(hub: Hub) -> None:
    with Terminal(hub.argv("plugin", "new", "a"), hub.environment()) as terminal:
        terminal.expect("Language")
        terminal.type("\x04")
        assert "cannot create a plugin: the answer is missing" in terminal.end()
    assert terminal.code == 2


def test_a_hub_without_a_clone_says_which_sdk_it_wants(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        find_sdk("rust", clone=tmp_path)
    assert "cannot find the SDK for rust" in raised.value.message
    assert "--sdk PATH" in (raised.value.hint or "")
    assert find_sdk("sh", clone=tmp_path) is None


def test_paths_that_need_quotes_are_quoted(tmp_path: Path) -> None:
    sdk = tmp_path / 'it\'s "here" $HOME'
    sdk.mkdir()
    project = write_project("a", "node", tmp_path / "a", sdk)
    assert project.sdk == sdk
    shown = json.loads((project.directory / "package.json").read_text())["dependencies"]["hub-sdk"]
    assert shown == f"file:{sdk}"
    (sdk / "dist").mkdir()
    script = (project.directory / "build.sh").read_text().replace("npm install --no-audit --no-fund", 'printf %s "$sdk"')
    done = subprocess.run(["sh", "-c", script, str(project.directory / "x")], capture_output=True, text=True, check=True)
    assert done.stdout == str(sdk)
