"""Own the order in which modules start, from what they require; pure: knows nothing of files, processes or the registry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hub._names import did_you_mean, printable
from hub._requirement import BadVersion, VersionRequirement
from hub.errors import DependencyFailed, HubError

__all__ = [
    "FileRequirement",
    "Needs",
    "StartPlan",
    "dependents",
    "names_a_file",
    "plan_start",
    "require_version",
    "start_order",
]

_FILE_EXTENSIONS: Final = (".so", ".dll", ".dylib", ".exe", ".py")


@dataclass(frozen=True, slots=True)
class Needs:
    """What is known of one module before it runs: its version, where it is known, and the modules it requires."""

    version: str | None = None
    required_modules: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class FileRequirement:
    """A warning: `module` requires `name`, which names a file and not a module, and was skipped."""

    module: str
    name: str

    def __str__(self) -> str:
        return f'{self.module} requires "{printable(self.name)}", which names a file, not a module: skipped'


@dataclass(frozen=True, slots=True)
class StartPlan:
    """Which modules start in which order, which cannot and why, and what was skipped. They stop in the reverse order."""

    order: tuple[str, ...]
    failed: Mapping[str, DependencyFailed]
    warnings: tuple[FileRequirement, ...]


def names_a_file(requirement: str) -> bool:
    """Return whether the name of a required module is the name of a file."""
    return requirement.lower().endswith(_FILE_EXTENSIONS)


def require_version(module: str, required: str, requirement: str, version: str | None) -> None:
    """Check the version of a required module; one that is not known yet passes, to be checked when it has introduced itself.

    Raises:
        DependencyFailed: the version does not satisfy the requirement, or one of the two cannot be read.
    """
    if version is None:
        return
    chain = [module, required]
    try:
        satisfied = VersionRequirement.parse(requirement).allows(version)
    except BadVersion as error:
        raise _failure(chain, f"that requirement cannot be checked: {error}", error.hint) from error
    if not satisfied:
        shown = printable(requirement)
        hint = f"install a version of {required} that satisfies {shown}, or a {module} that works with {version}"
        raise _failure(chain, f"there is {required} {printable(version)}, which does not satisfy {shown}", hint)


def plan_start(
    modules: Mapping[str, Needs], wanted: Iterable[str] | None = None, *, broken: Mapping[str, HubError] | None = None
) -> StartPlan:
    """Return the plan for the `wanted` modules (default: all) and all that they require.

    The order is stable: required modules before those that require them, otherwise as in `wanted` and as the requirements are
    written. One module that cannot start never keeps an unrelated one from starting.
    `broken` are plugins that were found and cannot be used; they are named as the cause.
    """
    walk = _Walk(modules, broken or {})
    roots = list(modules if wanted is None else wanted)
    for name in roots:
        walk.visit(name)
    # What only a module that cannot start would have required is not started for nothing.
    needed = {name for name in roots if name not in walk.failed}
    for name in reversed(walk.order):
        if name in needed:
            needed.update(modules[name].required_modules)
    return StartPlan(tuple(name for name in walk.order if name in needed), walk.failed, tuple(walk.warnings))


def start_order(
    modules: Mapping[str, Needs], wanted: Sequence[str], *, broken: Mapping[str, HubError] | None = None
) -> StartPlan:
    """Return the plan for `wanted`, all of which must be able to start.

    Raises:
        DependencyFailed: one cannot; `data["chain"]` leads from it to the cause.
    """
    plan = plan_start(modules, wanted, broken=broken)
    for name in wanted:
        if name in plan.failed:
            raise plan.failed[name]
    return plan


def dependents(modules: Mapping[str, Needs], name: str) -> tuple[str, ...]:
    """Return the modules that require `name`, directly or through others, nearest first."""
    found: list[str] = []
    frontier = [name]
    while frontier:
        required = frontier.pop(0)
        for module, needs in modules.items():
            if required in needs.required_modules and module not in found and module != name:
                found.append(module)
                frontier.append(module)
    return tuple(found)


class _Walk:
    """One depth-first walk over the requirements, with its own stack: a chain may be longer than Python's recursion allows."""

    def __init__(self, modules: Mapping[str, Needs], broken: Mapping[str, HubError]) -> None:
        self.modules = modules
        self.broken = broken
        self.order: list[str] = []
        self.failed: dict[str, DependencyFailed] = {}
        self.warnings: list[FileRequirement] = []
        self._done: set[str] = set()

    def visit(self, root: str) -> None:
        if root in self._done or root in self.failed:
            return
        if root not in self.modules:
            self.failed[root] = self._missing([root])
            return
        path = [root]
        remaining = [self._requirements(root)]
        while path:
            module = path[-1]
            if module in self.failed or not remaining[-1]:
                if module not in self.failed:
                    self.order.append(module)
                    self._done.add(module)
                path.pop()
                remaining.pop()
                if path and module in self.failed:
                    # A member of a cycle has its own, better error already.
                    self.failed.setdefault(path[-1], _because(path[-1], self.failed[module]))
                continue
            self._step(path, remaining)

    def _step(self, path: list[str], remaining: list[list[tuple[str, str]]]) -> None:
        """Look at the next requirement of the module at the end of `path`."""
        module = path[-1]
        required, requirement = remaining[-1].pop(0)
        if required in path:
            for member in path[path.index(required) :]:
                self.failed[member] = _cycle(member, path[path.index(required) :])
        elif required not in self.modules:
            self.failed[module] = self._missing([module, required])
        else:
            try:
                require_version(module, required, requirement, self.modules[required].version)
            except DependencyFailed as error:
                self.failed[module] = error
                return
            if required in self.failed:
                self.failed[module] = _because(module, self.failed[required])
            elif required not in self._done:
                path.append(required)
                remaining.append(self._requirements(required))

    def _requirements(self, module: str) -> list[tuple[str, str]]:
        wanted = self.modules[module].required_modules
        self.warnings.extend(FileRequirement(module, name) for name in wanted if names_a_file(name))
        return [(name, requirement) for name, requirement in wanted.items() if not names_a_file(name)]

    def _missing(self, chain: list[str]) -> DependencyFailed:
        name = chain[-1]
        if name in self.broken:
            cause = self.broken[name]
            return _failure(chain, f"{printable(name)} cannot be used: {cause.message}", cause.hint)
        shown = printable(name)
        hint = did_you_mean(name, self.modules) or f"put the plugin {shown} into the plugins directory"
        return _failure(chain, f"there is no plugin {shown}", hint)


def _failure(chain: list[str], cause: str, hint: str | None) -> DependencyFailed:
    steps = [f"{'which' if index else 'it'} requires {printable(name)}" for index, name in enumerate(chain[1:])]
    why = f"{', '.join(steps)}, and {cause}" if steps else cause
    return DependencyFailed(f"cannot start {printable(chain[0])}: {why}", hint=hint, data={"chain": chain, "why": cause})


def _because(module: str, error: DependencyFailed) -> DependencyFailed:
    """Return the failure of `module` that follows from the failure of what it requires."""
    chain = [module, *error.data["chain"]]
    cause = error.data.get("why") or error.message
    return _failure(chain, cause, error.hint)


def _cycle(module: str, members: list[str]) -> DependencyFailed:
    start = members.index(module)
    chain = [*members[start:], *members[:start], module]
    shown = " -> ".join(chain)
    return DependencyFailed(
        f"cannot start {module}: it requires itself: {shown}",
        hint="take one of these requirements out of its module",
        data={"chain": chain, "cycle": True, "why": f"these require each other: {shown}"},
    )
