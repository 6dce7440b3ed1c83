"""Own the checks of everything that the module wrote in the whole run; they look at nothing themselves and come last."""

from typing import Final

from hub.conformance._check import Level, watched

__all__ = ["CHECKS"]

_AREA: Final = "output"
_ENCODER: Final = "write frames with a JSON encoder in its strict, compact mode, and a line feed behind each"
_REFUSE: Final = "check results before you write them, and answer -32603 instead"

_RULES: Final[tuple[tuple[str, Level, str, str], ...]] = (
    (
        "HUB-OUT-1/writes-frames-only",
        Level.MUST,
        "frames, and nothing else",
        "print to standard error; move standard output out of reach of libraries and children (the SDKs do)",
    ),
    ("HUB-FRAME-2/writes-one-line", Level.MUST, "each message on one line", "switch indentation off"),
    ("HUB-FRAME-2/writes-objects", Level.MUST, "frames that are objects", "write no batches and no bare values"),
    ("HUB-FRAME-4/writes-within-the-limit", Level.MUST, "frames of at most 16 MiB", "answer in pages, or with an error"),
    ("HUB-FRAME-5/writes-no-byte-order-mark", Level.MUST, "no EF BB BF", "choose the encoding utf-8, not utf-8-sig"),
    ("HUB-FRAME-5/writes-utf-8", Level.MUST, "UTF-8", "set the encoding of standard output to UTF-8"),
    ("HUB-FRAME-6/writes-json", Level.MUST, "JSON by RFC 8259", _ENCODER),
    ("HUB-FRAME-7/writes-at-most-64-deep", Level.MUST, "at most 64 levels", _REFUSE),
    ("HUB-FRAME-8/writes-each-name-once", Level.MUST, "each member name once in an object", "merge the members first"),
    ("HUB-FRAME-9/writes-safe-integers", Level.MUST, "integers within ±(2^53 - 1)", "write larger ones as strings"),
    ("HUB-FRAME-9/writes-no-overflow", Level.MUST, "numbers that a double can hold", _REFUSE),
    ("HUB-FRAME-10/writes-no-lone-surrogate", Level.MUST, "strings that are Unicode", "replace what is not"),
    ("HUB-FRAME-20/writes-good-headers", Level.MUST, "Content-Length and an empty line", "count bytes, not characters"),
    ("HUB-MSG-1/writes-jsonrpc-2.0", Level.MUST, 'jsonrpc with the string "2.0"', 'add "jsonrpc": "2.0"'),
    ("HUB-MSG-4/result-or-error", Level.MUST, "exactly one of result and error", "leave the other one out, do not write null"),
    ("HUB-MSG-4/has-the-id", Level.MUST, "the id of the request", "write the id back"),
    ("HUB-MSG-4/fits-the-schema", Level.MUST, "a response as in schemas/v1", "compare with schemas/v1/hub.schema.json"),
    ("HUB-MSG-5/errors-have-their-form", Level.MUST, "an object with code, an integer, and message, a string", "build it so"),
    ("HUB-MSG-2/writes-good-requests", Level.MUST, "requests and notifications as in schemas/v1", "correct method or params"),
    ("HUB-MSG-2/writes-good-notifications", Level.MUST, "params as in the table of notifications", "correct the params"),
    ("HUB-ID-3/echoes-the-very-id", Level.MUST, "same type, same value", "keep the id as the JSON value that came"),
    ("HUB-ID-4/answers-once", Level.MUST, "exactly one answer to a request", "look for a second path that answers"),
    ("HUB-ID-4/answers-what-was-asked", Level.MUST, "answers to requests only", "write no response of your own accord"),
    ("HUB-VER-3/uses-features-in-force", Level.MUST, "only features that both sides named", "look at features of module_info"),
)

CHECKS: Final = tuple(watched(check, level, _AREA, right, mend) for check, level, right, mend in _RULES)
