"""Own `--config` of `hub plugin test`: a table as JSON, or a file that holds one; know no modules."""

import json
import tomllib
from pathlib import Path
from typing import Any, Final, cast

from hub.cli._strict_json import NotJson, read_json
from hub.errors import UsageError

__all__ = ["given_config"]

# More is no configuration.
_MOST_BYTES: Final = 1024 * 1024
_HINT: Final = """--config '{"base_url": "http://127.0.0.1:8080"}', or a file that ends in .json or .toml"""


def given_config(text: str) -> dict[str, Any]:
    """Return the table that `text` is, or that the file of this name holds.

    Raises:
        UsageError: there is none; the message says why.
    """
    if text.lstrip().startswith("{"):
        return _table(text, "--config", toml=False)
    try:
        with Path(text).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise UsageError(f"cannot use {text}: it is longer than {_MOST_BYTES} bytes", hint=_HINT)
        return _table(content.decode(), text, toml=text.endswith(".toml"))
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read {text}: it is not UTF-8", hint=_HINT) from error
    except (OSError, ValueError) as error:
        why = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot read {text}: {why}", hint=_HINT) from error


def _table(text: str, name: str, *, toml: bool) -> dict[str, Any]:
    try:
        # What TOML can say and JSON cannot (a date, inf) cannot be sent to a module.
        value: object = read_json(json.dumps(tomllib.loads(text)) if toml else text)
    except (NotJson, tomllib.TOMLDecodeError, TypeError, RecursionError) as error:
        raise UsageError(f"cannot use {name}: {error}", hint=_HINT) from error
    if not isinstance(value, dict):
        raise UsageError(f"cannot use {name}: it is no table", hint=_HINT)
    return cast("dict[str, Any]", value)
