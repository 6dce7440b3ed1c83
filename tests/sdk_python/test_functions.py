"""Own the tests of how Python functions become functions of a module; know nothing of calls."""

import functools
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest

from hub_sdk import AsyncContext, BadModule, Context, Ge, Module, ModuleError
from hub_sdk.types import Refused, signature_of
from hub_sdk.types._docstrings import read_docstring


class NoSuchCity(ModuleError):
    """There is no city of that name."""

    code = 1001
    data: dict[str, str]


def made(**more: Any) -> Module:
    words: dict[str, Any] = {"version": "1.0.0", "license": "MIT", "authors": ["a"], **more}
    return Module("m", **words)


def shown(module: Module, name: str) -> dict[str, Any]:
    return module.definition.functions[name].shown


def test_a_function_is_described_by_its_signature_and_docstring() -> None:
    module = made()

    @module.function
    def report(city: str, days: Annotated[int, Ge(1)] = 3, *, deep: bool = False) -> list[str]:
        """Say what the weather will be.

        Better than a frog.

        Args:
            city: where
            days (int): how long,
                in days

        Returns:
            one line a day
        """
        return [city] * days if deep else []

    assert report("x", deep=True) == ["x", "x", "x"]  # it stays what it was
    assert shown(module, "report") == {
        "name": "report",
        "summary": "Say what the weather will be.",
        "description": "Better than a frog.",
        "params": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "where"},
                "days": {"type": "integer", "minimum": 1, "description": "how long, in days", "default": 3},
                "deep": {"type": "boolean", "default": False},
            },
            "required": ["city"],
            "additionalProperties": False,
        },
        "returns": {"type": "array", "items": {"type": "string"}},
    }


def test_options_are_shown_as_they_are_on_the_wire_and_absent_ones_not_at_all() -> None:
    module = made()

    @module.function(
        name="find-it",
        summary="Find it.",
        description="At once.",
        read_only=True,
        idempotent=False,
        timeout_seconds=2.5,
        deprecated={"since": "0.9.0", "use_instead": "seek"},
        errors=[NoSuchCity],
        examples=[{"params": {"city": "Oslo"}, "result": 1}, {"summary": "none", "params": {"city": ""}, "error": 1001}],
    )
    def find(city: str) -> int:
        raise NoSuchCity(data={"city": city})

    about = shown(module, "find-it")
    del about["params"], about["returns"]
    assert about == {
        "name": "find-it",
        "summary": "Find it.",
        "description": "At once.",
        "hints": {"read_only": True, "idempotent": False},
        "timeout_seconds": 2.5,
        "deprecated": {"since": "0.9.0", "use_instead": "seek"},
        "errors": [
            {
                "code": 1001,
                "message": "There is no city of that name.",
                "data": {"type": "object", "additionalProperties": {"type": "string"}},
            }
        ],
        "examples": [{"params": {"city": "Oslo"}, "result": 1}, {"summary": "none", "params": {"city": ""}, "error": 1001}],
    }
    assert find.__name__ == "find"


def test_a_context_is_no_argument() -> None:
    module = made()

    @module.function
    def one(ctx: Context, a: int) -> None: ...

    @module.function
    async def two(a: int, context: AsyncContext) -> None: ...

    for name in ("one", "two"):
        assert list(shown(module, name)["params"]["properties"]) == ["a"]


def test_a_decorated_function_has_the_signature_that_it_wraps() -> None:
    module = made()

    def twice(function: Callable[[int], int]) -> Callable[[int], int]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> int:
            return 2 * function(*args, **kwargs)

        return wrapped

    @module.function
    @twice
    def same(number: int) -> int:
        return number

    assert list(shown(module, "same")["params"]["properties"]) == ["number"]
    assert same(3) == 6


def no_annotation(a) -> None: ...  # noqa: ANN001  # pyright: ignore[reportMissingParameterType, reportUnknownParameterType]
def any_arguments(*args: int) -> None: ...
def any_words(**words: int) -> None: ...
def by_position(a: int, /) -> None: ...
def wrong_default(a: int = None) -> None: ...  # noqa: RUF013  # pyright: ignore[reportArgumentType]
def unknown_name(a: "Nowhere") -> None: ...  # noqa: F821  # pyright: ignore[reportUndefinedVariable, reportUnknownParameterType]
def wrong_context(ctx: AsyncContext) -> None: ...
async def wrong_async_context(ctx: Context) -> None: ...
def gives_bytes() -> bytes: ...
def wrong_directory(data_directory: bytes) -> None: ...
def generator() -> Iterator[int]:
    yield 1


WRONG: list[tuple[Any, str, str]] = [
    (no_annotation, "parameter 'a' has no annotation", "write its type: `a: str`"),
    (any_arguments, "takes *args or **kwargs", "name each parameter"),
    (any_words, "takes *args or **kwargs", "dict[str, Any]"),
    (by_position, "positional-only", "take the `/` out"),
    (wrong_default, "parameter 'a': its default does not fit", "| None = None"),
    (unknown_name, "'Nowhere', which is not known", "above its use"),
    (wrong_context, "parameter 'ctx' is a AsyncContext, which is for async functions", "annotate it with Context"),
    (wrong_async_context, "which is for sync functions", "annotate it with AsyncContext"),
    (gives_bytes, "its result: it is annotated bytes", "base64"),
    (generator, "it is a generator", "return a list"),
    (len, "it is a builtin_function_or_method, not a function", "def"),
]


@pytest.mark.parametrize(("handler", "complaint", "mend"), WRONG, ids=[case[0].__name__ for case in WRONG])
def test_a_function_that_cannot_be_called_is_one_error_with_its_name_its_place_and_a_mend(
    handler: Any, complaint: str, mend: str
) -> None:
    with pytest.raises(BadModule) as caught:
        made().function(handler)
    assert caught.value.message.startswith(f"cannot register function {handler.__name__!r}: ")
    assert complaint in caught.value.message
    assert mend in (caught.value.hint or "")
    assert str(caught.value) == f"{caught.value.message}\nhint: {caught.value.hint}"


@pytest.mark.parametrize(
    "name", ["module_info", "ping", "module_x", "rpc.x", "hub.call", "$/x", "1a", "a b", "", "x" * 65, "a\n"]
)
def test_a_reserved_or_unfit_name_is_refused(name: str) -> None:
    # HUB-CAPS-2; an empty name means "the function's own", which a lambda's is not.
    with pytest.raises(BadModule, match="cannot register function"):
        made().function(name=name)(lambda: None)


def test_a_name_can_be_given_once() -> None:
    module = made()
    module.function(name="one")(lambda: None)
    with pytest.raises(BadModule, match="twice"):
        module.function(name="one")(lambda: None)


@pytest.mark.parametrize(
    ("example", "complaint"),
    [
        ({"params": {"a": "x"}, "result": 1}, "params are wrong at /a"),
        ({"params": {"a": 1}, "result": "x"}, "result is wrong"),
        ({"params": {"a": 1}}, "neither result nor error"),
        ({"params": {"a": 1}, "result": 1, "error": 1}, "or both"),
        ({"params": {"a": 1}, "error": -31001}, "not the module's to answer"),
    ],
    ids=["params", "result", "neither", "both", "foreign"],
)
def test_an_example_that_is_not_true_is_refused(example: Any, complaint: str) -> None:
    # HUB-CAPS-5
    def f(a: int) -> int:
        return a

    with pytest.raises(BadModule, match=complaint):
        made().function(examples=[example])(f)


@pytest.mark.parametrize("code", [-32601, -31000, -32768, "1", True])
def test_an_error_class_cannot_take_a_code_of_the_hub(code: Any) -> None:
    # HUB-CAPS-6
    with pytest.raises(BadModule, match="cannot use code"):
        type("Taken", (ModuleError,), {"code": code})


def test_an_error_without_code_cannot_be_declared_or_raised() -> None:
    class Nameless(ModuleError):
        """No code."""

    with pytest.raises(BadModule, match="has no code"):
        made().function(name="f", errors=[Nameless])(lambda: None)
    with pytest.raises(BadModule, match="has no code"):
        Nameless()


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "1.0"},
        {"version": 1},
        {"license": " "},
        {"authors": []},
        {"authors": "me"},
        {"authors": [""]},
        {"description": "one line"},
        {"required_modules": {"system": "newest"}},
        {"required_modules": {"libsystem.so": "*"}},
        {"permissions": ["files"]},
        {"workers": 0},
        {"workers": 65},
    ],
    ids=str,
)
def test_what_the_hub_would_refuse_of_a_module_is_refused_where_it_is_written(wrong: dict[str, Any]) -> None:
    # HUB-INFO-2 to HUB-INFO-6, HUB-CAPS-7
    with pytest.raises(BadModule, match="cannot make a module with") as caught:
        made(**wrong)
    assert caught.value.hint


def test_hooks_take_what_is_on_offer_and_nothing_else() -> None:
    module = made()

    @module.on_init
    def start(config: dict[str, int], data_directory: str, ctx: Context) -> None: ...

    with pytest.raises(BadModule, match="two functions as on_init"):
        module.on_init(start)
    with pytest.raises(BadModule, match="which on_cleanup has not"):
        module.on_cleanup(start)
    with pytest.raises(BadModule, match="'data_directory' is neither"):
        made().on_init(wrong_directory)


DOCSTRINGS = {
    "google": "Do it.\n\nMore.\n\nArgs:\n    a: first\n        line\n    b (int): second\n\nRaises:\n    X: never\n",
    "numpy": "Do it.\n\nMore.\n\nParameters\n---\na : int\n    first\n    line\nb\n    second\n\nReturns\n-------\nint\n",
    "sphinx": "Do it.\n\nMore.\n\n:param a: first\n    line\n:param int b: second\n:returns: nothing\n",
}


@pytest.mark.parametrize("style", DOCSTRINGS)
def test_three_styles_of_docstrings_say_the_same(style: str) -> None:
    read = read_docstring(DOCSTRINGS[style])
    assert (read.summary, read.description, read.parameters) == ("Do it.", "More.", {"a": "first line", "b": "second"})


def test_a_docstring_without_sections_is_kept_as_it_is() -> None:
    read = read_docstring("One line\n    in two.\n\n    - a list: of things\n    - more\n")
    assert (read.summary, read.description) == ("One line in two.", "- a list: of things\n- more")
    assert read_docstring(None).summary == ""


def test_a_signature_without_inspect_is_the_same_as_with_it() -> None:
    def f(a: int, b: str = "x", *, c: float = 1.5, d: bool) -> None: ...

    signature = signature_of(f)
    assert signature.parameters == ["a", "b", "c", "d"]
    assert signature.defaults == {"b": "x", "c": 1.5}
    assert not signature.is_async
    with pytest.raises(Refused):
        signature_of(functools.partial(f, 1))
