"""Designs: which scenarios a sweep plays, and with which seeds.

``Design`` puts a scenario, a sample of points and seeds together; ``load`` reads one from TOML.
The samples are ``Grid``, ``Listed``, ``LatinHypercube``, ``Sobol``, ``Morris``, ``BudgetSimplex``.
"""

from experiments.design.factors import with_inputs
from experiments.design.files import load, names, read
from experiments.design.plan import Design, ParameterSet, Planned
from experiments.design.samples import (
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
    "Planned",
    "Sample",
    "Sobol",
    "load",
    "names",
    "read",
    "with_inputs",
]
