"""A case (a scenario with a seed) and the result of its run.

``RunResult`` holds the measured outcomes of a run, ``Failure`` the error of a run that raised. Both
are plain values that can be sent between processes. The module does not import the model.
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from modulefinder import ModuleFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.source_hash import files_in, hash_files, source_hash

if TYPE_CHECKING:
    import numpy as np

    from abm.scenario import Scenario


__all__ = ["YEAR", "Case", "Failure", "FirstYear", "RunResult"]

YEAR = 365


@dataclass(frozen=True)
class Case:
    """A scenario and the seed (an integer from 0) of all its random draws."""

    scenario: Scenario
    seed: int = 1

    @property
    def digest(self) -> str:
        """Hash of settings and seed, 40 hexadecimal digits."""
        text = f"{self.scenario.digest}:{self.seed}"
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()

    @property
    def warmup_key(self) -> tuple[str, int]:
        """Settings and seed that determine the warm-up, which a process simulates once per key."""
        return self.scenario.warmup_key, self.seed


@dataclass(frozen=True, eq=False)
class FirstYear:
    """Measures of the first 365 recorded days, for comparison with a fiscal year.

    Attributes:
        events: persons by group and event.
        rates: rates by name, see ``abm.measures.rates``.
        sector_shares: shares of apprehensions (0 to 1) by group and sector.
        interceptions_by_state: persons stopped by Mexico, by state.
        deaths_per_10000: expected deaths per 10,000 apprehensions, by sector.
    """

    events: dict[str, dict[str, int]]
    rates: dict[str, float]
    sector_shares: dict[str, dict[str, float]]
    interceptions_by_state: dict[str, float]
    deaths_per_10000: dict[str, float]


@dataclass(frozen=True, eq=False)
class RunResult:
    """Measures of one run, as plain values and numpy arrays.

    Attributes:
        case: digest of the case.
        name, seed, start, days, scale: settings of the run. `start` is an ISO date.
        persons: number of candidates, and persons by final status, which add up to the candidates.
        events: persons over the whole run, by event.
        rates: rates by name, see ``abm.measures.rates``.
        outcomes: outcomes per year, by their names in ``abm.measures.OUTCOMES``.
        sector_shares: shares of apprehensions (0 to 1) by group and sector.
        interceptions_by_state: persons stopped by Mexico, by state.
        deaths_per_10000: expected deaths per 10,000 apprehensions, by sector.
        months: months of the run, as YYYY-MM.
        series: persons per month, shape (months,), by name. ``fees_GROUP`` and ``spent_PAYER`` are
            dollars per month.
        leg_flow: persons per year, shape (legs,).
        dollars: dollars spent on policies over the whole run, by payer.
        dollars_unspent: dollars planned for policies but not spent because an agency could not
            deliver, by payer.
        digest: hash of the whole daily record.
        first_year: measures of the first 365 days, None for a run of less than 365 days.
        daily: persons by day and event, shape (days, events). None unless requested.
        cost: ``cpu_s`` and ``wall_s``, the seconds for building the model, the warm-up (unless an
            earlier run of the process has simulated it) and the run; ``peak_mb``, the peak memory
            of the process; and ``agent_days``, the sum over recorded days of the simulated migrants
            on the way in the evening (rows, not persons) and all other agents.
        criteria: values by their names in ``abm.measures.CRITERIA``, NaN where a criterion is
            undefined.
        discounted: dollars, got-aways and unlawful entries over the whole run, each day discounted
            to the first.
        depth: interdictions per year by depth, from Mexico's south to behind the U.S. line.
        gauges: monthly means, shape (months,), by their names in
            ``abm.phases.indicators.INDICATORS``.
    """

    case: str
    name: str
    seed: int
    start: str
    days: int
    scale: int
    persons: dict[str, int]
    events: dict[str, int]
    rates: dict[str, float]
    outcomes: dict[str, float]
    sector_shares: dict[str, dict[str, float]]
    interceptions_by_state: dict[str, float]
    deaths_per_10000: dict[str, float]
    months: list[str]
    series: dict[str, np.ndarray]
    leg_flow: np.ndarray
    dollars: dict[str, float]
    digest: str
    first_year: FirstYear | None = None
    daily: np.ndarray | None = None
    cost: dict[str, float] = field(default_factory=dict)
    criteria: dict[str, float] = field(default_factory=dict)
    discounted: dict[str, float] = field(default_factory=dict)
    depth: dict[str, float] = field(default_factory=dict)
    gauges: dict[str, np.ndarray] = field(default_factory=dict)
    dollars_unspent: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return name, seed, period, scale and digest."""
        size = f"{self.days} days from {self.start}, scale {self.scale}"
        return f"<RunResult {self.name}, seed {self.seed}: {size}, digest {self.digest[:8]}>"

    @property
    def years(self) -> float:
        """Length of the run in years of 365 days."""
        return self.days / YEAR

    @property
    def frame_values(self) -> dict[str, float]:
        """Outcomes, criteria and discounted sums by column of a results frame."""
        discounted = {f"discounted_{name}": value for name, value in self.discounted.items()}
        return self.outcomes | self.criteria | discounted


@dataclass(frozen=True)
class Failure:
    """The error of a run that returned no result.

    Attributes:
        case: digest of the case.
        name, seed: name of the scenario, and seed of the case.
        kind: class of the error.
        text: message of the error, on one line.
        trace: traceback, for developers.
    """

    case: str
    name: str
    seed: int
    kind: str
    text: str
    trace: str

    @classmethod
    def of(cls, case: Case, error: BaseException) -> Failure:
        """Create the failure of a case.

        Args:
            case: the case that raised.
            error: the error with its traceback.

        Returns:
            A record that can be sent between processes.
        """
        text = " ".join(str(error).split()) or "no message"
        trace = "".join(traceback.format_exception(error))
        return cls(case.digest, case.scenario.name, case.seed, type(error).__name__, text, trace)

    def __str__(self) -> str:
        """Return scenario, seed and error on one line."""
        return f"{self.name}, seed {self.seed}: {self.kind}: {self.text}"


#: Folders and files of the model, whose content :func:`model_source` hashes.
_PARTS = ("agents", "abm", *(f"experiments/runs/{name}.py" for name in ("case", "run", "warmup")))
#: Packages that :func:`class_source` does not hash.
_UNHASHED = {"agents", "abm", "mesa", "numpy", *sys.stdlib_module_names}
#: Packages whose versions are stored with a sweep.
PACKAGES = ("twoborders", "mesa", "networkx", "numpy", "numba", "scipy", "pandas")


@cache
def model_source() -> str:
    """Return the hash of the model's files and of the versions of numpy and numba.

    The hash has 16 hexadecimal digits. The files are read once per process, so the hash belongs to
    the code that the process runs, even if a file changes later.
    """
    return source_hash(_PARTS)


def world_source(folder: str) -> str:
    """Return the hash of the files in a world's folder, or "" if no folder is given."""
    if not folder:
        return ""
    return hash_files(files_in(Path(folder)), Path(folder)).hexdigest()


@cache  # The hash belongs to the code that this process imported, even if a file changes.
def class_source(kind: type[Any]) -> str:
    """Return the hash of the files that define a class and its bases, or "" for a project class."""
    names = {base.__module__ for base in kind.__mro__}
    modules = {name for name in names if name.partition(".")[0] not in _UNHASHED}
    return "".join(sorted({_files_hash(name) for name in modules}))


def _files_hash(name: str) -> str:
    """Hash a module's package or, without a package, its file and the files that it imports.

    All visible files of a package count, because its classes may read any of them.

    Args:
        name: name of a module that this process has imported.
    """
    top = sys.modules[name.partition(".")[0]]
    if folders := list(map(Path, getattr(top, "__path__", ()))):
        return "".join(hash_files(_visible_files(path), path).hexdigest() for path in folders)
    folder = Path(top.__file__ or "").parent
    excluded = {*packages_distributions()} - {name} if folder.name == "site-packages" else ()
    finder = ModuleFinder([str(folder)], excludes=excluded)
    finder.import_hook(name)
    files = (getattr(module, "__file__", None) for module in finder.modules.values())
    return hash_files({Path(file) for file in files if file}, folder).hexdigest()


def _visible_files(folder: Path) -> list[Path]:
    """Return the files in a folder that are neither hidden nor compiled code of Python."""
    files = ((p, p.relative_to(folder).parts) for p in folder.rglob("*") if p.is_file())
    return [p for p, parts in files if not any(n.startswith((".", "__pycache__")) for n in parts)]


def versions() -> dict[str, str]:
    """Return the versions of Python and of all packages that may affect a result, by name."""
    import platform

    by_name = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            by_name[name] = version(name)
        except PackageNotFoundError:
            by_name[name] = "not installed"
    return by_name


@cache
def program() -> dict[str, str]:
    """Return the hash of the model and study files, and all package versions.

    Two processes with equal values compute equal results. The first call computes the hash.
    """
    by_name = versions()
    python = ".".join(by_name["python"].split(".")[:2])
    return {"files": source_hash(("agents", "abm", "experiments"))} | by_name | {"python": python}
