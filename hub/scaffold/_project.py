"""Own the files of a new plugin's project, made from templates; know nothing of where SDKs are found.

A template is a file of templates/LANGUAGE whose name ends in `.template`, so that no tool of this repository takes it for code.
In it stand `@NAME@` and what the project refers to on this machine, quoted for the language of the file: `@SDK_SH@` for shell,
`@SDK_JSON@` for JSON, TOML and go.mod.
"""

import json
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub._manifest import read_manifest, why_bad_name
from hub._names import printable
from hub.errors import UsageError

__all__ = ["LANGUAGES", "Project", "why_bad_module_name", "write_project"]

_TEMPLATES: Final = Path(__file__).parent / "templates"
_ENDING: Final = ".template"
_TESTS: Final[dict[str, tuple[str, ...]]] = {
    "python": ("./python", "-m", "unittest"),
    "go": ("go", "test", "./..."),
    "rust": ("./build.sh", "test"),
    "node": ("node", "--test"),
    "sh": ("./test.sh",),
}
LANGUAGES: Final = tuple(_TESTS)
# Addresses begin with the module's name, and these beginnings are the protocol's own (HUB-CAPS-2).
_RESERVED: Final = frozenset({"hub", "rpc"})
_RESERVED_PREFIX: Final = "module_"


@dataclass(frozen=True, slots=True)
class Project:
    """A project that was written: how it is built (None: not at all) and tested, in its directory."""

    name: str
    language: str
    directory: Path
    sdk: Path | None
    build: tuple[str, ...] | None
    test: tuple[str, ...]
    files: tuple[str, ...]


def why_bad_module_name(name: str) -> str | None:
    """Return why a new module cannot be called `name`, or None when it can."""
    if name in _RESERVED or name.startswith(_RESERVED_PREFIX):
        return f'is "{printable(name, 80)}", which is reserved: hub, rpc and module_... are the protocol\'s own'
    return why_bad_name(name)


def write_project(name: str, language: str, directory: Path, sdk: Path | None) -> Project:
    """Write a project into `directory`, which is made; `sdk` is what `find_sdk` returned.

    Raises:
        UsageError: it is there already, or cannot be written; nothing of it is left then.
    """
    if os.path.lexists(directory):
        hint = "choose another name, or say where it goes: --directory DIR"
        raise UsageError(f"cannot create plugin {name}: {directory} is there already", hint=hint)
    words = _words(name, sdk)
    try:
        with _beside(directory) as made:
            files = tuple(_write(language, made, words))
            made.rename(directory)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UsageError(
            f"cannot create plugin {name} in {directory}: {why}", hint="choose another place: --directory DIR"
        ) from error
    build = read_manifest(directory, default_name=name).build_command
    return Project(name, language, directory, sdk, build, _TESTS[language], files)


def _words(name: str, sdk: Path | None) -> dict[str, str]:
    place = str(sdk or "")
    return {
        "@NAME@": name,
        "@SDK_SH@": shlex.quote(place),
        "@SDK_JSON@": json.dumps(place, ensure_ascii=False),
        "@SDK_FILE_JSON@": json.dumps(f"file:{place}", ensure_ascii=False),
        "@PYTHON_SH@": shlex.quote(sys.executable),
    }


@contextmanager
def _beside(directory: Path) -> Generator[Path]:
    """Give a hidden directory beside `directory`: the project appears whole or not at all."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        # mkdtemp makes it for its owner alone; a project is as readable as any other file of the user's.
        mask = os.umask(0)
        os.umask(mask)
        made.chmod(0o777 & ~mask)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _write(language: str, directory: Path, words: dict[str, str]) -> Iterator[str]:
    folder = _TEMPLATES / language
    for template in sorted(folder.rglob(f"*{_ENDING}")):
        text = template.read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(word, value)
        name = template.relative_to(folder).as_posix().removesuffix(_ENDING)
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if text.startswith("#!"):
            path.chmod(path.stat().st_mode | 0o111)
        yield name
