"""Own a picture of what a terminal showed; know nothing of what it is.

    python plugins/demo_picture.py plugins/clouds.png < recording

draws text with colours as terminals have them: a recording of `make demo`, or a part of one. Needs Pillow, which nothing else
here needs, and the font DejaVu Sans Mono.
"""

import sys
from importlib import import_module
from typing import Any, Final

from rich.color import Color
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

__all__ = ["main"]

# Pixels of the font, drawn for screens that have two for each of the reader's.
_SIZE: Final = 26
_LINE: Final = 36
_MARGIN: Final = 36
# Colours of text on dark ground compress well; a palette of so many keeps the edges of the letters smooth.
_PALETTE: Final = 64
_GROUND: Final = (30, 30, 34)
_INK: Final = (222, 222, 218)


def main() -> None:
    """Draw standard input into the file that is named first."""
    lines = [Text.from_ansi(line) for line in sys.stdin.read().replace("\r", "").rstrip("\n").split("\n")]
    drawn = draw(lines)
    drawn.quantize(_PALETTE).save(sys.argv[1], optimize=True)


def draw(lines: list[Text]) -> Any:
    """Return an image of the lines."""
    image, drawing, fonts = (import_module(f"PIL.{name}") for name in ("Image", "ImageDraw", "ImageFont"))
    plain, bold = (fonts.truetype(f"DejaVuSansMono{kind}.ttf", _SIZE) for kind in ("", "-Bold"))
    column: float = plain.getlength("m")
    columns = max(len(line.plain) for line in lines)
    picture = image.new("RGB", (2 * _MARGIN + round(columns * column), 2 * _MARGIN + _LINE * len(lines)), _GROUND)
    brush = drawing.Draw(picture)
    for row, line in enumerate(lines):
        for place, letter in enumerate(line.plain):
            worn = (span.style for span in line.spans if isinstance(span.style, Style) and span.start <= place < span.end)
            style = Style.combine([Style(), *worn])
            where = (_MARGIN + place * column, _MARGIN + row * _LINE)
            brush.text(where, letter, font=bold if style.bold else plain, fill=_rgb(style.color, dim=bool(style.dim)))
    return picture


def _rgb(color: Color | None, *, dim: bool) -> tuple[int, int, int]:
    red, green, blue = _INK if color is None or color.is_default else color.get_truecolor(MONOKAI)
    if not dim:
        return red, green, blue
    return (red + _GROUND[0]) // 2, (green + _GROUND[1]) // 2, (blue + _GROUND[2]) // 2


if __name__ == "__main__":
    main()
