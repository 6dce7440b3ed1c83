# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
"""Own the picture of a run: results.json in, results.png out; runs in build/bench/venv, where matplotlib is.

python -m tests.benchmarks.picture RESULTS.json RESULTS.png TITLES.json
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

__all__ = ["main"]

_PANELS: Final = (
    ("add, 1 in flight", "one call at a time\nµs a call", 1e6),
    ("add, 64 in flight", "64 in flight\nµs a call", 1e6),
    ("echo 16 MiB", "an echo of 16 MiB\nms a call", 1e3),
)
_WHOLE: Final = 100
_OURS, _THEIRS = "#1f77b4", "#b0b0b0"


def _panel(axes: Any, title: str, rows: list[dict[str, Any]], scale: float, titles: dict[str, str]) -> None:
    """Draw a bar for each contestant and mode, fastest at the top, with a line from min to max."""
    by_who: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        by_who.setdefault(row["who"], {})[row["mode"]] = row
    order = sorted(by_who, key=lambda who: -min(row["median"] for row in by_who[who].values()))
    for place, who in enumerate(order):
        for shift, mode, hatch in ((0.2, "pinned", None), (-0.2, "unpinned", "///")):
            row = by_who[who].get(mode)
            if row is None:
                continue
            median = row["median"] * scale
            spread = [[median - row["min"] * scale], [row["max"] * scale - median]]
            colour = _OURS if who.startswith("hub-") else _THEIRS
            axes.barh(place + shift, median, 0.38, color=colour, hatch=hatch, edgecolor="white", xerr=spread, ecolor="#444444")
            number = f"{median:,.0f}" if median >= _WHOLE else f"{median:.3g}"
            axes.text(row["max"] * scale, place + shift, f" {number}", va="center", fontsize=7)
    axes.set_yticks(range(len(order)), [titles.get(who, who) for who in order], fontsize=8)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)


def main() -> None:
    """Draw the three works that say most."""
    source, target, titles_file = (Path(word) for word in sys.argv[1:4])
    results = json.loads(source.read_text())
    titles = json.loads(titles_file.read_text())
    calls = [row for row in results["series"] if row["part"] == "calls"]
    panels = [panel for panel in _PANELS if any(row["subject"] == panel[0] for row in calls)]
    if not panels:
        return
    figure, axes = plt.subplots(1, len(panels), figsize=(5 * len(panels), 5.5), squeeze=False)
    for one, (subject, title, scale) in zip(axes[0], panels, strict=True):
        _panel(one, title, [row for row in calls if row["subject"] == subject], scale, titles)
    about = results["machine"]
    figure.suptitle(
        "Calls into another process: hub beside its peers (shorter is faster; plain: pinned to one core, hatched: all cores)"
    )
    about_words = (
        f"{about['when'][:10]}, {about['cores']} cores of {about['processor']}, {about['system']}, Python {about['python']}"
    )
    figure.text(0.5, 0.01, f"{about_words}; medians, lines from min to max", ha="center", fontsize=8)
    figure.tight_layout(rect=(0, 0.03, 1, 0.97))
    figure.savefig(target, dpi=110)


if __name__ == "__main__":
    main()
