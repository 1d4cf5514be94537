"""Designs: the scenarios and seeds of a sweep.

``Design`` combines a scenario, a sample of points and seeds. ``load`` reads a design from TOML.
The samples are ``Grid``, ``Listed``, ``LatinHypercube`` and ``Sobol``.
"""

from experiments.sweeps.design.factors import with_inputs
from experiments.sweeps.design.files import load, names, read
from experiments.sweeps.design.plan import (
    Design,
    Grid,
    LatinHypercube,
    Listed,
    ParameterSet,
    PlannedRun,
    Sample,
    Sobol,
)

__all__ = [
    "Design",
    "Grid",
    "LatinHypercube",
    "Listed",
    "ParameterSet",
    "PlannedRun",
    "Sample",
    "Sobol",
    "load",
    "names",
    "read",
    "with_inputs",
]
