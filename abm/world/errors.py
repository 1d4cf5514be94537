"""The one complaint this package makes about a file: which file, which row, which column, why."""

from __future__ import annotations


class WorldError(ValueError):
    """A file of a world is missing or broken; nothing of it has been loaded.

    Attributes:
        file: name of the file, as in `nodes.csv`.
        row: row as a spreadsheet counts them (the header is row 1), or None for the whole file.
        column: name of the column, or None for the whole row or file.
        reason: what is wrong and what to give instead.
    """

    def __init__(
        self, file: str, row: int | None = None, column: str | None = None, reason: str = ""
    ) -> None:
        """Keep the four parts and build the sentence from them."""
        self.file, self.row, self.column, self.reason = file, row, column, reason
        place = [file]
        if row is not None:
            place.append(f"row {row}")
        if column is not None:
            place.append(f"column {column}")
        super().__init__(f"{', '.join(place)}: {reason}")

    def __reduce__(self) -> tuple[type[WorldError], tuple[object, ...]]:
        """Survive the way back from a worker process with all four parts."""
        return type(self), (self.file, self.row, self.column, self.reason)
