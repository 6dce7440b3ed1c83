"""Own the command `hub`: where it begins. Knows nothing of any command; imports nothing until it is known what is needed."""

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process and exit."""
    from hub.cli._main import run

    run()
