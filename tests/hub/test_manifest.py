"""Own what holds for reading plugin.toml."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._manifest import Limits, Manifest, Supervision, parse_manifest, read_manifest
from hub.errors import BadManifest

_FULL = """
command = ["./bin/weather", "--quiet"]
name = "weather-eu"
version = "1.4.0"
framing = "content-length"
pass_environment = ["HTTPS_PROXY"]
permissions = ["store", "call:system"]

[environment]
TZ = "UTC"

[required_modules]
store = "^1.2"
"libold.so" = "whatever"

[config]
city = "Graz"
limits = { rows = 10, share = 0.5, on = true, tags = ["a", "b"] }

[build]
command = "cargo build --release"

[restart]
policy = "always"
critical = true
lazy = true
idle_stop_seconds = 300
restart_with_dependencies = true

[limits]
start_seconds = 20
init_seconds = 2.5
cleanup_seconds = 1
call_seconds = 60
memory_bytes = 268435456
max_in_flight = 8
"""


def _refused(text: str) -> BadManifest:
    with pytest.raises(BadManifest) as caught:
        parse_manifest("weather", text)
    assert caught.value.kind == "bad_manifest"
    assert caught.value.hint
    assert caught.value.message.startswith("cannot read plugin weather: plugin.toml")
    return caught.value


def test_a_command_is_enough_and_the_rest_has_defaults() -> None:
    assert parse_manifest("weather", 'command = "./run"') == Manifest(name="weather", command=("./run",), command_line=1)
    manifest = parse_manifest("weather", 'command = "./run"')
    assert manifest.framing == "newline"
    assert manifest.required_modules is None
    assert manifest.supervision == Supervision(policy="on-failure")
    assert manifest.limits == Limits()


def test_everything_that_may_be_said_is_understood() -> None:
    manifest = parse_manifest("weather", _FULL)
    assert (manifest.name, manifest.version, manifest.framing) == ("weather-eu", "1.4.0", "content-length")
    assert manifest.command == ("./bin/weather", "--quiet")
    assert manifest.environment == {"TZ": "UTC"}
    assert manifest.pass_environment == ("HTTPS_PROXY",)
    assert manifest.permissions == ("store", "call:system")
    assert manifest.required_modules == {"store": "^1.2", "libold.so": "whatever"}
    assert manifest.config == {"city": "Graz", "limits": {"rows": 10, "share": 0.5, "on": True, "tags": ["a", "b"]}}
    assert manifest.build_command == ("cargo", "build", "--release")
    assert manifest.supervision == Supervision("always", True, True, 300, True)
    assert manifest.limits == Limits(20, 2.5, 1, 60, 268435456, 8)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ('"./run --city Graz"', ("./run", "--city", "Graz")),
        ("\"./run 'two words'\"", ("./run", "two words")),
        ("'./run $HOME *'", ("./run", "$HOME", "*")),
        ('["./run", ""]', ("./run", "")),
    ],
)
def test_a_command_is_split_into_words_and_nothing_in_it_is_expanded(command: str, words: tuple[str, ...]) -> None:
    assert parse_manifest("weather", f"command = {command}").command == words


@pytest.mark.parametrize(
    ("key", "mend"),
    [
        ('framming = "newline"', "did you mean framing?"),
        ("[limits]\nstart_second = 1", "did you mean start_seconds?"),
        ("[restart]\npolicies = 1", "did you mean policy?"),
        ('[build]\ncomand = "make"', "did you mean command?"),
        ("zzz = 1", "a manifest may have build, command"),
    ],
)
def test_an_unknown_key_is_refused_and_the_nearest_known_one_named(key: str, mend: str) -> None:
    error = _refused(f'command = "./run"\n{key}\n')
    assert "is not a known key" in error.message
    assert mend in (error.hint or "")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("framing = 'lines'", 'line 3: framing is "lines"; it must be "newline" or "content-length"'),
        ("framing = 1", "line 3: framing must be a string"),
        ("name = 'Weather'", 'line 3: name is "Weather"; it must be lower-case'),
        (f"name = '{'a' * 65}'", "line 3: name has 65 characters"),
        ("version = '1.2'", 'line 3: version cannot be read: "1.2" is not a version'),
        ("environment = { '1A' = 'x' }", 'line 3: environment.1A has "1A", which is not the name'),
        ("environment = { A = 1 }", "line 3: environment.A must be a string"),
        ('environment = { A = "\\u0000" }', "line 3: environment.A has a NUL"),
        ("environment = ['A']", "line 3: environment must be a table"),
        ("pass_environment = ['A', 'A']", 'line 3: pass_environment names "A" twice'),
        ("pass_environment = ['A B']", 'line 3: pass_environment has "A B"'),
        ("pass_environment = [1]", "line 3: pass_environment has an entry that is not"),
        ('permissions = ["a\\u202eb"]', "line 3: permissions has an entry that is not"),
        ("required_modules = { store = 'newest' }", 'line 3: required_modules.store cannot be read: "newest" is not'),
        ("required_modules = { Store = '*' }", "line 3: required_modules.Store is not the name of a module"),
        ("config = { since = 2020-01-01 }", "line 3: config.since is a date or time"),
        ("config = { deep = [{ x = inf }] }", "line 3: config.deep.0.x is not a finite number"),
        ("config = { n = 9007199254740993 }", "line 3: config.n is an integer that"),
        (f"config = {{ x = {'[' * 20}{']' * 20} }}", "line 3: config is nested more than"),
        ("restart = { critical = 'yes' }", "line 3: restart.critical must be true or false"),
        ("limits = { call_seconds = 0 }", "line 3: limits.call_seconds is 0; it must be from"),
        ("limits = { call_seconds = nan }", "line 3: limits.call_seconds is nan; it must be from"),
        ("limits = { call_seconds = true }", "line 3: limits.call_seconds must be a number"),
        ("limits = { cleanup_seconds = 11 }", "line 3: limits.cleanup_seconds is 11; it must be from"),
        ("limits = { memory_bytes = 512 }", "line 3: limits.memory_bytes is 512"),
        ("limits = { max_in_flight = 1.5 }", "line 3: limits.max_in_flight must be an integer"),
        ("build = { command = [] }", "line 3: build.command must be a program"),
        ("name = ", "line 3: it is not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_key(line: str, says: str) -> None:
    assert says in _refused(f'command = "./run"\n\n{line}\n').message


@pytest.mark.parametrize("command", ["1", "[]", "['']", "[1]", "['./run', 2]", '""', '"./run \'"', '["a\\u0000"]'])
def test_a_command_that_is_none_is_refused(command: str) -> None:
    assert "plugin.toml line 1: command" in _refused(f"command = {command}").message


def test_a_missing_command_is_said_with_an_example() -> None:
    error = _refused("name = 'weather'")
    assert "it has no command" in error.message
    assert 'command = "./run"' in (error.hint or "")


def test_a_variable_cannot_be_both_set_and_passed_through() -> None:
    assert "which [environment] sets" in _refused('command = "x"\npass_environment = ["A"]\n[environment]\nA = "1"').message


def test_the_line_is_found_in_tables_and_not_in_multi_line_strings() -> None:
    text = 'command = "x"\n[config]\ntext = """\n[limits]\nmax_in_flight = 0\n"""\n[limits]\nmax_in_flight = 0\n'
    error = _refused(text)
    assert error.data == {"plugin": "weather", "file": "plugin.toml", "line": 8, "key": "limits.max_in_flight"}


def test_the_name_of_the_directory_is_the_default_and_must_be_one() -> None:
    with pytest.raises(BadManifest, match="it gives no name, and the name of the directory is") as caught:
        parse_manifest("My Plugin", 'command = "./run"')
    assert caught.value.hint == 'give one: name = "weather"'


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "a." * 5000 + "b = 1", "n = " + "9" * 5000, 'a = "\ud800"', "\0"])
def test_a_hostile_document_is_one_clear_error(text: str) -> None:
    _refused(text)


@given(st.text() | st.builds("command = {}".format, st.text()))
def test_any_text_is_a_manifest_or_one_error_with_a_mend(text: str) -> None:
    problem: BadManifest | None = None
    try:
        parse_manifest("weather", text)
    except BadManifest as error:
        problem = error
    assert problem is None or (problem.hint and problem.message.isprintable())


def _unreadable(directory: Path) -> BadManifest:
    with pytest.raises(BadManifest, match=f"cannot read plugin {directory.name}: plugin.toml") as caught:
        read_manifest(directory)
    assert caught.value.hint
    return caught.value


def test_a_file_that_cannot_be_a_manifest_is_one_clear_error_each(tmp_path: Path) -> None:
    file = tmp_path / "plugin.toml"
    assert "no such file" in _unreadable(tmp_path).message
    file.mkdir()
    assert "it is a directory" in _unreadable(tmp_path).message
    file.rmdir()
    os.mkfifo(file)
    assert "it is not a regular file" in _unreadable(tmp_path).message
    file.unlink()
    (tmp_path / "elsewhere").write_text('command = "x"')
    file.symlink_to("elsewhere")
    assert "it is a symbolic link" in _unreadable(tmp_path).message
    file.unlink()
    file.write_bytes(b'command = "x"\nname = "\xff"\n')
    assert "plugin.toml line 2: it is not UTF-8" in _unreadable(tmp_path).message
    file.write_bytes(b"#" * (256 * 1024 + 1))
    assert "it is longer than 262144 bytes" in _unreadable(tmp_path).message


def test_a_byte_order_mark_is_forgiven_and_the_digest_is_of_the_bytes(tmp_path: Path) -> None:
    directory = tmp_path / "weather"
    directory.mkdir()
    (directory / "plugin.toml").write_bytes(b'\xef\xbb\xbfcommand = "./run"\r\n')
    manifest = read_manifest(directory)
    assert manifest.command == ("./run",)
    assert manifest.name == "weather"
    assert manifest.sha256 is not None
    assert len(manifest.sha256) == 64


def test_a_manifest_cannot_be_changed_by_who_reads_it() -> None:
    manifest: Any = parse_manifest("weather", _FULL)
    for table in (manifest.environment, manifest.required_modules, manifest.config):
        with pytest.raises(TypeError):
            table["x"] = "y"
