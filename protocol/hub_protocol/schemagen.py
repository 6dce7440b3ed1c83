"""Own the files that are generated from the protocol: write, check or print them; must not know how any of them comes about.

`python -m hub_protocol.schemagen --write` after a change; `--check` in continuous integration.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from hub_protocol._bundle import bundle
from hub_protocol._drawings import redraw
from hub_protocol._metadata import metadata
from hub_protocol.version import PROTOCOL_VERSIONS

__all__ = ["documents", "main"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_SPECIFICATION: Final = Path("protocol/README.md")
_COMMAND: Final = "python -m hub_protocol.schemagen --write"


def _as_text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def documents(root: Path) -> dict[Path, str]:
    """Return every generated file below `root`, the repository: relative path to text."""
    folder = Path(f"schemas/v{PROTOCOL_VERSIONS[-1]}")
    return {
        folder / "hub.schema.json": _as_text(bundle()),
        folder / "meta.json": _as_text(metadata()),
        _SPECIFICATION: redraw((root / _SPECIFICATION).read_text(encoding="utf-8")),
    }


def _is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _check(root: Path, generated: dict[Path, str]) -> int:
    stale = [path for path, text in generated.items() if not _is_current(root / path, text)]
    for path in stale:
        print(f"cannot accept {path}: it is not what the protocol generates", file=sys.stderr)
    if stale:
        print(f"hint: run `{_COMMAND}` and commit what it changes", file=sys.stderr)
    return 1 if stale else 0


def _write(root: Path, generated: dict[Path, str]) -> int:
    for path, text in generated.items():
        if not _is_current(root / path, text):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            print(f"wrote {path}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the generator; return the exit status: 0 well, 1 stale files or no specification, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m hub_protocol.schemagen", description="Generate schemas/ and parts of README.md."
    )
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="write the files that changed")
    mode.add_argument("--check", action="store_true", help="exit with 1 when a file is not what would be written")
    mode.add_argument(
        "--print", action="store_true", help="print the schemas and meta.json as one JSON object, path to content"
    )
    parser.add_argument("--root", type=Path, default=_ROOT, help="the repository (default: the one this file is in)")
    options = parser.parse_args(arguments)
    try:
        generated = documents(options.root)
    except (OSError, ValueError) as error:
        print(f"cannot generate the schemas: {error}", file=sys.stderr)
        return 1
    if options.write:
        return _write(options.root, generated)
    if options.check:
        return _check(options.root, generated)
    shown = {path.as_posix(): json.loads(text) for path, text in generated.items() if path.suffix == ".json"}
    print(_as_text(shown), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
