"""Own a bound on the work that one schema may cause: it comes from a module, and may grow without end as it is followed."""

from typing import Any, Final, cast

__all__ = ["Steps", "is_small", "size_of"]

# Ten times what the largest schema of an honest module takes, and a part of a second.
_MOST_STEPS: Final = 20_000
# A value refers to its parts and may hold one of them a million times: what is small in memory need not be small as JSON.
_MOST_PARTS: Final = 200_000
_CHARACTERS_A_PART: Final = 100


class Steps:
    """How many steps are left; never less than none."""

    def __init__(self, most: int = _MOST_STEPS) -> None:
        self.left = most

    def take(self, count: int = 1) -> bool:
        """Take steps; return whether there were enough. Who asks for more than there are leaves none."""
        enough = count <= self.left
        self.left = self.left - count if enough else 0
        return enough


def size_of(rules: dict[str, Any]) -> int:
    """Return how many steps it takes to look at a schema itself, without those that it holds."""
    return 1 + len(rules) + sum(len(cast("list[Any]", value)) for value in rules.values() if isinstance(value, dict | list))


def is_small(value: object) -> bool:
    """Return whether a JSON value can be written and sent without a thought; looks at no more of it than that takes."""
    steps = Steps(_MOST_PARTS)
    todo = [iter([value])]
    while todo:
        for part in todo[-1]:
            if not steps.take(1 + (len(part) // _CHARACTERS_A_PART if isinstance(part, str) else 0)):
                return False
            if isinstance(part, dict):
                members = cast("dict[str, Any]", part)
                todo += [iter(members.values()), iter(members)]
                break
            if isinstance(part, list):
                todo.append(iter(cast("list[Any]", part)))
                break
        else:
            todo.pop()
    return True
