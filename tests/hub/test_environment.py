"""Own the proof that a plugin sees the listed variables and no others; start no processes."""

from hub._environment import INHERITED_VARIABLES, plugin_environment


def test_what_is_not_listed_stays_with_the_hub() -> None:
    host = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "AWS_SECRET_ACCESS_KEY": "s",
        "LD_PRELOAD": "x.so",
        "PYTHONPATH": "/x",
        "HUB_STATE": "/y",
    }
    assert plugin_environment(host, {}) == {"PATH": "/bin", "LC_ALL": "C"}


def test_the_manifest_adds_and_overrules() -> None:
    assert plugin_environment({"PATH": "/bin", "TZ": "UTC"}, {"PATH": "/opt/bin", "REGION": "nyc1"}) == {
        "PATH": "/opt/bin",
        "TZ": "UTC",
        "REGION": "nyc1",
    }


def test_the_names_of_posix_are_told_from_others_of_another_case() -> None:
    assert plugin_environment({"path": "/bin", "lc_all": "C"}, {}) == {}


def test_each_listed_variable_has_its_reason() -> None:
    assert all(len(reason) > 10 for reason in INHERITED_VARIABLES.values())
