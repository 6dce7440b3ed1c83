"""Own the program that plays three clouds on loopback, until its standard input ends; know nothing of what a cloud answers.

    python -m tests.clouds.standin --port 0

prints one line of JSON when it is ready: the address of each service, and that of the control.
"""

import argparse
import contextlib
import json
import sys
import threading

from tests.clouds.sites import Control, Played
from tests.clouds.wire import Listener, Site
from tests.clouds.world import SERVICES

__all__ = ["main"]

_MAX_PORT = 65535


def main() -> None:
    """Play until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.clouds.standin", description="Play the APIs of three clouds.")
    said = "of the control; the services take the three after it; 0 lets the system choose"
    parser.add_argument("--port", type=int, default=0, help=said)
    port: int = parser.parse_args().port
    if not 0 <= port <= _MAX_PORT - len(SERVICES):
        parser.error(f"--port must be from 0 to {_MAX_PORT - len(SERVICES)}")
    control = Control()
    sites: dict[str, Site] = {"control": control, **{service: Played(service, control) for service in SERVICES}}
    stopping = threading.Event()
    listeners = {
        name: Listener(port + place if port else 0, site, stopping) for place, (name, site) in enumerate(sites.items())
    }
    for listener in listeners.values():
        threading.Thread(target=listener.serve_forever, daemon=True).start()
    print(json.dumps({name: listener.url for name, listener in listeners.items()}), flush=True)  # noqa: T201 - how it says that it is ready
    with contextlib.suppress(KeyboardInterrupt):  # started by hand, it ends without a traceback
        sys.stdin.buffer.read()
    stopping.set()
    for listener in listeners.values():
        listener.server_close()


if __name__ == "__main__":
    main()
