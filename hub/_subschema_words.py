"""Own how a doubt about two schemas is told: where, and a sentence for both directions; know nothing of how it is found."""

import json
from dataclasses import dataclass
from typing import Any, Final

from hub._names import printable

__all__ = ["Doubt", "shown"]

_SHOWN_CHARACTERS: Final = 60


@dataclass(frozen=True, slots=True)
class Doubt:
    """Where (a JSON pointer into each of the two schemas) and why it is not proved; `why` names them {wider} and {narrower}."""

    wider: str
    narrower: str
    why: str

    def told(self, *, wider: str, narrower: str) -> str:
        """Return why, with these words for the two schemas."""
        return self.why.replace("{wider}", wider).replace("{narrower}", narrower)


def shown(value: Any) -> str:
    """Return a value of a schema as JSON, cut to a few words. Braces that a module wrote are no names of ours."""
    text = json.dumps(value, ensure_ascii=False)
    return printable(text.replace("{", "(").replace("}", ")"), _SHOWN_CHARACTERS)
