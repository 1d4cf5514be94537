"""Error for an invalid world file, with the file, row, column and reason."""

from __future__ import annotations

from pathlib import Path

from agents.param import SettingError, one_line


class WorldError(ValueError):
    """Raised if a world file is missing or invalid. No part of the world is then loaded.

    Attributes:
        file: name of the file, such as `nodes.csv`.
        row: row number as in a spreadsheet (the header is row 1), or None for the whole file.
        column: name of the column, or None for the whole row or file.
        reason: the problem and the expected value.
    """

    def __init__(
        self, file: str, row: int | None = None, column: str | None = None, reason: str = ""
    ) -> None:
        """Build the message from its parts.

        Args:
            file: name of the file.
            row: row number as in a spreadsheet (the header is row 1), or None.
            column: name of the column, or None.
            reason: the problem and the expected value.
        """
        reason = one_line(reason)
        self.file, self.row, self.column, self.reason = file, row, column, reason
        location = [one_line(file, 100)]
        if row is not None:
            location.append(f"row {row}")
        if column is not None:
            location.append(f"column {column}")
        super().__init__(one_line(f"{', '.join(location)}: {reason}"))

    def __reduce__(self) -> tuple[type[WorldError], tuple[object, ...]]:
        """Support pickling, with which worker processes return the error."""
        return type(self), (self.file, self.row, self.column, self.reason)

    def as_setting_error(self, path: str, folder: str) -> SettingError:
        """Return the same error as a SettingError for the setting that names the world.

        Args:
            path: dotted name of the setting, for error messages.
            folder: the setting's value. The message begins with this folder, unless it names the
                folder anyway.

        Returns:
            The error, which the caller raises.
        """
        place = str(Path(folder))
        named = self.file == place or self.reason.endswith(f"in {place}")
        text = str(self) if named else f"{folder}: {self}"
        hint = "Fix this file." if self.file.endswith((".csv", ".toml")) else "Give another folder."
        return SettingError(path, text, hint)
