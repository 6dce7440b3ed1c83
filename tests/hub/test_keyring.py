"""Prove that a keyring is used by one thread at a time and that one which fails or hangs is an error that says what to do."""

import subprocess
import sys
from types import SimpleNamespace

import anyio
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from hub._keyring import Keyring, KeyringBackend, system_keyring
from hub.errors import CredentialsUnavailable
from tests.hub.keyrings import HangingKeyring, LockedKeyring, MemoryKeyring


async def test_what_is_written_is_read_and_removing_what_is_not_there_is_no_error() -> None:
    keyring = Keyring(MemoryKeyring)
    assert await keyring.get("s", "n") is None
    await keyring.set("s", "n", "text")
    assert await keyring.get("s", "n") == "text"
    await keyring.delete("s", "n")
    await keyring.delete("s", "n")
    assert await keyring.get("s", "n") is None


async def test_a_keyring_that_is_locked_says_so_and_not_what_it_was_given() -> None:
    """HUB-CRED-4."""
    with pytest.raises(CredentialsUnavailable) as raised:
        await Keyring(LockedKeyring).set("s", "n", "s3cret-text")
    assert raised.value.message == "cannot write to the system's keyring: it is locked"
    assert raised.value.hint == "unlock it, then try again"


def _fail() -> KeyringBackend:
    raise OSError("s3cret-text")


async def test_a_back_end_that_fails_in_its_own_way_is_named_without_its_words() -> None:
    """HUB-CRED-4."""
    with pytest.raises(CredentialsUnavailable) as raised:
        await Keyring(_fail).get("s", "n")
    assert raised.value.message == "cannot read the system's keyring: it failed (OSError)"


async def test_a_keyring_that_hangs_is_given_up_and_not_asked_again_before_it_has_answered() -> None:
    """HUB-CRED-4."""
    backend = HangingKeyring()
    keyring = Keyring(lambda: backend, answer_seconds=0.05)
    try:
        with pytest.raises(CredentialsUnavailable, match="did not answer within"):
            await keyring.get("s", "n")
        with pytest.raises(CredentialsUnavailable, match="has not answered yet"):
            await keyring.get("s", "n")
        assert backend.asked == 0
    finally:
        backend.release.set()


async def test_questions_wait_for_each_other() -> None:
    backend = MemoryKeyring()
    keyring = Keyring(lambda: backend)
    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(keyring.set, "s", f"{number}", "x")
    assert len(backend.entries) == 20


@pytest.mark.parametrize("priority", [0, 0.5])
async def test_a_back_end_that_is_not_fit_for_secrets_is_none(monkeypatch: pytest.MonkeyPatch, priority: float) -> None:
    """HUB-CRED-4."""
    monkeypatch.setattr("keyring.get_keyring", lambda: SimpleNamespace(priority=priority))
    with pytest.raises(CredentialsUnavailable, match="there is none here"):
        await Keyring().get("s", "n")


async def test_the_systems_own_is_taken_where_it_is_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = SimpleNamespace(priority=1)
    monkeypatch.setattr("keyring.get_keyring", lambda: fit)
    assert system_keyring() is fit
    assert NoKeyring.priority < 1


@pytest.mark.process
def test_the_library_is_not_imported_before_it_is_used() -> None:
    program = "import sys, hub._hub; print('keyring' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
