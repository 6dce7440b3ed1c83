"""Prove that secrets do not stand in what is written down: by name, by value, in whole and in cut texts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._redact import REDACTED, redact


@pytest.mark.parametrize(
    "text",
    [
        '{"password":"SECRET1","a":1}',
        '{"api_key": "SECRET1\\"SECRET1", "b":{"Token":"SECRET1"}}',
        '{"a":"{\\"password\\":\\"SECRET1\\"}"}',
        '{"secret":"SECRET1 cut in the mid',
        '{"tokens":["SECRET1","SECRET1"]}',
        '{"credentials":{"user":"SECRET1","x":"SECRET1"}}',
        "AWS_SECRET_ACCESS_KEY=SECRET1/def next",
        "Authorization: Bearer SECRET1.x",
        "password: SECRET1, user: bar",
    ],
)
def test_what_is_named_like_a_secret_is_taken_out(text: str) -> None:
    assert "SECRET1" not in redact(text)
    assert REDACTED in redact(text)


@pytest.mark.parametrize("text", ['{"user":"ada","limit":3}', "tokenizer=fast", "the secret of success", '{"keys":["a"]}'])
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


@given(st.text(max_size=30).filter(lambda text: len(text) > 5), st.dictionaries(st.text(max_size=5), st.integers(), max_size=3))
def test_a_whole_document_is_still_json_without_the_secret(secret: str, others: dict[str, int]) -> None:
    found = json.loads(
        redact(json.dumps({"password": secret, "others": {f"n{name}": value for name, value in others.items()}}))
    )
    assert found["password"] == REDACTED


@given(st.text(max_size=60))
def test_any_text_is_taken(text: str) -> None:
    assert isinstance(redact(text), str)
