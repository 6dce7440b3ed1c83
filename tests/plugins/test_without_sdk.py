"""The specification is enough: a module written from protocol/README.md alone passes what modules with an SDK pass."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.toolchains import need

pytestmark = pytest.mark.process

_PERL = Path(__file__).parent / "perl"
# Modules with an SDK pass 235 of the 262 checks when they offer what this one offers; the rest is about what they do not offer.
_LEAST_PASSED = 230


@pytest.mark.bound(90, reason="all checks of the conformance runner, hundreds of starts and calls")
def test_a_module_in_perl_keeps_every_rule() -> None:
    need("perl")
    command = [sys.executable, "-m", "hub.cli", "plugin", "test", str(_PERL), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["conforms"] is True
    assert [check["id"] for check in told["checks"] if check["status"] == "failed"] == []
    assert told["counts"]["passed"] >= _LEAST_PASSED
    offered = {check["id"].partition("/")[0] for check in told["checks"] if check["status"] == "passed"}
    assert {"HUB-CANCEL-2", "HUB-PROG-1", "HUB-PING-1", "HUB-CALL-6"} <= offered
