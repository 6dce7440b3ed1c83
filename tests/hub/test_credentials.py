"""Prove that what is kept secret belongs to one module and one account, for its time, within its bounds, where it was to be."""

from pathlib import Path
from typing import Any

import pytest

from hub._credentials import Credentials, check_account, check_keep
from hub._keyring import Keyring
from hub._keyring_index import KeyringIndex, Place
from hub._secrets import Secrets
from hub.errors import BadSettings, CredentialsUnavailable, StoreFull
from tests.hub.keyrings import LockedKeyring, MemoryKeyring

_PLACE = Place("ocean", "work", "token")
_VALUE = {"token": "s3cret-of-work"}


class _Kit:
    def __init__(self, directory: Path, keyring: MemoryKeyring | None = None, **options: Any) -> None:
        self.now = 1_000_000.0
        self.directory = directory / "credentials"
        self.keyring = keyring or MemoryKeyring()
        self.secrets = Secrets()
        self.options = options
        self.credentials = self.again()

    def again(self) -> Credentials:
        """Return what the next hub of the same person finds."""
        index, keyring = KeyringIndex(self.directory), Keyring(lambda: self.keyring)
        self.credentials = Credentials(keyring, index, self.secrets, now=lambda: self.now, **self.options)
        return self.credentials

    def files(self) -> str:
        return "".join(file.read_text() for file in self.directory.glob("*")) if self.directory.exists() else ""


async def test_what_is_put_is_got_by_the_same_module_for_the_same_account_alone(tmp_path: Path) -> None:
    """HUB-CRED-1."""
    kit = _Kit(tmp_path)
    assert await kit.credentials.put(_PLACE, _VALUE) == "session"
    assert await kit.credentials.get(_PLACE) == (True, _VALUE)
    for other in (Place("ocean", "home", "token"), Place("other", "work", "token"), Place("ocean", "work", "key")):
        assert await kit.credentials.get(other) == (False, None)
        assert not await kit.credentials.delete(other)
    assert await kit.credentials.delete(_PLACE)
    assert await kit.credentials.get(_PLACE) == (False, None)
    assert not await kit.credentials.delete(_PLACE)


@pytest.mark.parametrize("keep", ["session", "keyring"])
async def test_after_its_time_it_is_gone(tmp_path: Path, keep: Any) -> None:
    """HUB-CRED-3."""
    kit = _Kit(tmp_path, keep=keep)
    await kit.credentials.put(_PLACE, _VALUE, ttl_seconds=60)
    kit.now += 59
    assert await kit.credentials.get(_PLACE) == (True, _VALUE)
    kit.now += 1
    assert (kit.credentials.listed(), kit.credentials.accounts_of("ocean")) == ([], ("default",))
    assert await kit.credentials.get(_PLACE) == (False, None)
    assert (kit.keyring.entries, kit.files()) == ({}, "")


async def test_the_session_ends_with_the_hub_and_the_keyring_does_not(tmp_path: Path) -> None:
    """HUB-CRED-4."""
    kit = _Kit(tmp_path)
    other = Place("ocean", "home", "token")
    assert await kit.credentials.put(other, 1) == "session"
    assert kit.keyring.asked == 0, "who keeps nothing in the keyring is not asked to unlock it"
    assert await kit.credentials.put(_PLACE, _VALUE, keep="keyring") == "keyring"
    kit.again()
    assert await kit.credentials.get(_PLACE) == (True, _VALUE)
    assert await kit.credentials.get(other) == (False, None)
    assert [one.to_json() for one in kit.credentials.listed()] == [
        {"module": "ocean", "account": "work", "name": "token", "kept": "keyring", "expires": None}
    ]
    assert "s3cret" not in kit.files()


async def test_a_new_value_is_kept_where_the_old_one_was_until_the_person_says_otherwise(tmp_path: Path) -> None:
    kit = _Kit(tmp_path)
    await kit.credentials.put(_PLACE, "one", keep="keyring")
    assert await kit.credentials.put(_PLACE, "two") == "keyring"
    assert await kit.credentials.put(_PLACE, "three", keep="session") == "session"
    assert (await kit.credentials.get(_PLACE), kit.keyring.entries) == ((True, "three"), {})
    assert kit.again().listed() == []


async def test_more_than_fits_is_refused_and_what_was_there_stays(tmp_path: Path) -> None:
    """HUB-CRED-2."""
    kit = _Kit(tmp_path)
    largest = "x" * (64 * 1024 - 2)
    await kit.credentials.put(Place("ocean", "work", "0"), largest)
    with pytest.raises(StoreFull) as raised:
        await kit.credentials.put(Place("ocean", "work", "0"), largest + "x")
    assert largest not in str(raised.value)
    for number in range(1, 64):
        await kit.credentials.put(Place("ocean", "work", f"{number}"), number)
    with pytest.raises(StoreFull):
        await kit.credentials.put(Place("ocean", "work", "64"), 1)
    await kit.credentials.put(Place("ocean", "work", "63"), "again")
    await kit.credentials.put(Place("ocean", "home", "64"), 1)
    assert await kit.credentials.get(Place("ocean", "work", "0")) == (True, largest)


async def test_all_accounts_of_a_module_together_are_bounded(tmp_path: Path) -> None:
    """HUB-CRED-2."""
    kit = _Kit(tmp_path)
    for account in range(16):
        for name in range(64):
            await kit.credentials.put(Place("ocean", f"a{account}", f"{name}"), 1)
    with pytest.raises(StoreFull):
        await kit.credentials.put(Place("ocean", "one-more", "0"), 1)
    await kit.credentials.put(Place("other", "one-more", "0"), 1)


async def test_the_accounts_of_a_module_are_those_it_keeps_something_for(tmp_path: Path) -> None:
    kit = _Kit(tmp_path)
    assert kit.credentials.accounts_of("ocean") == ("default",)
    await kit.credentials.put(_PLACE, 1)
    await kit.credentials.put(Place("ocean", "home", "token"), 1, keep="keyring")
    await kit.credentials.put(Place("ocean", "home", "key"), 1)
    await kit.credentials.put(Place("other", "third", "token"), 1)
    assert kit.credentials.accounts_of("ocean") == ("home", "work")


async def test_what_a_person_forgets_is_gone_everywhere(tmp_path: Path) -> None:
    kit = _Kit(tmp_path)
    for account, keep in (("work", "session"), ("work", "keyring"), ("home", "keyring")):
        await kit.credentials.put(Place("ocean", account, str(keep)), 1, keep=check_keep(str(keep)))
    await kit.credentials.put(Place("other", "work", "token"), 1, keep="keyring")
    assert await kit.credentials.forget("ocean", "work") == 2
    assert [(one.module, one.account) for one in kit.credentials.listed()] == [("ocean", "home"), ("other", "work")]
    assert await kit.credentials.forget("ocean") == 1
    assert await kit.credentials.forget("ocean") == 0
    assert list(kit.keyring.entries) == [("hub/other/work", "token")]


async def test_a_keyring_that_cannot_be_used_says_so_and_nothing_is_listed_that_is_not_there(tmp_path: Path) -> None:
    """HUB-CRED-4."""
    kit = _Kit(tmp_path, LockedKeyring())
    with pytest.raises(CredentialsUnavailable) as raised:
        await kit.credentials.put(_PLACE, _VALUE, keep="keyring")
    assert (raised.value.kind, raised.value.code) == ("credentials_unavailable", -31046)
    assert "locked" in raised.value.message
    assert "s3cret" not in str(raised.value.to_json())
    assert (kit.credentials.listed(), kit.files()) == ([], "")


async def test_what_the_person_removed_from_the_keyring_is_gone(tmp_path: Path) -> None:
    kit = _Kit(tmp_path)
    await kit.credentials.put(_PLACE, _VALUE, keep="keyring")
    kit.keyring.entries.clear()
    assert await kit.credentials.get(_PLACE) == (False, None)
    assert kit.credentials.listed() == []


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"module": 1}', "{" * 5000, '{"module":"a","account":"b","name":"c","expires":NaN}']
)
async def test_a_file_in_the_list_that_is_none_of_ours_is_left_alone(tmp_path: Path, content: str) -> None:
    kit = _Kit(tmp_path)
    kit.directory.mkdir()
    (kit.directory / "x.json").write_text(content)
    assert kit.credentials.listed() == []


async def test_the_names_of_files_do_not_depend_on_what_a_module_calls_its_credentials(tmp_path: Path) -> None:
    kit = _Kit(tmp_path, keep="keyring")
    for name in ("../../x", "/", ".", "ü" * 64):
        await kit.credentials.put(Place("ocean", "work", name), name)
        assert await kit.again().get(Place("ocean", "work", name)) == (True, name)
    assert all(file.parent == kit.directory for file in tmp_path.rglob("*.json"))


async def test_what_is_put_or_got_is_known_to_be_secret(tmp_path: Path) -> None:
    """HUB-CRED-5."""
    kit = _Kit(tmp_path)
    await kit.credentials.put(_PLACE, _VALUE, keep="keyring")
    assert kit.secrets.is_in(["s3cret-of-work"])
    kit.secrets = Secrets()
    await kit.again().get(_PLACE)
    assert kit.secrets.is_in(["s3cret-of-work"])


@pytest.mark.parametrize("account", ["work", "a", "A.b_c@d-e", "9" * 64])
def test_an_account_has_a_plain_name(account: str) -> None:
    assert check_account(account) == account


@pytest.mark.parametrize(
    ("account", "why"),
    [
        ("", "it must begin with a letter or digit"),
        ("-a", "it must begin with a letter or digit"),
        (".", "it must begin with a letter or digit"),
        ("ü", "it must begin with a letter or digit"),
        ("a/b", "it must not hold '/'"),
        ("a b", "it must not hold ' '"),
        ("a\n", "it must not hold '\\n'"),
        ("9" * 65, "it has 65 characters, more than 64"),
    ],
)
def test_anything_else_is_no_account_and_the_reason_is_its_own(account: str, why: str) -> None:
    with pytest.raises(BadSettings) as raised:
        check_account(account)
    assert raised.value.message.endswith(f": {why}")


def test_there_are_two_places_to_keep_credentials() -> None:
    assert (check_keep("session"), check_keep("keyring")) == ("session", "keyring")
    with pytest.raises(BadSettings):
        check_keep("paper")
