"""Own what holds for the order in which modules start."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._order import FileRequirement, Needs, dependents, plan_start, require_version, start_order
from hub.errors import BadManifest, DependencyFailed

_NAMES = list("abcdefgh")


def _modules(**requires: str) -> dict[str, Needs]:
    """Return modules of version 1.0.0 that require any version of the named ones."""
    return {name: Needs("1.0.0", dict.fromkeys(needed.split(), "*")) for name, needed in requires.items()}


def test_required_modules_start_first_and_otherwise_the_given_order_is_kept() -> None:
    modules = _modules(web="store auth", auth="store", store="", alone="")
    assert start_order(modules, ["web"]).order == ("store", "auth", "web")
    assert plan_start(modules).order == ("store", "auth", "web", "alone")
    assert start_order(modules, ["alone", "store"]).order == ("alone", "store")


def test_a_cycle_is_refused_and_names_its_chain_for_each_of_its_members() -> None:
    modules = _modules(a="b", b="c", c="b", free="")
    with pytest.raises(DependencyFailed, match="b -> c -> b") as caught:
        start_order(modules, ["b"])
    assert caught.value.kind == "dependency_failed"
    assert caught.value.data["chain"] == ["b", "c", "b"]
    plan = plan_start(modules)
    assert plan.failed["c"].data["chain"] == ["c", "b", "c"]
    assert plan.failed["a"].data["chain"] == ["a", "b", "c", "b"]
    assert plan.order == ("free",)


def test_a_module_that_requires_itself_is_a_cycle_of_one() -> None:
    with pytest.raises(DependencyFailed, match="a -> a"):
        start_order(_modules(a="a"), ["a"])


def test_a_missing_module_is_named_with_the_chain_that_leads_to_it() -> None:
    with pytest.raises(DependencyFailed) as caught:
        start_order(_modules(a="b", b="stoer", store=""), ["a"])
    assert caught.value.message == "cannot start a: it requires b, which requires stoer, and there is no plugin stoer"
    assert caught.value.hint == "did you mean store?"
    assert caught.value.data["chain"] == ["a", "b", "stoer"]


def test_a_broken_plugin_is_named_as_the_cause() -> None:
    broken = {"store": BadManifest("cannot read plugin store: plugin.toml: it is not UTF-8", hint="save it as UTF-8")}
    with pytest.raises(DependencyFailed, match="store cannot be used: cannot read plugin store") as caught:
        start_order(_modules(a="store"), ["a"], broken=broken)
    assert caught.value.hint == "save it as UTF-8"


def test_a_version_that_does_not_fit_is_refused_with_both_versions() -> None:
    modules = {"a": Needs("1.0.0", {"b": "*"}), "b": Needs("1.0.0", {"store": "^2"}), "store": Needs("1.4.0")}
    with pytest.raises(DependencyFailed) as caught:
        start_order(modules, ["a"])
    assert caught.value.message == (
        "cannot start a: it requires b, which requires store, and there is store 1.4.0, which does not satisfy ^2"
    )
    assert caught.value.data["chain"] == ["a", "b", "store"]


def test_a_version_that_is_not_known_yet_passes_until_it_is() -> None:
    modules = {"a": Needs(None, {"store": "^2"}), "store": Needs(None)}
    assert start_order(modules, ["a"]).order == ("store", "a")
    require_version("a", "store", "^2", "2.1.0")
    with pytest.raises(DependencyFailed, match=r"there is store 1\.0\.0"):
        require_version("a", "store", "^2", "1.0.0")
    with pytest.raises(DependencyFailed, match="cannot be checked"):
        require_version("a", "store", "newest", "1.0.0")


@pytest.mark.parametrize("name", ["libx.so", "X.DLL", "a.dylib", "tool.exe", "helper.py"])
def test_a_requirement_that_names_a_file_is_skipped_with_a_warning(name: str) -> None:
    plan = plan_start({"a": Needs("1.0.0", {name: "1.0"})})
    assert plan.order == ("a",)
    assert plan.warnings == (FileRequirement("a", name),)
    assert "names a file, not a module" in str(plan.warnings[0])


def test_one_module_that_cannot_start_keeps_no_other_from_starting() -> None:
    modules = _modules(bad="shared only_for_bad gone", only_for_bad="", shared="", good="shared")
    plan = plan_start(modules, ["bad", "good"])
    assert plan.order == ("shared", "good")
    assert set(plan.failed) == {"bad"}


def test_a_chain_longer_than_the_recursion_limit_is_ordered() -> None:
    modules = {f"m{n}": Needs("1.0.0", {f"m{n + 1}": "*"} if n < 3000 else {}) for n in range(3001)}
    assert start_order(modules, ["m0"]).order[0] == "m3000"


def test_dependents_are_found_through_others_and_end_at_a_cycle() -> None:
    modules = _modules(web="auth", auth="store", store="", loop="loop2 store", loop2="loop")
    assert dependents(modules, "store") == ("auth", "loop", "web", "loop2")
    assert dependents(modules, "web") == ()


@given(st.dictionaries(st.sampled_from(_NAMES), st.lists(st.sampled_from(_NAMES), unique=True)))
def test_whatever_the_graph_each_module_starts_after_what_it_requires_or_fails_with_a_real_chain(
    graph: dict[str, list[str]],
) -> None:
    modules = {name: Needs("1.0.0", dict.fromkeys(needed, "*")) for name, needed in graph.items()}
    plan = plan_start(modules)
    assert set(plan.order) | set(plan.failed) == set(modules)
    assert not set(plan.order) & set(plan.failed)
    for name in plan.order:
        assert all(plan.order.index(needed) < plan.order.index(name) for needed in graph[name])
    for name, error in plan.failed.items():
        chain = error.data["chain"]
        assert chain[0] == name
        assert all(second in graph[first] for first, second in pairwise(chain))
        assert chain[-1] not in graph or chain[-1] in chain[:-1]
