"""Own what one function of a module is: made from a Python function, shown as a Function of the wire; know nothing of calls.

A signature is read from the code object: `inspect.signature` would say the same, for the price of importing inspect.
"""

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, Literal, NotRequired, TypedDict, cast

import msgspec
from msgspec import UNSET

from hub_protocol.errors import is_module_code
from hub_protocol.methods import is_function_name
from hub_sdk.types._annotations import Annotations, Refused, resolved_hints
from hub_sdk.types._docstrings import read_docstring
from hub_sdk.types._errors import BadModule, BadValue, ModuleError
from hub_sdk.types._objects import Members
from hub_sdk.types._shape import Definitions, Json, Schema, Shape, document

__all__ = ["Example", "Function", "Signature", "function_of", "signature_of"]

_VARARGS, _VARKEYWORDS, _GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x04, 0x08, 0x20, 0x80, 0x200


class Example(TypedDict):
    """One true example of a call, in JSON; the conformance runner executes it."""

    summary: NotRequired[str]
    params: NotRequired[dict[str, Any]]
    result: NotRequired[Any]
    error: NotRequired[int]


class Signature(msgspec.Struct, frozen=True):
    """What a Python function takes, by name, and gives."""

    parameters: list[str]
    defaults: dict[str, Any]
    hints: dict[str, Any]
    is_async: bool


class Function(msgspec.Struct, frozen=True):
    """One function of a module, ready to be called; `shown` is what capabilities say of it."""

    name: str
    handler: Callable[..., Any]
    params: Members
    returns: Shape | None
    context_parameter: str | None
    is_async: bool
    errors: tuple[type[ModuleError], ...]
    shown: dict[str, Json]


def signature_of(handler: Callable[..., Any]) -> Signature:
    """Return the signature of a plain function.

    Raises:
        Refused: arguments cannot reach it by name, or it is no plain function.
    """
    inner = cast("Any", handler)
    while hasattr(inner, "__wrapped__"):
        inner = inner.__wrapped__
    if not isinstance(inner, FunctionType):
        raise Refused(
            f"it is a {type(handler).__name__}, not a function", "write a function, `def` or `async def`, that calls it"
        )
    code = inner.__code__
    if code.co_flags & (_VARARGS | _VARKEYWORDS):
        raise Refused(
            "it takes *args or **kwargs", "name each parameter; for any members at all take one `options: dict[str, Any]`"
        )
    if code.co_posonlyargcount:
        raise Refused("it has positional-only parameters", "arguments go by name: take the `/` out of the signature")
    if code.co_flags & (_GENERATOR | _ASYNC_GENERATOR):
        raise Refused("it is a generator", "return a list; to tell how far it is, use the context's progress()")
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    positional = code.co_varnames[: code.co_argcount]
    given = inner.__defaults__ or ()
    defaults: dict[str, Any] = dict(zip(positional[len(positional) - len(given) :], given, strict=True))
    defaults.update(inner.__kwdefaults__ or {})
    # A decorator around an async function may itself be a plain function that returns the coroutine, so the innermost decides.
    return Signature(list(names), defaults, resolved_hints(inner), bool(code.co_flags & _COROUTINE))


def function_of(
    handler: Callable[..., Any],
    annotations: Annotations,
    contexts: dict[object, Literal["sync", "async"]],
    *,
    name: str,
    errors: Sequence[type[ModuleError]],
    examples: Sequence[Example],
    shown: dict[str, Json],
) -> Function:
    """Return the function for a handler; `contexts` tells which annotations mean "give me the context", for which functions.

    Raises:
        BadModule: it cannot be called through the protocol; the message says where and what to write.
    """
    if not is_function_name(name):
        raise BadModule(
            f"cannot register function {name!r}: the name is reserved or does not fit [A-Za-z][A-Za-z0-9_-]*, 64 characters",
            hint="give another one: @module.function(name=...)",
        )
    try:
        signature = signature_of(handler)
        context_parameter = _context_parameter(signature, contexts)
        documentation = read_docstring(handler.__doc__)
        params = Members(
            [
                annotations.member(
                    parameter,
                    signature.hints.get(parameter, UNSET),
                    signature.defaults,
                    documentation.parameters.get(parameter),
                    f"parameter {parameter!r}",
                )
                for parameter in signature.parameters
                if parameter != context_parameter
            ]
        )
        returns = _returns(signature, annotations)
        about: dict[str, Json] = {"name": name, "summary": documentation.summary, "description": documentation.description}
        about = {word: value for word, value in (about | shown).items() if value not in ("", None)}
        about["params"] = _params_schema(params)
        if returns is not None:
            about["returns"] = document(returns, "out")
        if errors:
            about["errors"] = [_declared(error, annotations) for error in errors]
        if examples:
            about["examples"] = [_checked(example, params, returns) for example in examples]
    except Refused as refused:
        raise BadModule(f"cannot register function {name!r}: {refused}", hint=refused.mend) from None
    return Function(name, handler, params, returns, context_parameter, signature.is_async, tuple(errors), about)


def _context_parameter(signature: Signature, contexts: dict[object, Literal["sync", "async"]]) -> str | None:
    kind = "async" if signature.is_async else "sync"
    for parameter in signature.parameters:
        hint = signature.hints.get(parameter, UNSET)
        wanted = contexts.get(hint) if isinstance(hint, type) else None
        if wanted is None:
            continue
        if wanted != kind:
            raise Refused(
                f"parameter {parameter!r} is a {hint.__name__}, which is for {wanted} functions",
                f"annotate it with {'AsyncContext' if signature.is_async else 'Context'}",
            )
        return parameter
    return None


def _params_schema(params: Members) -> Schema:
    definitions = Definitions("in")
    schema = params.schema(definitions)
    return {**schema, "$defs": definitions.schemas} if definitions.schemas else schema


def _returns(signature: Signature, annotations: Annotations) -> Shape | None:
    if "return" not in signature.hints:
        return None
    try:
        return annotations.shape(signature.hints["return"])
    except Refused as refused:
        raise Refused(f"its result: {refused}", refused.mend) from None


def _declared(error: type[ModuleError], annotations: Annotations) -> dict[str, Json]:
    """Return how capabilities declare one error class."""
    if not hasattr(error, "code"):
        raise Refused(f"error {error.__name__} has no code", "write `code = 1001` in the class")
    about: dict[str, Json] = {"code": error.code}
    message = error.message or (error.__doc__ or "").strip().partition("\n")[0]
    if message:
        about["message"] = message
    hint = resolved_hints(error).get("data", Any)
    if hint is not Any:
        about["data"] = document(annotations.shape(hint), "out")
    return about


def _checked(example: Example, params: Members, returns: Shape | None) -> dict[str, Json]:
    """Return an example that fits the function it is an example of (HUB-CAPS-5)."""
    mend = "an example holds JSON as it stands on the wire: params, and result or error"
    try:
        params.read(example.get("params", {}))
    except BadValue as error:
        raise Refused(f"an example's params are wrong at {error.pointer or '/'}: it {error}", mend) from None
    if ("result" in example) == ("error" in example):
        raise Refused("an example has neither result nor error, or both", mend)
    if "error" in example and not is_module_code(example["error"]) and example["error"] not in (-32602, -32603):
        raise Refused(f"an example's error code {example['error']} is not the module's to answer", mend)
    if "result" in example and returns is not None:
        try:
            returns.read(example["result"])
        except BadValue as error:
            raise Refused(f"an example's result is wrong at {error.pointer or '/'}: it {error}", mend) from None
    return cast("dict[str, Json]", {"params": {}} | dict(example))
