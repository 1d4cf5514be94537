"""Figures, tolerances and verdicts of a validation as text, in the language of the caller."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from experiments.rows.validation import ValidationRows, verdict
from experiments.validation.scores import ForecastScore
from experiments.validation.targets import Target, target
from experiments.validation.validate import PartResult, PatternCount
from viz.figures.numbers import MISSING, signed, with_unit

NOTHING = MISSING
_CHANGES = ("%", "points")  # units with a sign


class Wording(Protocol):
    """Texts of one language, such as ``viz.screen.words.Words``."""

    def __call__(self, key: str) -> str:
        """Return the text of a key, such as ``check.inside``."""
        ...

    def translate(self, english: str) -> str:
        """Return a declared English text in this language."""
        ...


def number(value: float) -> str:
    """Format a figure of a score with three significant digits; ``NOTHING`` if it is not finite."""
    return f"{value:#.3g}".rstrip(".") if math.isfinite(value) else NOTHING


@dataclass(frozen=True)
class ValidationText:
    """Formats the rows of a validation in one language."""

    words: Wording

    def __call__(self, key: str) -> str:
        """Return the text of a key below ``check.``."""
        return self.words(f"check.{key}")

    def shown(self, value: float, unit: str) -> str:
        """Format a figure.

        Args:
            value, unit: the figure and its unit, as in ``targets.csv``.

        Returns:
            The figure with its unit; ``NOTHING`` if it is not finite.
        """
        text = with_unit(value, unit)
        return text.replace("points", self("points")) if unit == "points" else text

    def between(self, low: float, high: float, unit: str) -> str:
        """Format a range.

        Args:
            low, high, unit: the bounds and their unit, as in ``targets.csv``.

        Returns:
            The range; ``NOTHING`` if a bound is not finite.
        """
        if not (math.isfinite(low) and math.isfinite(high)):
            return NOTHING
        first = signed(low, 1) if unit in _CHANGES else self.shown(low, unit)
        return f"{first} {self('range_to')} {self.shown(high, unit)}"

    def observed(self, target: Target) -> str:
        """Return the published figure, or the range of several published figures."""
        if target.published_low < target.published_high:
            return self.between(target.published_low, target.published_high, target.unit)
        return self.shown(target.observed, target.unit)

    def accepted(self, target: Target) -> str:
        """Return the tolerance."""
        if not target.judged:
            return self("reported_only")
        if target.low == target.high:
            return self.shown(target.low, target.unit)
        return self.between(target.low, target.high, target.unit)

    def verdict(self, part: PartResult) -> str:
        """Return the verdict on a part."""
        return self(verdict(part))

    def counted(self, tally: PatternCount) -> str:
        """Return the number of patterns inside, judged and only reported."""
        text = self("of").format(inside=tally.inside, judged=tally.judged)
        more = self("reported_more").format(reported=tally.reported)
        return f"{text}, {more}" if tally.reported else text

    def label(self, target: Target) -> str:
        """Return pattern and label of a part."""
        return f"{target.pattern} {self.words.translate(target.label)}"

    def scored(self, score: ForecastScore) -> str:
        """Return the name of a scored figure: group and fiscal years, or pattern and part."""
        if score.series == "held_out":
            return self.label(target(score.id))
        if score.series == "drawn":
            label = self.label(target(score.id.removesuffix(".drawn")))
            return self("series.drawn").format(label=label)
        years, _, ending = score.id.split(".", 2)[2].partition(".")
        place = {"group": self(score.group), "years": years.replace("_", "–")}
        return self(f"series.{ending or score.series}").format(**place)

    def miss(self, part: PartResult) -> str:
        """Return a miss as a sentence, with the note on its target."""
        target = part.target
        text = self("miss").format(
            observed=self.observed(target),
            accepted=self.accepted(target),
            simulated=self.shown(part.simulated.median, target.unit),
        )
        return f"{text} {self.words.translate(target.note)}" if target.note else text

    def replicates(self, rows: ValidationRows) -> str:
        """Return the members, seeds and scale of a validation."""
        found = rows.validation
        key = "played_members" if found.ensemble else "played_seeds"
        return self(key).format(members=found.members, seeds=len(found.seeds), scale=found.scale)
