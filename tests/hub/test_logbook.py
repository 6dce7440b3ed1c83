"""Own the proof that the newest log records of each module are remembered, within bounds, and no other event is."""

from hub._logbook import Logbook
from hub.events import Event


def _log(module: str, message: str) -> Event:
    return Event("log", module, {"level": "info", "message": message, "source": "stderr"}, time=1.5)


def _messages(book: Logbook, module: str, count: int = 1000) -> list[str]:
    return [record["message"] for record in book.last(module, count)]


def test_records_of_each_module_are_kept_apart_and_in_order() -> None:
    book = Logbook()
    for event in (_log("a", "1"), _log("b", "2"), _log("a", "3"), Event("module.running", "a"), Event("log", None, {})):
        book.add(event)
    assert (_messages(book, "a"), _messages(book, "b"), _messages(book, "c")) == (["1", "3"], ["2"], [])
    assert book.last("a", 1) == [{"event_time": 1.5, "level": "info", "message": "3", "source": "stderr"}]
    assert book.last("a", 0) == []
    book.forget("a")
    assert _messages(book, "a") == []


def test_only_the_newest_records_are_kept() -> None:
    book = Logbook(kept_records=3)
    for number in range(10):
        book.add(_log("a", str(number)))
    assert _messages(book, "a") == ["7", "8", "9"]


def test_long_records_are_bounded_by_their_text_and_the_newest_is_always_kept() -> None:
    book = Logbook(kept_characters=100)
    for letter in "abc":
        book.add(_log("a", letter * 40))
    assert _messages(book, "a") == ["b" * 40, "c" * 40]
    book.add(_log("a", "d" * 500))
    assert _messages(book, "a") == ["d" * 500]
