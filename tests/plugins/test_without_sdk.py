"""The specification is enough: a module written from protocol/README.md alone passes what modules with an SDK pass."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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


def test_the_module_in_perl_reports_progress_and_ends_a_cancelled_call() -> None:
    # HUB-PROG-1, HUB-CANCEL-2, HUB-LIFE-4: the runner above knows no function that is slow for certain.
    need("perl")
    with subprocess.Popen([_PERL / "module.pl"], cwd=_PERL, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as module:
        assert module.stdin is not None
        assert module.stdout is not None
        frames: list[dict[str, Any]] = [
            {"id": 1, "method": "module_info", "params": {"protocol_versions": [1], "features": ["cancel", "progress"]}},
            {"id": 2, "method": "module_init", "params": {"config": {}, "data_directory": "/"}},
            {"id": 3, "method": "count", "params": {"to": 1000}},
            {"id": 4, "method": "ping", "params": {}},
        ]
        for frame in frames:
            module.stdin.write(json.dumps({"jsonrpc": "2.0", **frame}).encode() + b"\n")
        module.stdin.flush()
        answered = [json.loads(module.stdout.readline()) for _ in range(5)]
        assert [answer.get("id") for answer in answered] == [1, 2, 4, None, None]
        assert [answer["params"] for answer in answered[3:]] == [{"id": 3, "done": done, "total": 1000} for done in (1, 2)]
        module.stdin.write(b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":3}}\n')
        module.stdin.close()
        rest = [json.loads(line) for line in module.stdout]
        assert [message["error"]["code"] for message in rest if message.get("id") == 3] == [-31000]
        assert module.wait() == 0
