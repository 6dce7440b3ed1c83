"""Own which interfaces a hub knows: its own and those that plugins bring; know no calls and no processes.

Files are read when an interface is first needed, and again when the plugins directories were read anew.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping

from hub._interface import Interface, InterfaceVersion
from hub._interface_check import broken_promise
from hub._interface_files import brings_interfaces, brought_by, must_agree, own_interfaces
from hub._introduction import Claim, Introduction
from hub._names import did_you_mean, nearest, printable
from hub._registry import Plugin
from hub._requirement import BadVersion, VersionRequirement
from hub._subschema import MAX_STEPS, Budget
from hub.errors import BadInterface, BadSettings, NotFound

__all__ = ["Interfaces", "Target"]


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """A function of an interface that somebody wants to call; `interfaces` are the versions that will do, lowest first."""

    name: str
    function: str
    requirement: VersionRequirement
    interfaces: tuple[Interface, ...]

    @property
    def address(self) -> str:
        """`interface.function`."""
        return f"{self.name}.{self.function}"

    @property
    def interface(self) -> Interface:
        """The highest version that will do, whose schema says how arguments are written."""
        return self.interfaces[-1]

    def is_served_by(self, claims: Iterable[Claim]) -> bool:
        """Return whether a module with these claims has the function, proved."""
        known = {interface.version for interface in self.interfaces}
        return any(
            claim.name == self.name and self.requirement.allows(f"{claim.version}.0") and claim.proved in known
            for claim in claims
        )


class Interfaces:
    """The interfaces of one hub. `plugins` are those on disk; of two that disagree the one in `approved` stands.

    `own` are the hub's own interfaces.
    """

    def __init__(
        self,
        plugins: Callable[[], Mapping[str, Plugin]],
        approved: Callable[[], Iterable[str]],
        own: Callable[[], Iterable[Interface]] | None = None,
    ) -> None:
        self._plugins = plugins
        self._approved = approved
        self._own = own or own_interfaces
        self._read_for: Mapping[str, Plugin] | None = None
        self._known: dict[InterfaceVersion, Interface] = {}
        self._problems: dict[str, BadInterface] = {}

    @property
    def known(self) -> Mapping[InterfaceVersion, Interface]:
        """All interfaces that can be used, by name and version."""
        self._read()
        return self._known

    @property
    def problems(self) -> Mapping[str, BadInterface]:
        """By plugin, what is wrong with the interfaces that it brings; its module is not started."""
        self._read()
        return self._problems

    def judged(self, found: Introduction) -> Introduction:
        """Return the introduction with its claims judged.

        Raises:
            BadInterface: the module does not satisfy an interface that it claims (HUB-CAPS-9), or its plugin brings a bad one.
        """
        if not found.implements and not self._brings_some(found.name):
            return found
        if found.name in self.problems:
            raise self.problems[found.name]
        budget = Budget(MAX_STEPS)
        claims: list[Claim] = []
        for written in found.implements:
            claimed = InterfaceVersion.parse(written)
            interface = self.known_for(claimed)
            if interface is not None and (error := broken_promise(found, claimed, interface, budget)) is not None:
                raise error
            claims.append(_claim(claimed, interface))
        return dataclasses.replace(found, claims=tuple(claims))

    def claims_of(self, written: Iterable[str]) -> tuple[Claim, ...]:
        """Return what `implements` says that was judged before, when its module was approved."""
        claimed = (InterfaceVersion.parse(one) for one in written)
        return tuple(_claim(one, self.known_for(one)) for one in claimed)

    def known_for(self, claimed: InterfaceVersion) -> Interface | None:
        """Return what a claim is held to: that version, or the highest known before it (a new minor version only adds)."""
        older = [one for one in self.known if one[:2] == claimed[:2] and one.minor <= claimed.minor]
        return self.known[max(older)] if older else None

    def find(self, address: str, requirement: str | None = None) -> Target:
        """Return what `interface.function` means; without a requirement in the highest major version that is known.

        Raises:
            NotFound: there is no such interface, version or function.
            BadSettings: the requirement cannot be read.
        """
        name, _, function = address.rpartition(".")
        shown = printable(address)
        versions = sorted(one for one in self.known if one.name == name)
        if not versions:
            hint = did_you_mean(name, {one.name for one in self.known}) or "`hub interfaces` shows all"
            raise NotFound(f"cannot call {shown}: there is no interface {printable(name)}", hint=hint)
        wanted = _requirement(shown, requirement or f"{versions[-1].major}.*")
        fitting = [self.known[one] for one in versions if wanted.allows(f"{one.version}.0")]
        if not fitting:
            known = ", ".join(one.version for one in versions)
            msg = f"cannot call {shown}: the hub knows {name} {known}, of which none satisfies {printable(wanted.text)}"
            raise NotFound(msg, hint="say which with --interface-version, or leave it out")
        having = tuple(one for one in fitting if function in one.functions)
        if not having:
            guess = nearest(function, fitting[-1].functions)
            hint = f"did you mean {name}.{guess}?" if guess else f"`hub interfaces {name}` shows what it has"
            msg = f"cannot call {shown}: {name} {fitting[-1].version} has no function {printable(function)}"
            raise NotFound(msg, hint=hint, data={"interface": name, "function": function})
        return Target(name, function, wanted, having)

    def _brings_some(self, name: str) -> bool:
        plugin = self._plugins().get(name)
        return plugin is not None and brings_interfaces(plugin)

    def _read(self) -> None:
        plugins = self._plugins()
        if self._read_for is plugins:
            return
        self._read_for, self._known, self._problems = plugins, {one.identity: one for one in self._own()}, {}
        # Who was never approved must not be able to break what was, by bringing another interface of the same name.
        approved = frozenset(self._approved())
        for name in sorted(plugins, key=lambda name: (name not in approved, name)):
            try:
                brought = brought_by(plugins[name])
                for interface in brought:
                    must_agree(interface, self._known.get(interface.identity), name)
            except BadInterface as error:
                self._problems[name] = error
            else:
                self._known.update(
                    {interface.identity: interface for interface in brought if interface.identity not in self._known}
                )


def _claim(claimed: InterfaceVersion, interface: Interface | None) -> Claim:
    if interface is None:
        return Claim(claimed.name, claimed.version)
    return Claim(claimed.name, claimed.version, interface.version, tuple(interface.functions))


def _requirement(address: str, text: str) -> VersionRequirement:
    try:
        return VersionRequirement.parse(text)
    except BadVersion as error:
        raise BadSettings(f"cannot call {address}: {error}", hint=error.hint) from None
