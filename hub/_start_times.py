"""Own what is remembered of when the processes of this machine were started; decide nothing, and send no signals."""

from collections.abc import Iterator

from hub._procfs import process_numbers, start_ticks_of

__all__ = ["StartTimes"]


class StartTimes:
    """When each process was started, in ticks since boot. That never changes, and a hub asks again at each end of a module.

    Without this memory an end would cost 10 µs and more for each process of the machine, however old it is.
    """

    def __init__(self) -> None:
        # By number and inode: the number alone is given to another process one day.
        self._known: dict[tuple[int, int], int] = {}

    def look(self) -> Iterator[tuple[int, int | None]]:
        """Yield each process with its start, the newest first as far as numbers tell; None where it ended meanwhile."""
        present = process_numbers()
        self._known = {key: self._known[key] for key in present if key in self._known}
        for key in present:
            started = self._known.get(key)
            if started is None and (started := start_ticks_of(key[0])) is not None:
                self._known[key] = started
            yield key[0], started
