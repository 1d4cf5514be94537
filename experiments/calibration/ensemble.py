"""The ensemble: parameter sets that survived, with weights, and how they were made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration import priors

SHIPPED = Path(__file__).parent / "ensemble.json"


@dataclass(frozen=True)
class Member:
    """One parameter set: settings by dotted path, numbers, weight, distance in tolerances.

    ``doses``: of Mexico's plan of 2014 by supply (a, b, c); empty where none were looked for.
    """

    settings: dict[str, Any]
    numbers: dict[str, float]
    weight: float
    distance: float
    doses: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Ensemble:
    """All members, and how they were made (command, seed, versions, seconds)."""

    members: tuple[Member, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Fingerprint of members and weights."""
        text = json.dumps([[m.settings, m.weight] for m in self.members], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()

    @property
    def effective(self) -> float:
        """Effective number of members."""
        weight = np.array([m.weight for m in self.members])
        return float(weight.sum() ** 2 / (weight**2).sum()) if weight.size else 0.0

    def central(self) -> Member:
        """The member nearest to the weighted middle of all, in the unit cube of the priors."""
        unit = np.array([priors.units(m.numbers) for m in self.members])
        weight = np.array([m.weight for m in self.members])
        middle = weight @ unit / weight.sum()
        return self.members[int(np.argmin(((unit - middle) ** 2).sum(axis=1)))]

    def sample(self, n: int) -> list[Member]:
        """`n` members that stand for all: systematic sampling by weight, the same every time."""
        return [self.members[k] for k in self.sample_indices(n)]

    def sample_indices(self, n: int) -> list[int]:
        """Which members :meth:`spread` takes; one of great weight may be there twice."""
        if n < 1 or not self.members:
            raise ValueError(
                f"{n} of {len(self.members)} members cannot be taken; give a number "
                "from 1, of an ensemble that has members"
            )
        mass = np.cumsum([m.weight for m in self.members])
        points = (np.arange(n) + 0.5) / n * mass[-1]
        return [int(k) for k in np.searchsorted(mass, points)]

    def with_doses(self, n: int) -> list[Member]:
        """`n` of the members whose doses of 2014 are known, spread over all of these."""
        known = [m for m in self.members if m.doses]
        if not 1 <= n <= len(known):
            raise ValueError(f"doses are known of {len(known)} members; {n} cannot be taken")
        return [known[int((k + 0.5) * len(known) / n)] for k in range(n)]

    def write(self, path: Path) -> None:
        """Write as JSON, whole or not at all."""
        text = json.dumps(
            {
                "made": dict(self.provenance) | {"digest": self.digest},
                "members": [
                    {
                        "weight": m.weight,
                        "distance": m.distance,
                        "numbers": m.numbers,
                        "settings": m.settings,
                        "doses": m.doses,
                    }
                    for m in self.members
                ],
            }
        )
        fresh = path.with_suffix(".part")
        fresh.write_text(text + "\n", encoding="utf-8")
        fresh.replace(path)


def seed_offset(settings: Mapping[str, Any]) -> int:
    """Offset of the seeds of a member, told by its settings: every member has luck of its own.

    On the same seeds the luck of one draw would be in all members, and no number of them would
    average it away.
    """
    text = json.dumps(settings, sort_keys=True)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest()) % 1_000_000_000


def read(path: Path = SHIPPED) -> Ensemble:
    """Read an ensemble; raises ``FileNotFoundError`` or ``ValueError`` that say what is wrong."""
    if not path.exists():
        raise FileNotFoundError(
            f"there is no ensemble at {path}; experiments.calibration.calibrate makes one"
        )
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        members = tuple(
            Member(
                m["settings"],
                m["numbers"],
                float(m["weight"]),
                float(m["distance"]),
                m.get("doses", {}),
            )
            for m in told["members"]
        )
        return Ensemble(members, told["made"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not an ensemble: {error}") from None


def members(n: int, path: Path | None = None) -> Sequence[dict[str, Any]]:
    """Settings of `n` members (default: of the packaged ensemble), to lay over a scenario."""
    return [member.settings for member in read(path or SHIPPED).sample(n)]
