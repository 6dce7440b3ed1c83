"""Own the checks of negotiation: versions, features, members and methods that a module cannot know yet; know no functions."""

from typing import Any, Final, cast

from hub.conformance._bench import Bench
from hub.conformance._check import Outcome
from hub.conformance._judging import missed, must, problem, should
from hub.conformance._members import members
from hub.conformance._session import Answer, Ended, Silent
from hub_protocol.errors import ERRORS

__all__ = ["CHECKS"]

_AREA: Final = "handshake"
_UNKNOWN: Final = 999


def _offered(bench: Bench, **offer: Any) -> Answer:
    """Return the answer of a fresh start to a module_info with other params. Raises: Silent, Ended."""
    with bench.start("spawned") as (session, _):
        return session.ask("module_info", bench.greeting(offer), bench.settings.start_seconds)


def _picked(answer: Answer) -> object:
    return cast("dict[str, Any]", answer.result).get("protocol_version", 1) if isinstance(answer.result, dict) else None


@must(
    "HUB-VER-1/picks-what-was-offered",
    _AREA,
    "protocol_version is 1, or left out, which means 1",
    "answer the version that you implement and that was offered",
)
def picks(bench: Bench) -> Outcome:
    answer = bench.introduction().info
    if answer is None or not isinstance(answer.result, dict):
        return None
    picked = _picked(answer)
    return None if picked == 1 and type(picked) is int else problem(f"it picks {picked!r}, [1] was offered", answer)


@must(
    "HUB-VER-1/picks-one-of-several",
    _AREA,
    "protocol_version is 1, wherever it stands among versions that nobody knows yet",
    "look for a version that you know in the whole array, not at its first or last entry",
)
def picks_of_several(bench: Bench) -> Outcome:
    for versions in ([_UNKNOWN, 1], [1, _UNKNOWN]):
        answer = _offered(bench, protocol_versions=versions)
        if _picked(answer) != 1:
            return problem(f"{versions} is offered, and it does not pick 1", answer)
    return None


def _refusal(bench: Bench) -> Answer:
    return bench.remembered("refusal", lambda: _offered(bench, protocol_versions=[_UNKNOWN]))


@must(
    "HUB-VER-2/never-picks-what-it-cannot-know",
    _AREA,
    "any answer but one that picks version 999",
    "answer the version that you implement; never repeat what was offered",
)
def never_pretends(bench: Bench) -> Outcome:
    answer = _refusal(bench)
    return problem("it picks a version that does not exist", answer) if _picked(answer) == _UNKNOWN else None


@should(
    "HUB-VER-2/refuses-unknown-versions",
    _AREA,
    'error -31027 with data {"offered": [999], "supported": [1]}',
    "compare protocol_versions with the versions that you know (the SDKs do)",
)
def refuses(bench: Bench) -> Outcome:
    answer = _refusal(bench)
    if answer.code != ERRORS["no_common_version"].code:
        return problem("it does not say that there is no common version", answer)
    data = members(answer.error.get("data"))
    supported: object = data.get("supported")
    good = data.get("offered") == [_UNKNOWN] and isinstance(supported, list) and 1 in supported
    return None if good else problem("data does not tell the versions offered and supported", answer)


@should("HUB-VER-2/ends-without-a-version", _AREA, "the module ends by itself", "exit after the answer")
def ends(bench: Bench) -> Outcome:
    with bench.start("spawned") as (session, _):
        answer = session.ask("module_info", bench.greeting({"protocol_versions": [_UNKNOWN]}), bench.settings.start_seconds)
        gone = session.wire.wait_for_end(bench.settings.exit_seconds)
    return None if gone else problem("it goes on although there is no version to speak", answer)


@must(
    "HUB-VER-3/ignores-unknown-features",
    _AREA,
    "the answer of every other start",
    "ignore names in features that you do not know",
)
def unknown_features(bench: Bench) -> Outcome:
    answer = _offered(bench, features=[*bench.greeting()["features"], "levitation", "x-future"])
    if not answer.is_result:
        return problem("features that it does not know make it fail", answer)
    mine = cast("dict[str, Any]", answer.result).get("features") if isinstance(answer.result, dict) else None
    if isinstance(mine, list) and "levitation" in mine:
        return problem("it offers a feature that does not exist, because the hub named it", answer)
    return None


@must(
    "HUB-VER-3/lives-without-features",
    _AREA,
    "an introduction without any feature in force",
    "a feature is in force only where both sides named it; do without",
)
def no_features(bench: Bench) -> Outcome:
    with bench.start("initialised", features=[]) as (session, introduction):
        for answer in (introduction.info, introduction.capabilities, introduction.init):
            if answer is not None and not answer.is_result:
                return problem("without features it does not start", answer)
        try:
            session.ask("ping")
        except (Silent, Ended) as error:
            return missed(f"without features it does not work: {error}", error)
    return None


@must(
    "HUB-MSG-7/ignores-members-in-module-info",
    _AREA,
    "the answer of every other start",
    "ignore members that you do not know; a strict parser needs a switch for it",
)
def unknown_members(bench: Bench) -> Outcome:
    answer = _offered(bench, hub={"name": "hub", "version": "0.1.0", "colour": "blue"}, future={"x": [1]})
    return None if answer.is_result else problem("members that it does not know make it fail", answer)


@must(
    "HUB-MSG-7/ignores-members-in-capabilities",
    _AREA,
    "the functions, as ever",
    "ignore members that you do not know in the params of capabilities",
)
def unknown_in_capabilities(bench: Bench) -> Outcome:
    answer = bench.session().ask("capabilities", {"future": True})
    return None if answer.is_result else problem("members that it does not know make it fail", answer)


@must(
    "HUB-MSG-7/ignores-members-in-module-init",
    _AREA,
    "the answer of every other start",
    "ignore members beside config and data_directory that you do not know",
)
def unknown_in_init(bench: Bench) -> Outcome:
    with bench.start("introduced") as (session, _):
        params = {"config": dict(bench.target.config), "data_directory": str(bench.data_directory), "future": {"x": 1}}
        answer = session.ask("module_init", params, bench.settings.init_seconds)
    return None if answer.is_result else problem("members that it does not know make it fail", answer)


CHECKS: Final = (
    picks,
    picks_of_several,
    never_pretends,
    refuses,
    ends,
    unknown_features,
    no_features,
    unknown_members,
    unknown_in_capabilities,
    unknown_in_init,
)
