"""Compiled functions over all rows of the table of migrants."""

from agents.jit import kernel
from agents.migrants.columns import NEVER


@kernel
def drop_finished(rows, due, count):
    """Move the rows with further actions to the front, in order.

    Args:
        rows, due: the table and its due dates; changed.
        count: number of rows in use.

    Returns:
        Number of rows that remain in use.
    """
    kept = 0
    for i in range(count):
        if due[i] != NEVER:
            if kept < i:
                rows[kept], due[kept] = rows[i], due[i]
            kept += 1
    for i in range(kept, count):
        due[i] = NEVER
    return kept


@kernel
def count_active(due, count):
    """Return the number of rows with further actions.

    Args:
        due: due dates of the table.
        count: number of rows in use.
    """
    active = 0
    for i in range(count):
        active += due[i] != NEVER
    return active
