#!/usr/bin/env python3
"""Draws docs/run.svg, the picture at the top of the README, from a chapter of docs/tour.cast: picture.py [FILE]

The same recording always gives the same bytes. The picture needs no font, script or other file: blocks are drawn as
rectangles, and each piece of text is stretched to its columns. It follows the light or dark colors of the page.
"""

import re
import sys
from html import escape
from pathlib import Path

from tour import CAST, CHAPTERS, WIDTH, lines_of, read_cast

CHAPTER = "compare"
TARGET = CAST.parent / "run.svg"
COLUMN, LINE, MARGIN = 8, 18, 16  # px

# How much of its cell a block fills, in eighths from the left.
BLOCKS = dict(zip("▏▎▍▌▋▊▉█", range(1, 9)))

STYLE = """
  .paper { fill: #fbfbfa; stroke: #d0d0cc }
  text { fill: #24292f; font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre }
  .typed { font-weight: bold }
  .bar { fill: #1f6f8b }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #16191d; stroke: #3a4048 }
    text { fill: #dfe3e8 }
    .bar { fill: #58b4d1 }
  }
"""


def row(number, line, style):
    """One line: its words as text, its blocks as rectangles."""
    top = MARGIN + number * LINE
    for piece in re.finditer(r"[^ ▏▎▍▌▋▊▉█]+(?: [^ ▏▎▍▌▋▊▉█]+)*", line):
        yield (f'<text{style} x="{MARGIN + piece.start() * COLUMN}" y="{top + 13}" textLength="{len(piece[0]) * COLUMN}" '
               f'lengthAdjust="spacingAndGlyphs">{escape(piece[0])}</text>')
    for piece in re.finditer(r"█*[▏▎▍▌▋▊▉]|█+", line):
        width = sum(BLOCKS[block] for block in piece[0]) * COLUMN // 8
        yield f'<rect class="bar" x="{MARGIN + piece.start() * COLUMN}" y="{top + 2}" width="{width}" height="{LINE - 4}"/>'


def picture(lines):
    width, height = WIDTH * COLUMN + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    rows = [part for number, line in enumerate(lines)
            for part in row(number, line, ' class="typed"' if line.startswith("$ ") else "")]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
        f"<title>{escape(f'A run of {CHAPTERS[CHAPTER][1]}')}</title>",
        f"<desc>{escape(chr(10).join(lines))}</desc>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6"/>',
        *rows, "</svg>", ""])


def main():
    lines = [line for line in lines_of(read_cast(CAST)[CHAPTER]) if not line.startswith("$ #")]
    while not lines[-1]:
        lines.pop()
    Path(sys.argv[1] if len(sys.argv) > 1 else TARGET).write_text(picture(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
