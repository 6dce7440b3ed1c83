"""Own where interfaces are found on disk: the hub's own, and those in the directory of a plugin; know no modules."""

import os
from importlib import resources
from pathlib import Path
from typing import Final

from hub._interface import Interface, InterfaceVersion, read_interface
from hub._names import printable
from hub._registry import Plugin
from hub.errors import BadInterface

__all__ = ["brings_interfaces", "brought_by", "must_agree", "own_interfaces"]

_FOLDER: Final = "interfaces"
_CLONE: Final = Path(__file__).resolve().parents[1]
# A plugin that brings more describes no service that one person looks over.
_MAX_FILES: Final = 64
# As for the schemas of one function (HUB-CAPS-3): the largest of ours has 20 kB.
_MAX_FILE_BYTES: Final = 1024 * 1024


def own_interfaces() -> list[Interface]:
    """Return the interfaces of the hub itself: in a clone those in schemas/interfaces, else those installed with it."""
    place = _CLONE / "schemas" / _FOLDER
    found = place if place.is_dir() else resources.files("hub") / _FOLDER
    files = sorted((file for file in found.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    return [read_interface(file.read_bytes(), file=file.name, origin=None) for file in files]


def brings_interfaces(plugin: Plugin) -> bool:
    """Return whether there is a place for interfaces in a plugin's directory."""
    return not plugin.is_bare and (plugin.root / _FOLDER).is_dir()


def brought_by(plugin: Plugin) -> list[Interface]:
    """Return the interfaces in a plugin's directory.

    Raises:
        BadInterface: one cannot be used, or two disagree.
    """
    if not brings_interfaces(plugin):
        return []
    folder = plugin.root / _FOLDER
    found: dict[InterfaceVersion, Interface] = {}
    for file in _files(folder):
        shown = f"{plugin.name}/{_FOLDER}/{file.name}"
        try:
            with file.open("rb") as opened:
                content = opened.read(_MAX_FILE_BYTES + 1)
        except OSError as error:
            raise _unusable(plugin.name, shown, (error.strerror or str(error)).lower()) from None
        if len(content) > _MAX_FILE_BYTES:
            raise _unusable(plugin.name, shown, f"it is longer than {_MAX_FILE_BYTES} bytes")
        interface = read_interface(content, file=shown, origin=plugin.name)
        must_agree(interface, found.get(interface.identity), plugin.name)
        found[interface.identity] = interface
    return list(found.values())


def _files(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as listing:
            names = sorted(entry.name for entry in listing if entry.name.endswith(".json") and entry.is_file())
    except OSError as error:
        raise _unusable(folder.parent.name, str(folder), (error.strerror or str(error)).lower()) from None
    if len(names) > _MAX_FILES:
        raise _unusable(folder.parent.name, str(folder), f"it has more than {_MAX_FILES} interfaces")
    return [folder / name for name in names]


def _unusable(plugin: str, shown: str, why: str) -> BadInterface:
    return BadInterface(
        f"cannot read the interface in {printable(shown)}: {why}", data={"plugin": plugin, "file": shown, "pointer": ""}
    )


def must_agree(interface: Interface, known: Interface | None, plugin: str) -> None:
    """See that an interface is the one that is known by its name and version (HUB-IFACE-7)."""
    if known is None or known.is_same_as(interface):
        return
    whose = "the hub's own" if known.origin is None else f"that of {known.origin}"
    raise BadInterface(
        f"cannot use the interface {interface.identity} of {plugin}: it differs from {whose}",
        hint="bring the same file, or give yours another name or version",
        data={"plugin": plugin, "interface": str(interface.identity), "requirement": "HUB-IFACE-7", "pointer": ""},
    )
