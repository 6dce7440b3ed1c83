"""Own how the answers of many modules are shown: one table or one document, failures beside the rest, and the exit code.

Knows no call.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from hub.cli._exit_codes import OK, exit_code_of

if TYPE_CHECKING:
    from hub.cli._output import Output

__all__ = ["answer_rows", "exit_code_for", "show_answers"]

_WHO: Final = ("module", "account")
_ERROR: Final = "error"
_SOME_FAILED: Final = 1
_INDENT: Final = 2

Answers = Sequence[Mapping[str, Any]]


def show_answers(output: "Output", address: str, answers: Answers, unclear: Sequence[dict[str, Any]]) -> int:
    """Show the answers, objects with `module`, `account` and `result` or `error`, and return the exit code.

    Raises:
        NotFound: nobody was there to answer.
    """
    for error in unclear:
        output.warn(error)
    if not answers:
        from hub.errors import NotFound

        msg = f"cannot call {address}: no module implements it"
        raise NotFound(msg, hint="`hub interfaces` shows who implements what")
    _show(output, {"function": address, "answers": answers}, answers)
    if not output.json:
        for line in _words(answers):
            output.say(line)
    return exit_code_for(answers)


def _show(output: "Output", document: Mapping[str, Any], answers: Answers) -> None:
    if output.json or not output.is_terminal:
        output.document(document)
        return
    from hub.cli._table import is_tabular  # rich: only where it may be needed

    rows = answer_rows(answers)
    if rows is not None and is_tabular(rows):
        output.table(rows, last=_ERROR)
    else:
        output.document(document, indent=_INDENT)


def answer_rows(answers: Answers) -> list[dict[str, Any]] | None:
    """Return the rows of one table, or None where a result is neither a list of objects nor an object nor a plain value."""
    rows: list[dict[str, Any]] = []
    for answer in answers:
        who = {name: answer[name] for name in _WHO}
        if _ERROR in answer:
            rows.append({**who, _ERROR: answer[_ERROR]["kind"]})
            continue
        found = _rows_of(answer["result"])
        if found is None:
            return None
        # A list without an entry is an answer too.
        rows += [{**who, **_renamed(row, who)} for row in found or [{}]]
    return rows


def _rows_of(result: Any) -> list[Mapping[str, Any]] | None:
    if isinstance(result, dict):
        return [cast("dict[str, Any]", result)]
    if not isinstance(result, list):
        return [{"result": result}]
    entries = cast("list[Any]", result)
    return entries if all(isinstance(entry, dict) for entry in entries) else None


def _renamed(row: Mapping[str, Any], who: Mapping[str, str]) -> dict[str, Any]:
    """Return a row of a result without what our own columns say; a member of that name that says otherwise gets another."""
    taken = {*_WHO, _ERROR}
    return {f"result.{name}" if name in taken else name: cell for name, cell in row.items() if who.get(name, ...) != cell}


def _words(answers: Answers) -> Iterator[str]:
    hints: dict[str, None] = {}
    for answer in answers:
        if _ERROR in answer:
            error: Mapping[str, Any] = answer[_ERROR]
            yield f"error: {answer['module']} ({answer['account']}): {error['message']}"
            if error.get("hint"):
                hints[f"hint: {error['hint']}"] = None
    yield from hints


def exit_code_for(answers: Answers) -> int:
    """Return 0 where all answered, 1 where some failed; where all did, the code that their failures have in common, else 1."""
    failed = [answer[_ERROR] for answer in answers if _ERROR in answer]
    if not failed:
        return OK
    codes = {_code_of(error) for error in failed}
    return codes.pop() if len(failed) == len(answers) and len(codes) == 1 else _SOME_FAILED


def _code_of(error: Mapping[str, Any]) -> int:
    data: Any = error.get("data")
    executed: Any = cast("dict[str, Any]", data).get("may_have_executed") if isinstance(data, dict) else None
    return exit_code_of(error["kind"], may_have_executed=executed is True)
