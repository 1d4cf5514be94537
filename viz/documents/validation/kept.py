"""Read a validation that ``twoborders validate`` has written, for the screen.

``kept.json`` is the packaged output of that command, unmodified.
"""

from __future__ import annotations

import json
from pathlib import Path

from agents.param import SettingError
from experiments.rows.validation import ValidationRows, read_validation

SHIPPED = Path(__file__).with_name("kept.json")
MEMBERS = 20  # of the ensemble, in the packaged validation
_LARGEST = 5_000_000  # bytes


def read(path: Path = SHIPPED) -> ValidationRows:
    """Read ``validation.json``. Raise ``SettingError`` if it does not fit the current targets."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError
        return read_validation(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        reason = "invalid validation file: expected a file of the current model version"
        raise SettingError(path.name, reason, "Run twoborders validate again.") from None
