"""Own the question "is this exact content approved?": digest, introduction and approvals put together; know no processes."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import anyio.to_thread

from hub._approval import Approval, ApprovalSource, ApprovalStore, Approved, Changed, GrantsFile, NeverApproved, check_all
from hub._difference import ApprovalContent, content_of
from hub._digest import TreeDigest, digest_plugin, still_unchanged
from hub._digest_cache import DigestCache
from hub._introduction import Introduction
from hub._paths import Paths
from hub._registry import Plugin
from hub.errors import BadSettings, NotApproved

__all__ = ["ApprovalRequest", "Approve", "Gate"]


@dataclass(frozen=True)
class ApprovalRequest:
    """What a person is asked to approve: who the module says it is, the exact content, and what changed since the last time."""

    plugin: Plugin
    introduction: Introduction
    content: ApprovalContent
    verdict: Approved | NeverApproved | Changed

    @property
    def approved(self) -> bool:
        """Whether this exact content is approved already."""
        return isinstance(self.verdict, Approved)

    @property
    def difference(self) -> tuple[str, ...] | None:
        """What changed since the last approval, a line each; None when there never was one or nothing changed."""
        return self.verdict.difference.lines if isinstance(self.verdict, Changed) else None


Approve = Callable[[ApprovalRequest], bool | Awaitable[bool]]
"""Decides about a module that is not approved; what it accepts is remembered."""


class Gate:
    """Compares what a module is with what was approved. `approve` is asked about what was not; None means nobody is."""

    def __init__(self, paths: Paths, approve: Approve | None) -> None:
        self.store = ApprovalStore(paths.approvals)
        self._sources: list[ApprovalSource] = [self.store]
        if paths.grants is not None:
            self._sources.append(GrantsFile(paths.grants))
        self._cache = DigestCache(paths.digests)
        self._approve = approve

    def approval_of(self, name: str) -> Approval | None:
        """Return the approval of any content of a module, by a person or a grant.

        Raises:
            BadSettings: it is there and cannot be read.
        """
        found = (source.get(name) for source in self._sources)
        return next((approval for approval in found if approval is not None), None)

    def known_names(self) -> tuple[str, ...]:
        """Return the modules that were ever approved here, whatever became of them since."""
        try:
            return self.store.names()
        except BadSettings:
            return ()

    async def digest(self, plugin: Plugin) -> TreeDigest:
        """Return the digest of the plugin on disk; to be taken before the process starts.

        Raises:
            BadManifest: the tree cannot be digested.
        """
        return await anyio.to_thread.run_sync(digest_plugin, plugin, self._cache)

    async def request(self, plugin: Plugin, introduction: Introduction, tree: TreeDigest) -> ApprovalRequest:
        """Return the request for a module that introduced itself after `tree` was taken.

        Raises:
            NotApproved: the tree changed while the module started, so that nobody can say what runs.
            BadSettings: an approval cannot be read.
        """
        if not await anyio.to_thread.run_sync(still_unchanged, tree):
            msg = f"cannot approve {plugin.name}: its files changed while it was starting"
            raise NotApproved(msg, hint="wait until its installation has ended and try again", data={"module": plugin.name})
        return self.request_again(plugin, introduction, tree.digest, tree.files)

    def request_again(
        self, plugin: Plugin, introduction: Introduction, digest: str, files: Mapping[str, str]
    ) -> ApprovalRequest:
        """Return the request for a module whose files are known to be the same, but whose capabilities may not be."""
        content = content_of(
            name=plugin.name,
            version=introduction.version,
            digest=digest,
            files=files,
            license=introduction.license,
            functions=[function.declaration for function in introduction.functions.values()],
            permissions=(*introduction.permissions, *plugin.manifest.permissions),
            required_modules=introduction.required_modules,
            license_free=introduction.licence_verdict.free,
            implements=introduction.implements,
        )
        return ApprovalRequest(plugin, introduction, content, check_all(content, *self._sources))

    async def require(self, request: ApprovalRequest) -> None:
        """Let approved content pass; ask about the rest.

        Raises:
            NotApproved: it is not approved, and nobody said yes.
        """
        if request.approved:
            return
        if self._approve is not None and await self._asked(self._approve, request):
            self.accept(request, by="application")
            return
        name = request.plugin.name
        changed = request.difference
        why = "it was never approved" if changed is None else "it changed since it was approved: " + "; ".join(changed[:3])
        raise NotApproved(
            f"cannot run {name}: {why}",
            hint=f"look at it and approve it: hub plugin approve {name}",
            data={"module": name, "difference": list(changed or ())},
        )

    async def _asked(self, approve: Approve, request: ApprovalRequest) -> bool:
        try:
            answer = approve(request)
            return bool(await answer if inspect.isawaitable(answer) else answer)
        except Exception as error:  # a fault of the application's function: no yes, and no reason to end the other modules
            name = request.plugin.name
            msg = f"cannot run {name}: the application's `approve` failed: {type(error).__name__}: {error}"
            raise NotApproved(msg, hint="mend `approve`", data={"module": name, "difference": []}) from error

    def accept(self, request: ApprovalRequest, *, by: str) -> None:
        """Remember that `by` approved this exact content.

        Raises:
            BadSettings: it cannot be written down.
        """
        self.store.approve(request.content, by, datetime.now(UTC))
