"""Own what is mostly the matter with a program that never answers module_info, in words; know no checks."""

from typing import Final

from hub.conformance._session import Session

__all__ = ["hint_for_silence"]

# HUB-LIFE-4 gives a second; what was never flushed comes at the very end.
_LAST_WORDS_SECONDS: Final = 1.5
_HEADER: Final = b"content-length"

_FLUSH: Final = (
    "it answered once its input had ended, so it reads, works, and keeps its output back: "
    "flush standard output after each frame (HUB-OUT-2)"
)
_HEADERS: Final = 'it writes headers: say framing = "content-length" in plugin.toml (HUB-FRAME-20)'
_LINES: Final = 'it writes lines: take framing = "content-length" out of plugin.toml (HUB-FRAME-1)'
_LINE_FEED: Final = "it wrote a frame and did not end it: write one line feed behind each frame (HUB-FRAME-1)"
_PERHAPS: Final = (
    "most programs that seem to hang at their start have written and not flushed: flush standard output after each frame "
    '(HUB-OUT-2); one that expects headers needs framing = "content-length" in plugin.toml (HUB-FRAME-20)'
)


def hint_for_silence(session: Session, framing: str) -> str | None:
    """End the module's input, see what comes then, and return what to do; None where it says nothing about that."""
    before, half = session.wire.written(), session.wire.half
    session.wire.close_input()
    session.wire.drain(_LAST_WORDS_SECONDS)
    wrote = session.wire.written()
    if framing == "newline" and wrote.lower().lstrip().startswith(_HEADER):
        return _HEADERS
    if framing == "content-length" and wrote.lstrip().startswith(b"{"):
        return _LINES
    if framing == "newline" and half.lstrip().startswith(b"{"):
        return _LINE_FEED
    if not before and b'"jsonrpc"' in wrote:
        return _FLUSH
    return None if wrote else _PERHAPS
