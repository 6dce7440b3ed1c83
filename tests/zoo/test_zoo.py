"""Prove, for each misbehaviour, that it happened, that the caller was told rightly, in time, and that nobody else noticed."""

import time
from pathlib import Path
from typing import Any

import pytest

from hub.errors import HubError
from tests.zoo import dying, flowing, reaching, speaking, starting
from tests.zoo.exhibit import Cage, Exhibit, caged

pytestmark = [pytest.mark.process, pytest.mark.bound(40, reason="each line states its own time, and is held to it")]

EXHIBITS: list[Exhibit] = [
    *starting.EXHIBITS,
    *speaking.EXHIBITS,
    *flowing.EXHIBITS,
    *dying.EXHIBITS,
    *reaching.EXHIBITS,
]
# The hub's code is the same on both; a sample shows that so is what it stands on.
_ON_TRIO_TOO = EXHIBITS[::8]


async def _outcome(exhibit: Exhibit, cage: Cage) -> tuple[str | None, Any]:
    try:
        return None, await exhibit.act(cage)
    except HubError as error:
        return error.kind, error


async def _check(exhibit: Exhibit, directory: Path) -> None:
    async with caged(exhibit, directory) as cage:
        begun = time.monotonic()
        kind, found = await _outcome(exhibit, cage)
        took = time.monotonic() - begun
        if exhibit.kinds:
            assert kind in exhibit.kinds, f"ended in {found!r}"
        else:
            assert (kind, found) == (None, exhibit.answer)
        proof = exhibit.proof
        if isinstance(proof, str):
            assert proof in cage.marked(), "it did not misbehave at all"
        else:
            assert proof(cage), "it did not misbehave at all"
        assert took <= exhibit.seconds
        if exhibit.afterwards is not None:
            await exhibit.afterwards(cage)


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
@pytest.mark.parametrize("exhibit", EXHIBITS, ids=str)
async def test_a_misbehaviour_is_told_to_its_caller_and_harms_nobody(
    exhibit: Exhibit, anyio_backend: str, tmp_path: Path
) -> None:
    await _check(exhibit, tmp_path)


@pytest.mark.parametrize("anyio_backend", ["trio"], indirect=True)
@pytest.mark.parametrize("exhibit", _ON_TRIO_TOO, ids=str)
async def test_a_sample_of_them_does_no_more_on_trio(exhibit: Exhibit, anyio_backend: str, tmp_path: Path) -> None:
    await _check(exhibit, tmp_path)


def test_every_line_has_a_name_of_its_own() -> None:
    names = [str(exhibit) for exhibit in EXHIBITS]
    assert sorted(set(names)) == sorted(names)
