"""The migrant table: memory layout, growth, compaction and unique uids."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abm.engines import MigrantTable
from agents.migrants.columns import NEVER
from agents.migrants.kernels import make_uid

DATES = st.integers(1, 3_000_000)
STRATA, NUMBERS = st.integers(0, 2**16 - 1), st.integers(0, 2**24 - 1)
KEYS = st.tuples(DATES, STRATA, NUMBERS)


# ---- the table ----------------------------------------------------------------------------------


def fill(table, dues, first=0):
    """Add rows with the given due dates and consecutive uids from `first`."""
    table.reserve(len(dues))
    for k, due in enumerate(dues):
        table.rows["uid"][table.count], table.due[table.count] = first + k, due
        table.rows["wealth"][table.count] = 7 * (first + k)
        table.count += 1


DUES = st.lists(st.sampled_from([3, 50, NEVER]), max_size=40)


@given(st.integers(1, 9), st.lists(DUES, max_size=6))
def test_growing_keeps_all_rows_in_order_and_aligned(capacity, batches):
    table, n = MigrantTable(capacity), 0
    for dues in batches:
        fill(table, dues, n)
        n += len(dues)
        assert table.count == n <= table.due.size == table.rows.size
        assert table.live["uid"].tolist() == list(range(n))
        assert (table.live["wealth"] == 7 * np.arange(n)).all()
        assert table.rows.ctypes.data % 64 == 0
    assert table.due[:n].tolist() == [d for dues in batches for d in dues]


@given(DUES, DUES)
def test_compacting_drops_exactly_the_rows_without_further_actions(dues, later):
    table = MigrantTable(4)
    fill(table, dues)
    remaining = [k for k, due in enumerate(dues) if due != NEVER]
    assert table.compact() == len(dues) - len(remaining)
    assert table.live["uid"].tolist() == remaining and table.count == len(remaining)
    assert table.due[: table.count].tolist() == [dues[k] for k in remaining]
    assert table.compact() == 0
    fill(table, later, 100)
    assert table.live["uid"].tolist() == remaining + list(range(100, 100 + len(later)))


# ---- identity -----------------------------------------------------------------------------------


@given(KEYS, KEYS)
def test_uids_are_unique(key, other_key):
    assert (make_uid(*key) == make_uid(*other_key)) == (key == other_key)
