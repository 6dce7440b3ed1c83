"""Own what `hub plugin list` says of each plugin without running it; know no output."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from hub.cli._text import cut, harmless
from hub.errors import HubError

if TYPE_CHECKING:
    from hub import Hub, Plugin

__all__ = ["APPROVED", "BROKEN", "CHANGED", "NOT_APPROVED", "listing", "listing_lines"]

# Stable words of `--json`.
APPROVED: Final = "approved"
CHANGED: Final = "changed"
NOT_APPROVED: Final = "not approved"
BROKEN: Final = "broken"

_COLUMNS: Final = ("name", "version", "state", "path")
_GAP: Final = "  "
# The longest name of a module; a directory that is none may have a longer one.
_SHOWN_NAME_CHARACTERS: Final = 64


async def listing(hub: "Hub") -> list[dict[str, Any]]:
    """Return one row a plugin, by name: name, version (null where unknown), state, path, and the error of a broken one."""
    rows = [await _row(hub, plugin) for plugin in hub.registry.plugins.values()]
    for name, error in hub.registry.broken.items():
        rows.append(_broken(name, str(error.data.get("path", "")), error))
    return sorted(rows, key=lambda row: str(row["name"]))


async def _row(hub: "Hub", plugin: "Plugin") -> dict[str, Any]:
    version = plugin.manifest.version
    try:
        approval = hub.gate.store.get(plugin.name)
        state = NOT_APPROVED
        if approval is not None:
            state = APPROVED if (await hub.gate.digest(plugin)).digest == approval.content.digest else CHANGED
            version = version or approval.content.version
    except HubError as error:
        return _broken(plugin.name, str(plugin.path), error) | {"version": version}
    return {"name": plugin.name, "version": version, "state": state, "path": str(plugin.path)}


def _broken(name: str, path: str, error: HubError) -> dict[str, Any]:
    return {"name": name, "version": None, "state": BROKEN, "path": path, "error": error.to_json()}


def listing_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Return the rows for a person: columns, and below a broken plugin its reason and what to do."""
    cells = [_COLUMNS, *((_name(row), *(harmless(str(row[name] or "-")) for name in _COLUMNS[1:])) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_COLUMNS))]
    yield _line([name.upper() for name in _COLUMNS], widths)
    for row, line in zip(rows, cells[1:], strict=True):
        yield _line(line, widths)
        if "error" in row:
            yield harmless(f"{_GAP}{row['error']['message']}")
            if "hint" in row["error"]:
                yield harmless(f"{_GAP}hint: {row['error']['hint']}")


def _name(row: Mapping[str, Any]) -> str:
    # One that is too long must not make every other line as long; the reason below it has the whole.
    return cut(harmless(str(row["name"])), _SHOWN_NAME_CHARACTERS)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
