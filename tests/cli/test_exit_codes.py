"""Every kind of error has an exit code, and the codes are those of the contract."""

import pytest

from hub.cli._exit_codes import EXIT_CODES, exit_code_of
from hub.errors import HubError
from hub_protocol.errors import ERRORS


def _subclasses(of: type[HubError]) -> set[type[HubError]]:
    return {found for direct in of.__subclasses__() for found in {direct, *_subclasses(direct)}}


def test_every_kind_of_the_protocol_and_of_the_library_has_one() -> None:
    assert set(EXIT_CODES) == {*ERRORS, "function_error"}
    assert {found.kind for found in _subclasses(HubError) if found.__module__ == "hub.errors"} <= set(EXIT_CODES)


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        (1, "function_error internal_error invalid_params method_not_found host_call_failed"),
        (2, "usage invalid_arguments bad_settings frame_too_large"),
        (3, "not_found"),
        (4, "not_approved not_permitted"),
        (5, "start_failed handshake_failed no_common_version init_failed module_died protocol_error invalid_result"),
        (5, "dependency_failed gave_up disabled not_running bad_manifest bad_license"),
        (6, "timeout"),
        (7, "overloaded backing_off write_blocked"),
        (130, "interrupted cancelled"),
    ],
)
def test_the_codes_are_those_that_scripts_rely_on(code: int, kinds: str) -> None:
    assert {exit_code_of(kind) for kind in kinds.split()} == {code}
