"""Values that several sections of the comparison report use, and a sentence per policy."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from abm.measures import HUMAN_COSTS
from abm.world.declaration import Declaration
from abm.world.routes import declaration_of, load_world
from experiments.calibration.members import EnsembleSample
from experiments.comparison.compare import Arm, Comparison
from experiments.comparison.sequential import SequentialComparison
from experiments.rows.comparison import (
    ENTRIES,
    OutcomeRow,
    arm_titles,
    outcome_groups,
    outcome_rows,
)
from experiments.runs.pairs import Difference
from viz.documents.comparison.sentences import (
    NAMED,
    PAPER,
    clauses,
    figure_texts,
    sentence,
    verdict,
)
from viz.documents.labels import interval_text, lower_first, replicates_text

if TYPE_CHECKING:
    from viz.figures.basemap import MapData


@dataclass(frozen=True, eq=False)
class Report:
    """A comparison and the settings with which it was computed.

    Attributes:
        comparison: the results, without arms whose runs all failed.
        command: command line that repeats the comparison.
        sample: ensemble members, or None if no ensemble is used.
        sequential: stopping rule and its reviews, or None if the number of pairs was fixed.
    """

    comparison: Comparison
    command: str
    sample: EnsembleSample | None = None
    sequential: SequentialComparison | None = None

    def __post_init__(self) -> None:
        """Remove the arms whose runs all failed."""
        arms = tuple(arm for arm in self.comparison.arms if arm.runs)
        object.__setattr__(self, "comparison", replace(self.comparison, arms=arms))

    @property
    def arms(self) -> tuple[Arm, ...]:
        """All arms except the baseline."""
        return self.comparison.arms

    @property
    def baseline(self) -> Arm:
        """The baseline arm."""
        return self.comparison.baseline

    @property
    def replicates(self) -> int:
        """Number of baseline runs over all seeds and members."""
        return len(self.baseline.runs)

    @property
    def ensemble_text(self) -> str:
        """Description of the members and the seeds per member."""
        return replicates_text(self.comparison.members, len(self.comparison.seeds))

    @property
    def interval_text(self) -> str:
        """Description of the average and the range with which changes are printed."""
        return interval_text(self.comparison.members, self.replicates)

    @cached_property
    def titles(self) -> list[str]:
        """Unique titles of all arms except the baseline."""
        return arm_titles(self.comparison)[1:]

    @cached_property
    def rows(self) -> dict[str, OutcomeRow]:
        """Outcome rows by key."""
        return outcome_rows(self.comparison)

    @cached_property
    def groups(self) -> list[tuple[str, list[OutcomeRow]]]:
        """Groups as titles and outcome rows. ◆ marks a group that contains only human costs."""
        groups = [(t, [self.rows[key] for key in keys]) for t, keys in outcome_groups(self.rows)]
        return [
            (f"◆ {title}" if all(row.measure.human for row in rows) else title, rows)
            for title, rows in groups
        ]

    @cached_property
    def world(self) -> Declaration:
        """Name of the world and its terms."""
        return declaration_of(self.comparison.scenario.world)

    @cached_property
    def map(self) -> MapData:
        """Places and legs of the world, for maps."""
        from viz.figures.basemap import map_data  # Tables do not need matplotlib.

        return map_data(load_world(self.comparison.scenario.world or None))

    @cached_property
    def spans(self) -> dict[str, tuple[float, float]]:
        """Lowest and highest value of every parameter that differs between members."""
        return self.sample.ranges(self.comparison.scenario) if self.sample else {}


def marked_label(row: OutcomeRow) -> str:
    """Return an outcome's label, after ◆ if it is a human cost."""
    return ("◆ " if row.measure.human else "") + row.measure.label


# ---- sentences ----------------------------------------------------------------------------------


def arm_sentence(report: Report, arm: int) -> str:
    """State how a policy affects entries and human costs.

    Args:
        report: comparison and its settings.
        arm: arm position, from 0.

    Returns:
        One to three sentences. If a policy changes neither meaningfully, they name the largest
        other change.
    """
    lead = "in this one run, with" if report.replicates <= 1 else "with"
    lead = f"{lead} {report.titles[arm]}"
    rows = {key: row for key, row in report.rows.items() if row.measure.group != "cost"}
    changes = {key: row.changes[arm] for key, row in rows.items()}
    changes = {key: change for key, change in changes.items() if math.isfinite(change.difference)}
    if not any(change.difference or change.low90 or change.high90 for change in changes.values()):
        return sentence(f"{lead}, nothing changes at all")
    named = {key: changes[key] for key in NAMED if key in changes}
    texts = clauses(PAPER.__getitem__, named)
    if is_trade_off(report, arm):
        texts.append("this is a trade-off")
    moved = {key: change for key, change in changes.items() if verdict(change) in ("fewer", "more")}
    if moved and not moved.keys() & named.keys():
        key = max(moved, key=lambda key: _size(moved[key]))
        figure, label = figure_texts(moved[key], rows[key].measure.unit), rows[key].measure.label
        texts.append(f"the largest other change is {figure.median} ({lower_first(label)})")
    first, *others = texts or ["entries and human costs are not defined"]
    return " ".join(map(sentence, [f"{lead}, {first}", *others]))


def is_trade_off(report: Report, arm: int) -> bool:
    """Return whether entries fall and a human cost rises meaningfully. A single pair never is."""
    words = {key: verdict(report.rows[key].changes[arm]) for key in NAMED if key in report.rows}
    fall = any(words.get(key) == "fewer" for key in ENTRIES)
    return report.replicates > 1 and fall and any(words.get(key) == "more" for key in HUMAN_COSTS)


def _size(change: Difference) -> float:
    """Return the absolute change in percent. A change from a baseline of zero counts as 100 %."""
    share = change.percent
    return abs(share.median) if share else 100.0
