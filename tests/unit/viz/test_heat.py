"""Heat squares: colours keep the order of changes, text is readable, unclear changes stay blank."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.runs.case import Case
from experiments.runs.intervals import Interval
from experiments.runs.pairs import Difference
from tests.unit.viz.test_styles import luminance
from viz.figures.palette import PALETTE
from viz.screen.panels.sweep_view import square_style
from viz.screen.session.choice import base_scenario
from viz.screen.sweeps.sweep_runs import square_order


def style(percent: float, width: float = 0.1, pairs: int = 8) -> dict[str, str]:
    """Return the colours for a change in percent of a level of 100."""
    ends = percent - width, percent + width
    change = Difference(100.0, Interval(percent, *ends, *ends), pairs=pairs)
    return dict(part.split(":") for part in square_style(change, 10).split(";"))


@pytest.mark.parametrize("percent", np.linspace(-12.0, 12.0, 40))
def test_text_has_the_contrast_of_accessibility_rules(percent: float):
    light, dark = sorted(map(luminance, style(percent).values()), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_scale_is_symmetric_around_a_and_ends_in_the_colours_of_the_worlds():
    ends = [style(percent)["background"].upper() for percent in (-10.0, 10.0)]
    assert ends == [PALETTE["scale"][0].upper(), PALETTE["scale"][2].upper()]
    fewer = [luminance(style(-p)["background"]) for p in (1.0, 4.0, 9.0)]
    assert fewer == sorted(fewer, reverse=True)


def test_a_change_whose_interval_includes_zero_or_of_two_pairs_has_no_colour():
    assert style(5.0, width=6.0) == style(5.0, pairs=2) != style(5.0)


def test_one_seed_of_every_square_runs_first_then_square_by_square():
    squares = [base_scenario().with_settings({"days": days}) for days in (1, 2, 3)]
    jobs = [SimpleNamespace(case=Case(square, seed)) for seed in (7, 8, 9) for square in squares]
    order = [(job.case.seed, job.case.scenario.days) for job in square_order(jobs, 7)]
    rest = [(seed, days) for days in (1, 2, 3) for seed in (8, 9)]
    assert order == [(7, 1), (7, 2), (7, 3), *rest]
    resumed = square_order([job for job in jobs if job.case.seed > 7], 7)
    assert [(job.case.seed, job.case.scenario.days) for job in resumed] == rest
