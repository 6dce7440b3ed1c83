"""Own the keeping of approvals: who accepted which exact content of a plugin, and whether that still holds.

Whatever cannot be read is never taken for an approval. Know nothing of processes or of who is asked.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, cast

from hub._approval_format import FORMAT, Approval, approval_from_json, approval_to_json, load_document
from hub._difference import ApprovalContent, Difference, difference_between
from hub._manifest import why_bad_name
from hub._names import printable
from hub._private import exclusive_lock, make_private_directory, read_trusted, write_private
from hub.errors import BadSettings

__all__ = [
    "Approval",
    "ApprovalSource",
    "ApprovalStanding",
    "ApprovalStore",
    "Approved",
    "Changed",
    "NeverApproved",
    "check_all",
]

# The files of the largest tree that can be digested fit.
_MAX_APPROVAL_BYTES = 64 * 1024 * 1024
# A grant has a few kilobytes, most of it signatures.
_MAX_GRANTS_BYTES = 16 * 1024 * 1024
_LOCK_NAME: Final = ".lock"


@dataclass(frozen=True, slots=True)
class Approved:
    """This exact content was approved."""

    approval: Approval


@dataclass(frozen=True, slots=True)
class NeverApproved:
    """No content of this module was ever approved here."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Another content of this module was approved; `difference` says what changed."""

    difference: Difference
    approval: Approval


ApprovalStanding = Approved | NeverApproved | Changed


class ApprovalSource(Protocol):
    """Where approvals come from: the store of what people said, or a grants file."""

    def get(self, name: str) -> Approval | None:
        """Return the approval for the module `name`, if there is one."""
        ...


def check_all(content: ApprovalContent, *sources: ApprovalSource) -> ApprovalStanding:
    """Return the verdict of the first source that approves this exact content, else of the first that knows the module.

    Raises:
        BadSettings: a source cannot be read.
    """
    verdict: ApprovalStanding = NeverApproved()
    for source in sources:
        approval = source.get(content.name)
        if approval is None:
            continue
        difference = difference_between(approval.content, content)
        if not difference:
            return Approved(approval)
        if isinstance(verdict, NeverApproved):
            verdict = Changed(difference, approval)
    return verdict


class ApprovalStore:
    """The approvals of one person: a JSON file a module in a private directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def check(self, content: ApprovalContent) -> ApprovalStanding:
        """Return whether this exact content was approved.

        Raises:
            BadSettings: the approval is there and cannot be read.
        """
        return check_all(content, self)

    def get(self, name: str) -> Approval | None:
        """Return the approval for the module `name`, or None.

        Raises:
            BadSettings: it is there and cannot be read.
        """
        file = self._file(name)
        try:
            approval = approval_from_json(load_document(read_trusted(file, _MAX_APPROVAL_BYTES)))
            if approval.content.name != name:
                raise ValueError(f"it is for {printable(approval.content.name)}")  # noqa: TRY301 - one place for all that is wrong
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            why = str(error.strerror).lower() if isinstance(error, OSError) and error.strerror else str(error)
            raise BadSettings(
                f"cannot read the approval of {name} in {printable(str(file))}: {printable(why)}",
                hint=f"`hub plugin revoke {name}` removes it, then `hub plugin approve {name}` asks again",
            ) from error
        return approval

    def approve(self, content: ApprovalContent, by: str, when: datetime) -> Approval:
        """Keep that `by` approved this content at `when` (with its time zone), in place of whatever was approved before.

        Raises:
            BadSettings: it cannot be written.
        """
        approval = Approval(content, by, when.isoformat(timespec="seconds"))
        written = json.dumps({"format": FORMAT, **approval_to_json(approval)}, indent=1, sort_keys=True)
        file = self._file(content.name)
        try:
            make_private_directory(self._directory)
            with exclusive_lock(self._directory / _LOCK_NAME):
                write_private(file, f"{written}\n".encode())
        except OSError as error:
            raise self._unusable(f"keep the approval of {content.name}", error) from error
        return approval

    def revoke(self, name: str) -> bool:
        """Remove the approval for `name`, readable or not, and return whether there was one.

        Raises:
            BadSettings: it cannot be removed.
        """
        file = self._file(name)
        try:
            with exclusive_lock(self._directory / _LOCK_NAME):
                file.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._unusable(f"revoke the approval of {name}", error) from error
        return True

    def names(self) -> tuple[str, ...]:
        """Return the modules for which there is an approval, readable or not.

        Raises:
            BadSettings: the directory cannot be read.
        """
        try:
            return tuple(sorted(file.stem for file in self._directory.iterdir() if _is_approval(file)))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._unusable("list the approvals", error) from error

    def _file(self, name: str) -> Path:
        if (why := why_bad_name(name)) is not None:
            raise BadSettings(f"cannot look up an approval: the name of the module {why}", hint="give the name of a module")
        return self._directory / f"{name}.json"

    def _unusable(self, what: str, error: OSError) -> BadSettings:
        why = str(error.strerror).lower()
        hint = "make room or repair the permissions there, or point XDG_STATE_HOME elsewhere"
        return BadSettings(f"cannot {what} in {printable(str(self._directory))}: {why}", hint=hint)


def _is_approval(file: Path) -> bool:
    return file.suffix == ".json" and why_bad_name(file.stem) is None


class GrantsFile:
    """Approvals for a machine with nobody at it: one JSON file, written by `render_grants` where somebody has approved.

    Each grant names one module and pins the same content that a person approves. There is no grant for everything: it would
    approve whatever the next update of a plugin brings.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._grants: dict[str, Approval] | None = None

    def check(self, content: ApprovalContent) -> ApprovalStanding:
        """Return whether this exact content is granted.

        Raises:
            BadSettings: the file cannot be read.
        """
        return check_all(content, self)

    def get(self, name: str) -> Approval | None:
        """Return the grant for the module `name`, or None.

        Raises:
            BadSettings: the file cannot be read; a grants file that was asked for and is missing is an error as well.
        """
        if self._grants is None:
            self._grants = self._read()
        return self._grants.get(name)

    def _read(self) -> dict[str, Approval]:
        try:
            return _grants(read_trusted(self._path, _MAX_GRANTS_BYTES))
        except (OSError, ValueError) as error:
            why = str(error.strerror).lower() if isinstance(error, OSError) and error.strerror else str(error)
            raise BadSettings(
                f"cannot read the grants file {printable(str(self._path))}: {printable(why)}",
                hint="write it anew from the approvals of a machine where somebody approved the plugins, or unset HUB_GRANTS",
            ) from error


def _grants(content: bytes) -> dict[str, Approval]:
    listed = load_document(content).get("grants")
    if not isinstance(listed, list):
        raise ValueError('it has no list "grants"')  # noqa: TRY004 - content of a file, not an argument
    grants: dict[str, Approval] = {}
    for stored in cast("list[object]", listed):
        grant = approval_from_json(stored)
        name = grant.content.name
        if (why := why_bad_name(name)) is not None:
            raise ValueError(f"the name of a grant {why}; each grant is for one module")
        if name in grants:
            raise ValueError(f"it has more than one grant for {name}")
        grants[name] = grant
    return grants


def render_grants(approvals: Sequence[Approval]) -> str:
    """Return the text of a grants file for these approvals. The files are left out: the digest pins them."""
    grants = [{key: value for key, value in approval_to_json(approval).items() if key != "files"} for approval in approvals]
    return json.dumps({"format": FORMAT, "grants": grants}, indent=2) + "\n"
