"""Own how the words of a command line become the params of a function, by its own schema; know no process and no output."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from hub.cli._call_line import OWN_OPTIONS, PARAMETER_ESCAPE
from hub.cli._convert import Unfit, convert
from hub.cli._schema_shapes import Schema, is_secret, mapping, merged, shapes_of
from hub.cli._text import cut, harmless, listed
from hub.errors import HubError, InvalidArguments, UsageError

__all__ = ["Parameters", "parameters_of", "params_from_words", "told_by_option"]

# Names in a hint; more is what --help is for.
_SHOWN_NAMES: Final = 20
# What a flag without a value stands for.
_FLAG_ON: Final = "true"
_FLAG_OFF: Final = "false"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the params schema of a function says about its parameters; `others` is the schema of those that it does not name."""

    root: Schema
    properties: Mapping[str, object]
    required: Sequence[str]
    others: object | None
    alike: frozenset[str] = frozenset()  # how those are written with `-` that differ in `-` and `_` only

    def named(self, written: str) -> str | None:
        """Return the parameter that `written` means: itself, or the one that differs in `-` and `_` only."""
        if written in self.properties:
            return written
        plain = written.replace("-", "_")
        return next((name for name in self.properties if name.replace("-", "_") == plain), None)

    def option(self, name: str) -> str:
        """Return how the parameter `name` is written as an option here: as it is where another one looks like it."""
        option = _option_of(name)
        return f"--{name}" if option.removeprefix("--") in self.alike else option

    def schema(self, name: str) -> object:
        """Return the schema of the parameter `name`."""
        return self.properties.get(name, self.others)

    def kinds(self, name: str) -> set[str]:
        """Return the kinds that a value of `name` may have."""
        return {shape.kind for shape in shapes_of(self.schema(name), self.root)}


def parameters_of(schema: object) -> Parameters:
    """Return the parameters that a params schema names, also in its `allOf`, `anyOf` and `oneOf`."""
    root = mapping(schema)
    whole = merged(root, root)
    properties = dict(mapping(whole.get("properties")))
    for combination in ("anyOf", "oneOf"):
        branches = whole.get(combination)
        for branch in cast("list[object]", branches) if isinstance(branches, list) else []:
            properties = {**mapping(merged(branch, root).get("properties")), **properties}
    required = whole.get("required")
    names = [name for name in cast("list[object]", required) if isinstance(name, str)] if isinstance(required, list) else []
    # JSON Schema allows what it does not forbid. On a command line that would take each typing error for a parameter, so
    # here a function has to say explicitly that it takes others.
    others = whole.get("additionalProperties", False)
    written = Counter(name.replace("_", "-") for name in properties)
    alike = frozenset(plain for plain, count in written.items() if count > 1)
    return Parameters(root, properties, names, None if others is False else others, alike)


def _option_of(name: str) -> str:
    """Return how the parameter `name` is written as an option: `--page-size`; `--param:timeout` where the plain one is ours."""
    plain = name.replace("_", "-")
    if plain in OWN_OPTIONS or plain.startswith(("no-", PARAMETER_ESCAPE)) or "=" in name or not name:
        return f"--{PARAMETER_ESCAPE}{name}"
    return f"--{plain}"


def params_from_words(address: str, schema: object, words: Sequence[str], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params of a call: those of `base` (from `--params`), replaced by what `words` give, converted by `schema`.

    Raises:
        UsageError: a word is no option of this function; the hint names the nearest one and all.
        InvalidArguments: a value does not fit its parameter, or required parameters are missing; all of them are named.
    """
    reading = _Reading(address, parameters_of(schema))
    params = dict(base)
    for name, texts in reading.texts(words).items():
        params[name] = reading.value(name, texts)
    missing = [name for name in reading.parameters.required if name not in params]
    if missing:
        shown = listed([harmless(reading.parameters.option(name)) for name in missing], "and")
        raise InvalidArguments(
            f"cannot call {address}: missing {shown}", hint=reading.help_hint, data={"missing": missing, "function": address}
        )
    return params


def told_by_option(error: InvalidArguments, schema: object) -> InvalidArguments:
    """Return what the hub found wrong with the arguments of a call, told in options by its schema instead of JSON pointers."""
    parameters = parameters_of(schema)
    address = f"{error.data.get('module')}.{error.data.get('function')}"
    found = cast("list[dict[str, str]]", error.data.get("errors") or [])
    told = [f"{_place(mismatch['pointer'], parameters)}{mismatch['message']}" for mismatch in found]
    return InvalidArguments(f"cannot call {address}: {'; '.join(told)}", hint=error.hint, data=error.data) if told else error


def _place(pointer: str, parameters: Parameters) -> str:
    if not pointer:
        return ""
    name, slash, rest = pointer[1:].partition("/")
    option = harmless(parameters.option(name.replace("~1", "/").replace("~0", "~")))
    return f"{option}{f' at /{harmless(rest)}' if slash else ''}: "


class _Reading:
    """One pass over the words of one call."""

    def __init__(self, address: str, parameters: Parameters) -> None:
        self.address = harmless(address)
        self.parameters = parameters
        self.help_hint = f"`hub call {self.address} --help` shows what it takes"

    def texts(self, words: Sequence[str]) -> dict[str, list[str]]:
        """Return for each parameter the texts that were given for it, in order."""
        found: dict[str, list[str]] = {}
        rest = list(reversed(words))
        while rest:
            word = rest.pop()
            if not word.startswith("--") or word == "--":
                raise self._stray(word)
            written, equals, value = word[2:].partition("=")
            name, flag = self._name(written)
            if flag is not None and equals:
                raise UsageError(f"cannot call {self.address}: --{harmless(written)} takes no value", hint=self.help_hint)
            text = flag or (value if equals else self._value(name, written, rest))
            found.setdefault(name, []).append(text)
        return found

    def value(self, name: str, texts: list[str]) -> Any:
        """Return the value that `texts` mean for the parameter `name`."""
        schema, root = self.parameters.schema(name), self.parameters.root
        try:
            return convert(texts, schema, root)
        except Unfit as unfit:
            why = unfit.why if is_secret(schema, root) else str(unfit)
            raise InvalidArguments(
                f"cannot call {self.address}: {harmless(self.parameters.option(name))} {why}",
                hint=self.help_hint,
                data={"parameter": name, "function": self.address},
            ) from None

    def _name(self, written: str) -> tuple[str, str | None]:
        """Return the parameter that an option means, and `false` where it was switched off."""
        plain = written.removeprefix(PARAMETER_ESCAPE)
        if (name := self.parameters.named(written) or self.parameters.named(plain)) is not None:
            return name, None
        positive = self.parameters.named(plain[3:]) if plain.startswith(("no-", "no_")) else None
        if positive is not None and "boolean" in self.parameters.kinds(positive):
            return positive, _FLAG_OFF
        if self.parameters.others is not None and plain:
            return plain, None
        raise self._unknown(written)

    def _value(self, name: str, written: str, rest: list[str]) -> str:
        """Take the value of an option from the words after it; a boolean may do without."""
        if rest and not rest[-1].startswith("--"):
            return rest.pop()
        if "boolean" in self.parameters.kinds(name):
            return _FLAG_ON
        shown = f"--{harmless(written)}"
        hint = f"a value that begins with -- is written behind =: {shown}={cut(harmless(rest[-1]))}" if rest else self.help_hint
        raise UsageError(f"cannot call {self.address}: {shown} needs a value", hint=hint)

    def _stray(self, word: str) -> HubError:
        names = self._options()
        hint = f"parameters are given by name: {', '.join(names)}" if names else f"{self.address} takes no parameters"
        return self._usage(f"'{cut(harmless(word))}' is not an option", hint)

    def _unknown(self, written: str) -> HubError:
        names = self._options()
        shown = f"--{cut(harmless(written))}"
        if not names:
            return self._usage(f"it takes no parameters, but {shown} was given", None)
        from difflib import get_close_matches  # 6 ms that only a mistake has to pay

        near = get_close_matches(f"--{written.replace('_', '-')[:64]}", names, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        return self._usage(f"it has no parameter {shown}", f"{guess}it takes {', '.join(names)}")

    def _usage(self, why: str, hint: str | None) -> UsageError:
        data = {"function": self.address, "parameters": list(self.parameters.properties)[:_SHOWN_NAMES]}
        return UsageError(f"cannot call {self.address}: {why}", hint=hint or self.help_hint, data=data)

    def _options(self) -> list[str]:
        shown = [harmless(self.parameters.option(name)) for name in list(self.parameters.properties)[:_SHOWN_NAMES]]
        return [*shown, "…"] if len(self.parameters.properties) > _SHOWN_NAMES else shown
