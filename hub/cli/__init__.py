"""Own the command `hub`: where it begins. Knows nothing of any command; imports nothing until it is known what is needed."""

import time

__all__ = ["BEGUN_SECONDS", "main"]

# A person who says `--timeout 0.5` counts from the moment of typing.
BEGUN_SECONDS = time.monotonic()


def main() -> None:
    """Run the command line of this process and exit."""
    from hub.cli._main import run

    run()
