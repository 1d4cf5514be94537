"""A second process that compiles the largest kernel while the first process compiles the others.

:meth:`agents.kernel_cache.KernelFolder.start_helper` starts it on the first run of a version.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numba
import numpy as np

from agents import jit
from agents.border_patrol import BorderPatrolParams
from agents.consequences import ConsequenceParams
from agents.gendarmes import GendarmeParams
from agents.kernel_params import build_kernel_params
from agents.migrants.columns import DAY_TALLIES, MARKET, LegState, MigrantTable
from agents.migrants.kernels import act_due
from agents.migrants.migrant_params import MigrantParams
from agents.migrants.success import N_EXPECTED
from agents.routing import RouteParams


def signature() -> tuple[Any, ...]:
    """Return the types of the arguments of ``act_due`` in a world of the usual size."""
    settings = SimpleNamespace(
        migrants=MigrantParams(),
        consequences=ConsequenceParams(),
        mexico=GendarmeParams(),
        border_patrol=BorderPatrolParams(),
        routes=RouteParams(),
    )
    params = build_kernel_params(settings, np.zeros(1), np.zeros(1), 0)
    legs = LegState(places=1, legs=1, out=1, origins=1, expected=N_EXPECTED)
    table, market, day_tallies = MigrantTable(1), np.zeros(1, MARKET), np.zeros(1, DAY_TALLIES)
    arguments = (0, 0, table.rows, table.due, legs.records, market, params, day_tallies, 0)
    return tuple(map(numba.typeof, arguments))


def main() -> None:
    """Compile the kernel."""
    jit.folder.helper = ""
    act_due.compile(signature())
