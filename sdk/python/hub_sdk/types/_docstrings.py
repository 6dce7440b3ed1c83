"""Own how a docstring is read: summary, description, what each parameter means; know nothing of functions or schemas.

Three styles are known (Google, NumPy, Sphinx), as far as parameters go; other sections are left out of the description.
"""

import re

import msgspec

__all__ = ["Documentation", "read_docstring"]


class Documentation(msgspec.Struct, frozen=True):
    """What a docstring says; empty strings where it says nothing."""

    summary: str = ""
    description: str = ""
    parameters: dict[str, str] = {}


_PARAMETER_SECTIONS = frozenset({"args", "arguments", "parameters", "params", "attributes"})
_OTHER_SECTIONS = frozenset(
    {"returns", "return", "raises", "yields", "examples", "example", "note", "notes", "see also", "warnings", "references"}
)
_GOOGLE_ITEM = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")
_NUMPY_ITEM = re.compile(r"(\w+)\s*(?::.*)?$")
_SPHINX_ITEM = re.compile(r":(?:param|arg|parameter)\s+(?:[^:]*\s)?(\w+)\s*:\s*(.*)")
_SPHINX_FIELD = re.compile(r":\w+[^:]*:")


def read_docstring(text: str | None) -> Documentation:
    """Return what a docstring says."""
    if not text:
        return Documentation()
    lines = _dedented(text)
    prose: list[str] = []
    parameters: dict[str, str] = {}
    at = 0
    while at < len(lines):
        end = _section_end(lines, at)
        if end is None:
            prose.append(lines[at])
            at += 1
            continue
        body = lines[at:end]
        if _SPHINX_FIELD.match(body[0]):
            _read_sphinx(body, parameters)
        elif body[0].strip().rstrip(":").lower() in _PARAMETER_SECTIONS:
            _read_items(body, parameters)
        at = end
    paragraphs = [part.strip() for part in "\n".join(prose).split("\n\n")]
    summary = " ".join(paragraphs[0].split())
    return Documentation(summary, "\n\n".join(part for part in paragraphs[1:] if part), parameters)


def _dedented(text: str) -> list[str]:
    lines = text.expandtabs().strip().split("\n")
    margins = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(margins, default=0)
    return [lines[0].strip(), *(line[margin:].rstrip() for line in lines[1:])]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _section_end(lines: list[str], at: int) -> int | None:
    """Return where the section that begins at `at` ends, or None when none begins there."""
    line = lines[at]
    if _SPHINX_FIELD.match(line):
        end = at + 1
        while end < len(lines) and _indent(lines[end]):
            end += 1
        return end
    name = line.strip().rstrip(":").lower()
    if _indent(line) or name not in _PARAMETER_SECTIONS | _OTHER_SECTIONS:
        return None
    underlined = at + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[at + 1].strip()) is not None
    if not underlined and not line.rstrip().endswith(":"):
        return None
    end = at + (2 if underlined else 1)
    while end < len(lines) and not _begins_other(lines, end, underlined=underlined):
        end += 1
    return end


def _begins_other(lines: list[str], at: int, *, underlined: bool) -> bool:
    if underlined:
        return at + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[at + 1].strip()) is not None
    return bool(lines[at].strip()) and not _indent(lines[at])


def _read_items(body: list[str], parameters: dict[str, str]) -> None:
    numpy = len(body) > 1 and set(body[1].strip()) == {"-"}
    items = body[2:] if numpy else body[1:]
    margin = min((_indent(line) for line in items if line.strip()), default=0)
    name = ""
    for line in items:
        if not line.strip():
            continue
        found = (_NUMPY_ITEM if numpy else _GOOGLE_ITEM).match(line.strip()) if _indent(line) == margin else None
        if found:
            name = found[1]
            parameters[name] = "" if numpy else found[2].strip()
        elif name:
            parameters[name] = f"{parameters[name]} {line.strip()}".strip()


def _read_sphinx(body: list[str], parameters: dict[str, str]) -> None:
    found = _SPHINX_ITEM.match(body[0])
    if found:
        parameters[found[1]] = " ".join([found[2], *(line.strip() for line in body[1:])]).strip()
