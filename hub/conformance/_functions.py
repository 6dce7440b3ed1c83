"""Own what the capabilities say of functions, read with mistrust, and whether an answer is a right one; know no sessions."""

import json
import shlex
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, cast

from hub._validators import SchemaValidator, compile_schema, why_bad_schema
from hub.conformance._members import members, objects
from hub.conformance._session import Answer
from hub_protocol.errors import ERRORS, is_module_code

__all__ = ["TestedFunction", "functions_of"]

_TAKES_NOTHING: Final[dict[str, Any]] = {"type": "object", "additionalProperties": False}
# Longer ones are in the transcript.
_SHOWN_CHARACTERS: Final = 2_000


@dataclass(frozen=True)
class TestedFunction:
    """One function of the module; only what can be used of a broken declaration is here."""

    __test__ = False

    name: str
    declaration: dict[str, Any] = field(repr=False)

    @cached_property
    def params(self) -> dict[str, Any]:
        """The schema of the arguments."""
        found = self.declaration.get("params")
        return cast("dict[str, Any]", found) if isinstance(found, dict) and why_bad_schema(found) is None else _TAKES_NOTHING

    @cached_property
    def arguments(self) -> SchemaValidator:
        """The compiled `params`."""
        return compile_schema(self.params)

    @cached_property
    def returns(self) -> SchemaValidator | None:
        """The compiled `returns`; None where any value will do."""
        found = self.declaration.get("returns")
        usable = isinstance(found, dict | bool) and found is not True and why_bad_schema(found) is None
        return compile_schema(cast("Any", found)) if usable else None

    @property
    def hints(self) -> dict[str, Any]:
        """`read_only` and the others."""
        found = self.declaration.get("hints")
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}

    @property
    def has_effects(self) -> bool:
        """Whether calling it may change something, or reach something outside that is not there for a test."""
        return not self.is_read_only or self.hints.get("open_world") is True

    @property
    def is_read_only(self) -> bool:
        """Whether it is declared to change nothing."""
        return self.hints.get("read_only") is True and not self.is_destructive

    @property
    def is_destructive(self) -> bool:
        """Whether it is declared to destroy something."""
        return self.hints.get("destructive") is True

    @property
    def examples(self) -> list[dict[str, Any]]:
        """The examples that are objects."""
        return objects(self.declaration.get("examples"))

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The declared errors that are objects."""
        return objects(self.declaration.get("errors"))

    def command(self, module: str, params: dict[str, Any]) -> str:
        """Return the `hub call` command that makes this call."""
        text = json.dumps(params, ensure_ascii=False, separators=(",", ":"))
        given = f" --params {shlex.quote(text)}" if params else ""
        return f"hub call {module}.{self.name}{given}"[:_SHOWN_CHARACTERS]

    def faults_of(self, answer: Answer, *, host_refused: bool) -> list[tuple[str, str]]:
        """Return which checks the answer to a call with good arguments fails, and why."""
        if answer.is_result:
            found = self.returns.mismatches(answer.result) if self.returns is not None else []
            where = f"{found[0].pointer or 'the result'}: {found[0].message}" if found else ""
            return [("HUB-CALL-1/results-fit", where)] if found else []
        return self._error_faults(answer, host_refused=host_refused)

    def _error_faults(self, answer: Answer, *, host_refused: bool) -> list[tuple[str, str]]:  # noqa: PLR0911 - one for each code
        code = answer.code
        if code is None:
            return []  # its form is watched elsewhere
        if is_module_code(code):
            return self._own_error_faults(code, answer)
        if code == ERRORS["invalid_params"].code:
            return [("HUB-CALL-2/takes-what-its-schema-allows", "arguments that fit its schema are answered with -32602")]
        if code == ERRORS["host_call_failed"].code and host_refused:
            return []
        if code in {spec.code for kind, spec in ERRORS.items() if kind in {"cancelled", "timeout"}}:
            return []
        if code == ERRORS["internal_error"].code:
            return [("HUB-CALL-1/good-arguments-do-not-break-it", "arguments that fit its schema make it fail unexpectedly")]
        return [("HUB-CALL-3/own-codes-are-outside", f"it answers with {code}, which is not a module's to use")]

    def _own_error_faults(self, code: int, answer: Answer) -> list[tuple[str, str]]:
        declared = [error for error in self.errors if error.get("code") == code]
        if not declared:
            return [("HUB-CALL-3/declares-its-errors", f"it answers with {code}, which it did not declare")]
        schema = declared[0].get("data")
        if isinstance(schema, dict) and why_bad_schema(schema) is None and "data" in answer.error:
            found = compile_schema(cast("dict[str, Any]", schema)).mismatches(answer.error["data"])
            if found:
                return [("HUB-CALL-3/error-data-fits", f"{found[0].pointer or 'data'}: {found[0].message}")]
        return []


def functions_of(capabilities: object) -> list[TestedFunction]:
    """Return the functions that can be called at all, in their order, each name once."""
    found: dict[str, TestedFunction] = {}
    for declaration in objects(members(capabilities).get("functions")):
        name = declaration.get("name")
        if isinstance(name, str) and 0 < len(name) <= 128:  # noqa: PLR2004 - HUB-MSG-2
            found.setdefault(name, TestedFunction(name, declaration))
    return list(found.values())
