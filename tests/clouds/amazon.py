"""Own the program that plays Amazon on loopback, with moto, until its standard input ends; know nothing of what it answers.

    python -m tests.clouds.amazon --port 0

prints one line of JSON when it is ready: the address.
"""

import argparse
import contextlib
import json
import logging
import sys

from moto.server import ThreadedMotoServer

__all__ = ["main"]


def main() -> None:
    """Play until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.clouds.amazon", description="Play the APIs of Amazon.")
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # else a line for each request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=parser.parse_args().port, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(json.dumps({"aws": f"http://{host}:{port}"}), flush=True)  # noqa: T201 - how it says that it is ready
    with contextlib.suppress(KeyboardInterrupt):  # started by hand, it ends without a traceback
        sys.stdin.buffer.read()
    server.stop()


if __name__ == "__main__":
    main()
