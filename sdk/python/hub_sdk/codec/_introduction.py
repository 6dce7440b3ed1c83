"""Own what module_info carries, both ways; know nothing of functions."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from hub_protocol.limits import MAX_FRAME_BYTES
from hub_protocol.methods import REQUIREMENT_PATTERN, SEMVER_PATTERN, is_file_name, is_module_name
from hub_protocol.version import FEATURES, agree_features, pick_version
from hub_sdk.types import BadModule, Json

__all__ = ["Information", "Offer", "introduce", "show_information"]


_TEXTS: Final[dict[str, tuple[Callable[[str], object], str]]] = {
    "name": (is_module_name, 'a small letter, then small letters, digits, _ and -, 64 at most, such as "weather"'),
    "version": (re.compile(SEMVER_PATTERN).fullmatch, 'three numbers, such as "1.4.0" (semver.org)'),
    "license": (str.strip, 'an SPDX expression, such as "MIT" or "MIT OR Apache-2.0"'),
}


class Information(msgspec.Struct, frozen=True):
    """What a module says about itself."""

    name: str
    version: str
    license: str
    authors: Sequence[str]
    description: Sequence[str] = ()
    required_modules: Mapping[str, str] = {}
    extra_info: Mapping[str, str] = {}
    homepage: str | None = None

    def __post_init__(self) -> None:
        """Refuse what the hub would refuse, where the author sees it first."""
        for name, (fits, mend) in _TEXTS.items():
            text: Any = getattr(self, name)  # an author without a type checker may have given anything
            if not isinstance(text, str) or not fits(text):
                _refuse(text, name, mend)
        for name in ("authors", "description"):
            lines = getattr(self, name)
            if isinstance(lines, str) or not all(isinstance(line, str) for line in lines):
                _refuse(lines, name, f'a list of strings, such as {name}=["..."]')
        if not self.authors or not all(author.strip() for author in self.authors):
            _refuse(self.authors, "authors", 'at least one, such as ["Ada <ada@example.org>"]')
        for name, requirement in self.required_modules.items():
            if is_file_name(name) or not is_module_name(name):
                _refuse(name, "required_modules", 'names of modules, not of files, such as {"system": "^1.0"}')
            if not re.fullmatch(REQUIREMENT_PATTERN, requirement):
                _refuse(requirement, f"required_modules[{name!r}]", 'a requirement such as "^1.2", "~1.2.3", ">=1.0,<2" or "*"')


def _refuse(value: object, name: str, mend: str) -> None:
    raise BadModule(f"cannot make a module with {name} {value!r}", hint=f"{name} is {mend}")


class Offer(msgspec.Struct, frozen=True):
    """What hub and module have agreed on."""

    version: int = 1
    features: frozenset[str] = frozenset()
    max_frame_bytes: int = MAX_FRAME_BYTES


def introduce(params: dict[str, Any]) -> Offer:
    """Return what is agreed when the hub's module_info has these params.

    Raises:
        RemoteProtocolError: there is no common version (HUB-VER-2).
    """
    version = pick_version(params.get("protocol_versions"))
    named: Any = params.get("features")
    features = [name for name in cast("list[Any]", named) if isinstance(name, str)] if isinstance(named, list) else []
    limit = params.get("max_frame_bytes")
    # A limit so small that no error object fits would leave us no way to answer at all.
    good_limit = limit if type(limit) is int and limit >= 1024 else MAX_FRAME_BYTES  # noqa: PLR2004
    return Offer(version, agree_features(frozenset(FEATURES), features), good_limit)


def show_information(information: Information, offer: Offer) -> dict[str, Json]:
    """Return the result of module_info; absent means absent (HUB-MSG-8)."""
    shown: dict[str, Json] = {name: value for name, value in msgspec.to_builtins(information).items() if value}
    return {**shown, "protocol_version": offer.version, "features": sorted(FEATURES)}
