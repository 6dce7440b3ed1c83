"""Own the measuring of what a person waits for before anything happens: help pages, the introduction of a module.

`.venv/bin/python tests/benchmarks/start_up.py` prints medians of interleaved runs, with min and max, and what matters of them.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

__all__ = ["main"]

RUNS = 25
# A PYTHONDONTWRITEBYTECODE of the person who measures would make every start compile everything.
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
# The two requests that introduce a module, and the end of its input.
INTRODUCTION = (
    b'{"jsonrpc":"2.0","id":1,"method":"module_info","params":{"protocol_versions":[1],"features":[],'
    b'"max_frame_bytes":16777216,"hub":{"name":"hub","version":"0"}}}\n'
    b'{"jsonrpc":"2.0","id":2,"method":"capabilities","params":{}}\n'
)
MODULE = '''from hub_sdk import Module

module = Module("one", version="1.0.0", license="MIT", authors=["a"])


@module.function
def greet(name: str = "world") -> str:
    """Greet somebody."""
    return f"Hello, {name}!"


module.run()
'''


def run(*words: str) -> float:
    """Return the seconds that a command takes."""
    begun = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=ENVIRON)
    return time.perf_counter() - begun


def introduce(file: str) -> float:
    """Return the seconds from the spawn of a module until it has answered module_info and capabilities."""
    begun = time.perf_counter()
    with subprocess.Popen([sys.executable, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRON) as module:
        assert module.stdin is not None
        assert module.stdout is not None
        module.stdin.write(INTRODUCTION)
        module.stdin.flush()
        for _ in range(2):
            assert b'"result"' in module.stdout.readline()
        took = time.perf_counter() - begun
        module.stdin.close()
    return took


def main() -> None:
    """Measure everything, interleaved, and print a table."""
    hub = str(BIN / "hub")
    taken: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "one.py"
        file.write_text(MODULE)
        for _ in range(RUNS + 1):
            for name, seconds in (
                ("hub --help", run(hub, "--help")),
                ("hub call --help", run(hub, "call", "--help")),
                ('python -c "import asyncio, json"', run(sys.executable, "-c", "import asyncio, json")),
                ("introduce a Python SDK module", introduce(str(file))),
            ):
                taken.setdefault(name, []).append(seconds)
    print(f"{'':36}{'median':>9}{'min':>9}{'max':>9}   ({RUNS} runs, interleaved, in ms)")
    for name, seconds in taken.items():
        warm = [each * 1000 for each in seconds[1:]]  # the first one reads everything from disk
        print(f"{name:36}{median(warm):9.1f}{min(warm):9.1f}{max(warm):9.1f}")
    asyncio, module = (
        median(taken[name][1:]) for name in ('python -c "import asyncio, json"', "introduce a Python SDK module")
    )
    print(f"introduction / import of asyncio and json: {module / asyncio:.2f} (to stay below 1.5)")


if __name__ == "__main__":
    main()
