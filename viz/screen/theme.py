"""The style sheets of the screen; no font and no image comes from another server.

``styles/`` has one sheet for each part of the screen; ``screen.css`` comes first, then by name.
"""

from __future__ import annotations

from pathlib import Path

_SHEETS = sorted(
    (Path(__file__).parent / "styles").glob("*.css"),
    key=lambda sheet: (sheet.stem != "screen", sheet.stem),
)
CSS = "\n".join(sheet.read_text(encoding="utf-8") for sheet in _SHEETS)
"""All sheets, in order."""
