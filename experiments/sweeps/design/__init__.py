"""Designs: the scenarios and seeds of a sweep.

``Design`` combines a scenario, a sample of points and seeds. ``load`` reads a design from TOML.
The samples are ``Grid``, ``Listed``, ``LatinHypercube``, ``Sobol``, ``Morris``, ``BudgetSimplex``.
"""

from experiments.sweeps.design.factors import with_inputs
from experiments.sweeps.design.files import load, names, read
from experiments.sweeps.design.plan import Design, ParameterSet, PlannedRun
from experiments.sweeps.design.samples import (
    BudgetSimplex,
    Grid,
    LatinHypercube,
    Listed,
    Morris,
    Sample,
    Sobol,
)

__all__ = [
    "BudgetSimplex",
    "Design",
    "Grid",
    "LatinHypercube",
    "Listed",
    "Morris",
    "ParameterSet",
    "PlannedRun",
    "Sample",
    "Sobol",
    "load",
    "names",
    "read",
    "with_inputs",
]
