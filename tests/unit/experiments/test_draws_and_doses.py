"""Searches of doses with few or falling responses, draws of short runs, and invalid members."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from abm.scenario import Scenario, SettingError
from experiments import scenarios
from experiments.calibration import doses, ensemble, supply_fit
from experiments.calibration.members import draw_members

Rise = Callable[[float], float]


def search_of(monkeypatch: pytest.MonkeyPatch, excess: Rise) -> tuple[doses._Search, list[float]]:
    """Return a search and the list of doses that it has run.

    `excess` gives the log ratio of the simulated to the observed rise by dose.
    """
    tried: list[float] = []

    def simulate(task: object, episode: doses.DoseEpisode, dose: float, *others: object):
        tried.append(dose)
        return doses.Simulated(episode.series.rise() * math.exp(excess(dose)))

    monkeypatch.setattr(doses, "simulate", simulate)
    task = doses.dose_task("one", {}, 50, 1)
    return doses._Search(task, doses.EPISODES["2019"], (1.0, 1.0), {}), tried


def test_after_interceptions_fall_no_larger_dose_is_tried(monkeypatch: pytest.MonkeyPatch):
    """No dose reaches the observed ratio, so the dose with the highest ratio is a corner."""
    peak = doses.LADDER[0]
    search, tried = search_of(monkeypatch, lambda dose: -0.3 - abs(dose - peak))
    assert search.dose() == peak and search.corner
    assert tried == [*doses.LADDER[:2]] and doses.HIGHEST not in tried


def test_the_nearest_dose_is_selected_if_interpolation_does_not_come_close(
    monkeypatch: pytest.MonkeyPatch,
):
    """The log ratio jumps, so no dose has a ratio within the tolerance."""
    search, tried = search_of(monkeypatch, lambda dose: 0.9 if dose >= 1.7 else -0.1)
    low, high = doses.LADDER[:2]
    dose = search.dose()
    assert tried[:2] == [low, high] and len(tried) == 2 + doses.INTERPOLATIONS
    assert all(low < between < high for between in tried[2:])
    assert low <= dose < 1.7 and not search.corner


def test_a_scenario_without_the_policy_of_an_episode_has_no_dose_to_change():
    for episode in doses.EPISODES.values():
        scenario = scenarios.find(episode.scenario)
        others = tuple(use for use in scenario.policies if use.id != episode.policy)
        without = scenario.with_settings({"policies": others})
        assert doses.with_dose(without, episode, 2.0) is without
        assert doses.with_dose(scenario, episode, 2.0) != scenario


# ---- members -------------------------------------------------------------------------------------


def test_an_empty_ensemble_or_a_sample_of_no_members_raises_an_error():
    stored = ensemble.read()
    for members, n in (((), 3), (stored.members, 0)):
        with pytest.raises(ValueError, match=f"cannot select {n} of {len(members)} members"):
            ensemble.Ensemble(members, {}).sample_indices(n)


@pytest.mark.parametrize("places", [(), (-1,), (0, 10_000)])
def test_indices_that_the_ensemble_does_not_have_are_refused(places: tuple[int, ...]):
    size = len(ensemble.read().members)
    with pytest.raises(SettingError, match=f"Give whole numbers from 0 to {size - 1}"):
        draw_members(places, Scenario())
    assert draw_members((0, size - 1), Scenario()).chosen == (0, size - 1)


def test_a_member_without_stored_terms_has_the_draw_of_its_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(supply_fit, "draw_supply", lambda number, last: (number, last))
    stored = ensemble.read().members[17]
    assert supply_fit.member_supply(stored) == stored.supply
    assert supply_fit.member_supply(stored, (2010, 9)) == (17, (2010, 9))
    without = replace(stored, supply={})
    assert supply_fit.member_supply(without) == (17, supply_fit.LAST)
