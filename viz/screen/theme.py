"""How the screen looks: sheets of style, no font and no picture from elsewhere.

Every room of the screen has a sheet in ``styles/``; ``screen.css`` comes first, the rest by name.
"""

from __future__ import annotations

from pathlib import Path

_SHEETS = sorted(
    (Path(__file__).parent / "styles").glob("*.css"),
    key=lambda sheet: (sheet.stem != "screen", sheet.stem),
)
CSS = "\n".join(sheet.read_text(encoding="utf-8") for sheet in _SHEETS)
"""All sheets, in order."""
