"""Own where the SDK of a language is on this machine; know nothing of what is written with it.

None of the SDKs is published, so a new project refers to a directory: that of the clone which the hub itself runs from.
"""

from pathlib import Path
from typing import Final

from hub.errors import UsageError

__all__ = ["find_sdk"]

# What stands in the directory of an SDK and nowhere else.
_MARKS: Final = {"go": "go.mod", "node": "package.json", "python": "hub_sdk/__init__.py", "rust": "Cargo.toml"}
_CLONE: Final = Path(__file__).resolve().parents[2]


def find_sdk(language: str, given: Path | None = None, *, clone: Path = _CLONE) -> Path | None:
    """Return the absolute directory of the SDK for a language: `given`, else that of the clone; None for one that needs none.

    Raises:
        UsageError: there is no SDK; the hint says which directory is meant.
    """
    mark = _MARKS.get(language)
    if mark is None:
        return None
    sdk = given or clone / "sdk" / language
    if (sdk / mark).is_file():
        return sdk.resolve()
    hint = f"--sdk PATH is the directory sdk/{language} of a clone of the hub, the one with {mark} in it"
    if given is not None:
        raise UsageError(f"cannot use {given} as the SDK for {language}: there is no {mark} in it", hint=hint)
    raise UsageError(f"cannot find the SDK for {language}: this hub was not installed from a clone", hint=hint)
