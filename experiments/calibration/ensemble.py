"""The ensemble: calibrated parameter sets with weights and provenance."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from agents.param import SettingError
from experiments.calibration import priors
from experiments.runs.files import write_text

MAKE = "Run `twoborders calibrate --out FOLDER` to create one."
SHIPPED = Path(__file__).parent / "ensemble.json"
#: Fields that the file stores for each member.
_STORED = (
    *("weight", "distance", "numbers", "settings"),
    *("doses", "supply", "rises", "corners", "levels"),
)


@dataclass(frozen=True)
class Member:
    """One parameter set.

    Attributes:
        settings: values by dotted path.
        numbers: uncertain parameters by name.
        weight: share of the ensemble.
        distance: distance from the observed values, in tolerances.
        doses: doses of Mexico's measures by episode: 2014 with each supply (a to d), and 2019.
            Empty if they were not determined. Earlier ensembles have no dose of 2019.
        supply: settings of the supply terms by dotted path, for runs that use them
            (:func:`experiments.calibration.supply_fit.member_supply`). Earlier ensembles have
            none.
        rises: Mexican interceptions after the change divided by interceptions before it, at each
            dose.
        corners: episodes in which no dose reproduces the observed ratio.
        levels: factor on each group's candidates, by episode.
        number: position in the ensemble, from 0. Draws of the supply terms depend on it.
    """

    settings: dict[str, Any]
    numbers: dict[str, float]
    weight: float
    distance: float
    doses: dict[str, float] = field(default_factory=dict)
    supply: dict[str, Any] = field(default_factory=dict)
    rises: dict[str, float] = field(default_factory=dict)
    corners: tuple[str, ...] = ()
    levels: dict[str, tuple[float, ...]] = field(default_factory=dict)
    number: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Ensemble:
    """All members and their provenance (command, seed, versions, seconds)."""

    members: tuple[Member, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Fingerprint of members and weights."""
        text = json.dumps([[m.settings, m.weight] for m in self.members], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()

    @property
    def effective(self) -> float:
        """Kish's effective number of members."""
        weight = np.array([m.weight for m in self.members])
        return float(weight.sum() ** 2 / (weight**2).sum()) if weight.size else 0.0

    def middle(self) -> np.ndarray:
        """Return the members' weighted mean in the unit cube of the priors.

        Raises:
            ValueError: the ensemble is empty.
        """
        if not self.members:
            raise ValueError("the ensemble has no members: expected at least one")
        unit = np.array([priors.units(m.numbers) for m in self.members])
        return np.average(unit, axis=0, weights=[m.weight for m in self.members])

    def sample_indices(self, n: int) -> list[int]:
        """Select `n` members by systematic sampling with their weights, and return their indices.

        The result is deterministic. A member with a large weight may recur. Raise ``ValueError`` if
        `n` is below 1 or the ensemble is empty.
        """
        if n < 1 or not self.members:
            raise ValueError(
                f"cannot select {n} of {len(self.members)} members: expected a number from 1 and "
                "an ensemble that is not empty"
            )
        mass = np.cumsum([m.weight for m in self.members])
        points = (np.arange(n) + 0.5) / n * mass[-1]
        return [int(k) for k in np.searchsorted(mass, points)]

    def with_doses(self, n: int) -> list[Member]:
        """Select `n` evenly spaced members among the members with doses.

        Raises:
            SettingError: `n` is below 1, or fewer than `n` members have doses.
        """
        dosed = [m for m in self.members if m.doses]
        if not 1 <= n <= len(dosed):
            reason = f"cannot select {n} members: doses are known for {len(dosed)} only"
            raise SettingError("--members", reason, f"Give at most {len(dosed)}.")
        return [dosed[int((k + 0.5) * len(dosed) / n)] for k in range(n)]

    def write(self, path: Path) -> None:
        """Write JSON atomically."""
        origin = dict(self.provenance) | {"digest": self.digest}
        rows = [{name: getattr(member, name) for name in _STORED} for member in self.members]
        write_text(path, json.dumps({"made": origin, "members": rows}) + "\n")


def seed_offset(settings: Mapping[str, Any]) -> int:
    """Return the offset of a member's seeds, derived from its settings.

    If members had common seeds, all would share the same random draws, which would not average out
    over members.
    """
    text = json.dumps(settings, sort_keys=True)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest()) % 1_000_000_000


def read(path: Path | None = None, where: str = "--members") -> Ensemble:
    """Read an ensemble.

    Args:
        path: file. The packaged ensemble by default.
        where: name of the option in error messages.

    Returns:
        The ensemble.

    Raises:
        SettingError: the file is missing or is not an ensemble.
    """
    path = path or SHIPPED
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        members = tuple(_member(row, k) for k, row in enumerate(content["members"]))
        return Ensemble(members, content["made"])
    except FileNotFoundError:
        raise SettingError(where, f"no ensemble at {path}", MAKE) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingError(where, f"{path} is not a valid ensemble: {error}", MAKE) from None


def _member(row: dict[str, Any], number: int) -> Member:
    """Read a member. Raise ``ValueError`` or ``TypeError`` if it is invalid."""
    member = Member(**row, number=number)
    if not (isinstance(member.settings, dict) and 0.0 < member.weight < math.inf):
        raise ValueError(f"member {number} has no valid settings or weight")
    levels = {key: tuple(level) for key, level in member.levels.items()}
    return replace(member, corners=tuple(member.corners), levels=levels)
