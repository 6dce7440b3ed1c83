"""Own what holds for where the hub keeps and finds things."""

import os
import re
from pathlib import Path

import pytest

from hub._paths import ENVIRONMENT_VARIABLES, Paths

_HERE = Path("/somewhere")


def _paths(plugins: tuple[str, ...] = (), **environ: str) -> Paths:
    return Paths.from_environment(environ, plugins=plugins, working_directory=_HERE)


def test_without_any_setting_plugins_are_in_the_working_directory_and_state_below_home() -> None:
    paths = _paths(HOME="/h")
    assert paths.plugins == (_HERE / "plugins",)
    assert not paths.plugins_given
    assert paths.state == Path("/h/.local/state/hub")
    assert paths.data == Path("/h/.local/share/hub")
    assert paths.grants is None


def test_the_variable_lists_several_directories_and_the_option_wins_over_it() -> None:
    listed = os.pathsep.join(["/a", "", "b"])
    assert _paths(HUB_PLUGINS=listed).plugins == (Path("/a"), _HERE / "b")
    assert _paths(("c", "/d/../e"), HUB_PLUGINS=listed).plugins == (_HERE / "c", Path("/e"))
    assert _paths(HUB_PLUGINS=listed).plugins_given


def test_the_xdg_variables_move_everything() -> None:
    paths = _paths(HOME="/h", XDG_STATE_HOME="/s", XDG_DATA_HOME="/d", XDG_RUNTIME_DIR="/r")
    assert paths.approvals == Path("/s/hub/approvals")
    assert paths.digests.parent == paths.reports.parent == Path("/s/hub")
    assert paths.stores == Path("/d/hub/stores")
    assert paths.control_socket == Path("/r/hub/control.sock")


@pytest.mark.parametrize("value", ["", "relative/dir"])
def test_an_xdg_variable_that_is_not_absolute_counts_as_not_set(value: str) -> None:
    assert _paths(HOME="/h", XDG_STATE_HOME=value).state == Path("/h/.local/state/hub")


def test_the_runtime_directory_is_never_below_the_shared_temporary_directory() -> None:
    runtime = _paths(HOME="/h").runtime
    assert runtime in {Path(f"/run/user/{os.getuid()}/hub"), Path("/h/.local/state/hub/run")}


def test_every_variable_that_the_code_asks_for_is_listed_with_its_meaning() -> None:
    source = Path(__file__).parents[2] / "hub" / "_paths.py"
    asked = set(re.findall(r'"((?:HUB|XDG)_[A-Z_]+|HOME|PATH)"[,)]', source.read_text()))
    assert {"HUB_PLUGINS", "XDG_STATE_HOME", "HOME", "PATH"} <= asked
    assert asked <= ENVIRONMENT_VARIABLES.keys()
    assert all(ENVIRONMENT_VARIABLES.values())
