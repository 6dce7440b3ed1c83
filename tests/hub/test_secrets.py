"""Prove that what is known to be secret is found and blacked out whatever its name, in each form, in whole and in cut texts."""

import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hub._calls import Progress
from hub._redact import REDACTED
from hub._secrets import Secrets
from hub.errors import CallTimeout, FunctionError, InvalidResult
from hub.events import Event

_PLANTED = 'pl4nted "s\\cret"/&<x>+ü='


def _knowing(*values: Any) -> Secrets:
    secrets = Secrets()
    for value in values:
        secrets.learn("ocean", value)
    return secrets


@pytest.mark.parametrize(
    "text",
    [
        _PLANTED,
        json.dumps({"a": _PLANTED}),
        json.dumps({"a": _PLANTED}, ensure_ascii=False),
        json.dumps({"a": json.dumps({"b": _PLANTED})}),
        json.dumps(_PLANTED).replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026"),
        f"https://example.org/?key={quote(_PLANTED, safe='')}&x=1",
        f"https://example.org/{quote(_PLANTED)}",
        f"key={quote_plus(_PLANTED)}",
        *(base64.b64encode(f"{user}:{_PLANTED}:x".encode()).decode() for user in ("a", "ab", "abc")),
        base64.urlsafe_b64encode(_PLANTED.encode()).decode(),
    ],
)
def test_each_form_of_a_secret_is_blacked_out(text: str) -> None:
    """HUB-CRED-5."""
    secrets = _knowing(_PLANTED)
    shown = secrets.black_out(f"before {text} after")
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert REDACTED in shown
    assert "cret" not in shown
    assert secrets.is_in({"x": [text]})


def test_what_is_shorter_than_eight_characters_or_no_text_is_no_secret() -> None:
    """HUB-CRED-5."""
    secrets = _knowing("1234567", 12345678, True, None, {"12345678": "a"})
    assert not secrets.known
    assert not secrets.is_in(["1234567", 12345678])
    assert secrets.black_out("1234567 12345678") == "1234567 12345678"


def test_every_text_inside_a_value_is_one_and_the_lines_of_a_key_each_too() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n"
    secrets = _knowing({"a": ["first-secret", {"b": "second-secret"}], "key": key})
    assert all(secrets.is_in(f"x{text}y") for text in ("first-secret", "second-secret", "AQEFAASCBKcwggSjAgEAAoIB"))
    assert not secrets.is_in(["-----BEGIN PRIVATE KEY-----", "a", "key"])


def test_the_name_of_a_member_can_hold_a_secret() -> None:
    secrets = _knowing("s3cret-name")
    assert secrets.is_in({"a": {"s3cret-name": 1}})
    assert secrets.black_out_value({"s3cret-name": ("s3cret-name", 1)}) == {REDACTED: [REDACTED, 1]}


def test_the_longest_secret_is_blacked_out_first() -> None:
    assert _knowing("s3cret-part", "s3cret-part-and-more").black_out("s3cret-part-and-more") == REDACTED


@pytest.mark.parametrize("text", ["it is 0123456789ab…", "it is 0123456789ab … cut"])
def test_the_beginning_of_a_secret_at_which_a_text_was_cut_is_blacked_out(text: str) -> None:
    secrets = _knowing("0123456789abcdef")
    assert secrets.black_out(text) == text.replace("0123456789ab", REDACTED)
    assert secrets.black_out("it is 0123456789ab") == "it is 0123456789ab", "nothing was cut here"


@given(st.text("abc", min_size=8, max_size=20), st.text("xyz", max_size=9), st.text("xyz", max_size=9), st.data())
def test_a_piece_of_a_text_holds_no_long_part_of_a_secret(secret: str, before: str, after: str, data: st.DataObject) -> None:
    whole = f"{before}{secret}{after}"
    begin = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(begin, len(whole)))
    piece = whole[begin:end]
    held = min(len(before) + len(secret), end) - max(len(before), begin)
    assume(held >= 8 or (held >= 4 and len(piece) > held))
    shown = _knowing(secret).black_out_piece(piece)
    assert REDACTED in shown
    assert not set("abc") & set(shown.replace(REDACTED, "").replace("…", ""))


def test_an_event_is_told_without_secrets_and_as_it_is_where_none_are_known() -> None:
    event = Event("log", "ocean", {"message": "s3cret-here", "fields": {"a": ["s3cret-here"]}})
    assert _knowing().black_out_event(event) is event
    told = _knowing("s3cret-here").black_out_event(event)
    assert (told.kind, told.module, told.time) == (event.kind, event.module, event.time)
    assert told.data == {"message": REDACTED, "fields": {"a": [REDACTED]}}


def test_progress_is_told_without_secrets() -> None:
    told: list[Progress] = []
    secrets = _knowing("s3cret-here")
    tell = secrets.black_out_progress(told.append)
    assert tell is not None
    tell(Progress(1, 2, "with s3cret-here"))
    tell(Progress(2))
    assert told == [Progress(1, 2, f"with {REDACTED}"), Progress(2)]
    assert secrets.black_out_progress(None) is None


def test_a_result_with_a_secret_is_refused_and_nothing_of_it_is_said() -> None:
    """HUB-CRED-5."""
    secrets = _knowing("s3cret-here")
    secrets.refuse_result("ocean", "f", {"a": "s3cret"})
    with pytest.raises(InvalidResult) as raised:
        secrets.refuse_result("ocean", "f", {"deep": [{"a": "x s3cret-here x"}], "other": "words"})
    assert (raised.value.kind, raised.value.code) == ("invalid_result", -31004)
    assert raised.value.data["requirement"] == "HUB-CRED-5"
    assert "words" not in str(raised.value.to_json())


@pytest.mark.parametrize(("message", "data"), [("no s3cret-here", None), ("words", {"a": ["s3cret-here"]})])
def test_an_error_of_a_function_with_a_secret_says_nothing(message: str, data: Any) -> None:
    """HUB-CRED-5."""
    seen = _knowing("s3cret-here").without_secrets("ocean", "f", FunctionError(message, code=7, data=data))
    assert seen.kind == "invalid_result"
    assert not {"words", "s3cret-here"} & set(str(seen.to_json()).replace("'", " ").split())


def test_an_error_of_the_hub_keeps_its_kind_without_the_secret_that_it_quotes() -> None:
    secrets = _knowing("s3cret-here")
    error = CallTimeout("late: s3cret-here", hint="see s3cret-here", data={"a": "s3cret-here"})
    assert secrets.without_secrets("ocean", "f", error) is error
    assert error.to_json() == {
        "kind": "timeout", "code": -31001, "message": f"late: {REDACTED}", "hint": f"see {REDACTED}", "data": {"a": REDACTED}
    }  # fmt: skip
    assert str(error) == f"late: {REDACTED}"
    harmless = FunctionError("words", code=7, data={"a": 1})
    assert secrets.without_secrets("ocean", "f", harmless) is harmless
    assert harmless.error_data == {"a": 1}


def test_a_module_that_fills_the_memory_of_secrets_loses_its_own_oldest_and_nobody_elses() -> None:
    secrets = _knowing("oldest-secret")
    secrets.learn("other", "of-another-module")
    secrets.learn("ocean", [f"secret-number-{number}" for number in range(256)])
    assert not secrets.is_in("oldest-secret")
    assert secrets.is_in("of-another-module")
    assert secrets.is_in("secret-number-0")
