"""Validation: the runs, the comparison with the record, and failed runs."""

from __future__ import annotations

import datetime
import math
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.phases.dated_inputs import ANCHOR_YEAR, law_on, staffing
from abm.policies.registry import make
from abm.scenario import Scenario, SettingError
from abm.world.routes import PACKAGED
from agents.contest import ContestParams, hazard
from agents.labels import NATIONS, SECTORS
from agents.levers import Levers
from experiments.calibration import ensemble
from experiments.rows.runs import observed_median
from experiments.rows.runs import statistics as official_statistics
from experiments.runs.case import Case, Failure, FirstYear, RunResult
from experiments.runs.intervals import Interval
from experiments.scenarios import find
from experiments.validation import statistics
from experiments.validation import validate as module
from experiments.validation.episodes import (
    DECLARED,
    RELEASE_SCALE,
    SUPPLIES,
    SURGE_SECTORS,
    UNLIMITED,
    plan_runs,
    roles,
    surge,
)
from experiments.validation.targets import RELEASED_AFTER, released_before, target, targets
from experiments.validation.validate import (
    PartResult,
    count_patterns,
    evaluate,
    judge_part,
    monthly_bands,
    pattern_results,
    validate,
)

Made = Callable[..., RunResult]
Year = Callable[..., FirstYear]
YEARS = {"start": "2012-10-01", "days": 1_400}
DEATHS = ("Tucson", "Laredo", "Rio Grande Valley", "San Diego")


def levers_of(use: Any, scenario: Scenario, day: int = 400) -> Levers:
    """Return the levers of a policy on a day of a run."""
    from abm.policies.base import Inputs
    from abm.world.routes import load_world

    world = load_world()
    levers = Levers(sectors=len(SECTORS), places=world.n_places, legs=world.n_legs, ports=8)
    inputs = Inputs(
        world=world,
        settings=scenario,
        us_base=staffing(ANCHOR_YEAR),
        mx_base=np.zeros(world.n_places),
    )
    end = scenario.start.replace(year=scenario.start.year + 3)
    policy = make(use, scenario.start, end)
    policy.apply(levers, scenario.start.toordinal() + day, inputs)
    return levers


# ---- runs ---------------------------------------------------------------------------------------


def test_every_role_has_a_scenario():
    result = roles({"scale": 70, "contest.eta": 0.4})
    assert {f"2014:{letter}" for letter in SUPPLIES} < set(result)
    assert {f"surge:{name}" for name in SURGE_SECTORS} < set(result)
    assert {"base", "staff:1.5", "staff:3", "2019", "2005"} < set(result)
    assert all(s.contest.eta == 0.4 for s in result.values())
    release = {name: result.pop(name) for name in ("release", "release:kept")}
    assert all(s.scale == 70 for s in result.values())
    assert all(s.scale == RELEASE_SCALE for s in release.values())
    assert all(s.record == "history" for s in release.values())
    assert {result[f"2014:{k}"].supply for k in SUPPLIES} == set(SUPPLIES.values())
    assert result[f"2014:{DECLARED}"].supply == find("history_2014").supply
    assert all(result[name].record == "history" for name in result if name[:2] == "20")


def test_responses_differ_from_the_base_in_policies_and_limits_only():
    result = roles({})
    base = result["base"]
    limited = {name: getattr(base.border_patrol, name.split(".")[1]) for name in UNLIMITED}
    for name in [name for name in result if name.startswith(("staff", "surge", "news"))]:
        same = {"policies": base.policies} | ({} if name == "news" else limited)
        assert result[name].with_settings(same).digest == base.digest
        assert result[name].digest != base.digest


def test_release_goes_on_for_hondurans_and_salvadorans_only_in_the_counterfactual():
    ended, lasting = (roles({})[name] for name in ("release", "release:kept"))
    for date, nations in (
        (datetime.date(2005, 9, 1), ()),
        (datetime.date(2005, 10, 1), ("HN",)),
        (datetime.date(2007, 1, 1), ("HN", "SV")),
    ):
        shares = [law_on(s, date).release for s in (ended, lasting)]
        differ = [NATIONS[i] for i in np.flatnonzero((shares[0] != shares[1]).any(axis=1))]
        assert tuple(differ) == nations
    restored = lasting.with_settings({"consequence_changes": ended.consequence_changes})
    assert restored.digest == ended.digest


def test_the_released_shares_equal_the_record():
    ended = roles({})["release"]
    row = NATIONS.index("HN")
    for year, released in ((2003, 0.21), (2004, 0.52)):  # shares of all people except Mexicans
        share = law_on(ended, datetime.date(year, 6, 1)).release[row, 0]
        assert share == pytest.approx(released, abs=0.01)
    share = law_on(ended, datetime.date(2005, 6, 1)).release[row, 0]
    assert share == released_before() == 0.70
    after = law_on(ended, datetime.date(2007, 6, 1)).release[row, 0]
    assert after == RELEASED_AFTER


@pytest.mark.parametrize("sector", SURGE_SECTORS)
def test_a_surge_has_the_hazard_of_more_agents_in_one_sector(sector: str):
    scenario = find("baseline")
    for day in (0, 200, 365, 700):
        levers = levers_of(surge(sector), scenario, day)
        effort, law = 1.0 + levers.us_effort, ContestParams()
        stronger = hazard(1.0, effort, 1.0, law.eta, 1.0, law.chi)
        as_by_staff = hazard(1.0, 1.0, 1.5, law.eta, 1.0, law.chi)
        at = SECTORS.index(sector)
        assert stronger[at] == pytest.approx(float(as_by_staff))
        assert np.delete(stronger, at) == pytest.approx(1.0)
        assert not levers.mx_effort.any() and not levers.us_officers.any()


def test_every_member_is_run_on_every_seed_with_the_longest_first():
    tasks = plan_runs(
        (4, 5),
        60,
        {"contest.chi": 0.1},
        [ensemble.Member({"contest.eta": eta}, {}, 1.0, 0.0) for eta in (0.4, 0.6)],
    )
    assert len(tasks) == 2 * 2 * len(roles({}))
    days = [case.scenario.days for *_, case in tasks]
    assert days == sorted(days, reverse=True)
    for member, _, case in tasks:
        assert case.scenario.contest.eta == (0.4, 0.6)[member]
        assert case.scenario.contest.chi == 0.1
        assert case.scenario.scale in (60, RELEASE_SCALE)
    assert len({case.digest for *_, case in tasks}) == len(tasks)


def test_an_invalid_setting_raises_an_error_before_any_run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "run_many", lambda *a, **k: pytest.fail("it ran"))
    with pytest.raises(SettingError, match="contest"):
        validate(settings={"contest.spirit": 1.0})


def test_a_member_uses_its_doses_in_2014_and_in_2019():
    given = {"a": 1.25, "b": 2.5, "c": 4.0, "d": 3.0}
    result = roles({}, given)
    for letter, dose in given.items():
        doses_used = {use.id: use.dose for use in result[f"2014:{letter}"].policies}
        assert doses_used == {"southern_border_control": dose}
    default = roles({})["2019"]
    both = roles({}, {DECLARED: 2.5, "2019": 0.4})["2019"]
    before, after = ({(u.id, u.start): u.dose for u in run.policies} for run in (default, both))
    (plan, guard), (lost,) = (
        sorted(key for key in before if key[0] == name)
        for name in ("southern_border_control", "no_cooperation")
    )
    less = pytest.approx(before[lost] * 0.4 / before[guard])
    assert after == before | {plan: 2.5, guard: 0.4, lost: less}
    levels = {"a": (1.5, 0.5), "2019": (2.0, 0.25)}
    result = roles({}, {}, levels=levels)
    assert result["2014:a"].migrants.known_level == (1.5, 0.5)
    assert result["2014:b"].digest == roles({})["2014:b"].digest
    assert result["2019"].migrants.known_level == (2.0, 0.25)


def test_without_a_change_nothing_begins_or_ends_after_the_known_months():
    result = roles({})
    assert result["2014:unchanged"].policies == ()
    uses = {use.id: use for use in result["2019:unchanged"].policies}
    assert set(uses) == {"southern_border_control", "remain_in_mexico", "no_cooperation"}
    assert all(use.end is None and use.start < datetime.date(2019, 6, 1) for use in uses.values())
    assert dict(uses["remain_in_mexico"].numbers)["share"] == 0.078


def test_terms_of_supply_that_a_user_sets_take_precedence_over_the_estimate():
    result = roles({"supply_terms.network": [0.0, 0.2]})
    assert result["2014:d"].supply_terms.network == (0.0, 0.2)


# ---- evaluation ---------------------------------------------------------------------------------


def fixed(value: float) -> Interval:
    """Return an interval of width 0 at a value."""
    return Interval(*[value] * 5)


def simulated(name: str, value: float) -> PartResult:
    """Return a part with a simulated figure."""
    part = target(name)
    return PartResult(part, fixed(value), part.accepts(value), math.nan, math.nan)


def test_the_median_is_compared_with_the_tolerance():
    result = judge_part(target("P3.evaders"), {"apprehension_probability_rtm": [0.5, 0.6, 0.9]})
    assert result.simulated.median == 0.6 and result.inside is True
    assert result.simulated.low90 == 0.5
    assert result.simulated.high50 == 0.9
    outside = judge_part(target("P3.evaders"), {"apprehension_probability_rtm": [0.5, 0.8, 0.9]})
    assert outside.inside is False


def test_a_pattern_is_inside_if_all_its_judged_parts_are():
    good, bad = simulated("P6.fy2011", 0.17), simulated("P6.fy2015", 0.19)
    assert good.inside and bad.inside is False
    assert pattern_results([good, bad]) == pattern_results([bad, good]) == {"P6": False}
    assert pattern_results([good, simulated("P6.fy2015", 0.17)]) == {"P6": True}
    fall, reported = simulated("H6.northern_triangle", -60.0), simulated("H6.mexican", 500.0)
    assert pattern_results([reported, fall]) == pattern_results([fall, reported]) == {"H6": True}
    assert pattern_results([simulated("E3.tucson", 0.8)]) == {"E3": None}
    counts = count_patterns([good, bad, fall, reported, simulated("E3.tucson", 0.8)])
    assert (counts.inside, counts.judged, counts.reported) == (1, 2, 1)


def run_of(made_up: Made, made_year: Year, **series: Any) -> RunResult:
    """Return a run of 1,400 days whose first year has all rates at 0.5."""
    names = [t.statistic for t in targets("fitted")] + [
        "apprehension_probability",
        "mexico_share",
        "entries_per_apprehension",
        "deaths_per_10000_apprehensions",
    ]
    first = made_year(
        {"evader_retried": 4, "evader_retry_caught": 2, "evader_first_caught": 8},
        rates=dict.fromkeys(names, 0.5),
        interceptions_by_state={"Chiapas": 1.0},
        sector_shares={g: dict(statistics.record_shares(g)) for g in statistics.GROUPS},
        deaths_per_10000=dict.fromkeys(DEATHS, 1.0),
    )
    return made_up(**YEARS, series=series, first_year=first)


def test_each_supply_of_2014_is_evaluated_and_the_declared_one_counts(made_up: Made, year: Year):
    change = {"a": 2.0, "b": 1.5, "c": 0.9, DECLARED: 0.5}
    after = [f"{y:04d}-{m:02d}" for y, m in ((2014, 8), (2015, 7))]
    result = {
        (0, 1): {
            f"2014:{k}": made_up(
                **YEARS,
                series={
                    "apprehended_us_northern_triangle": {
                        m: v for m in made_up(**YEARS).months if after[0] <= m <= after[1]
                    }
                },
            )
            for k, v in change.items()
        }
    }
    report = evaluate(result)
    fall = {k: parts[0].simulated.median for k, parts in report.supplies.items()}
    assert fall == pytest.approx({"a": 100.0, "b": 50.0, "c": -10.0, DECLARED: -50.0})
    (counted,) = [p for p in report.parts if p.target.id == "H1.northern_triangle"]
    assert counted.simulated.median == pytest.approx(-50.0) and counted.inside
    assert counted.supply == SUPPLIES[DECLARED] == "to_june_2014_mean_24"
    assert len(report.supplies["a"]) == sum(t.episode == "2014" for t in targets())
    assert [p.inside for p in report.parts if p.target.episode == "2005"] == [False, False]


def test_members_and_seeds_form_one_sample(made_up: Made, year: Year):
    first = run_of(made_up, year).first_year
    assert first is not None
    runs = {}
    for i, share in enumerate((0.5, 0.6, 0.7, 0.9)):
        rates = first.rates | {"apprehension_probability_rtm": share}
        run = replace(run_of(made_up, year), first_year=replace(first, rates=rates))
        runs[(i // 2, i % 2)] = {"base": run}
    report = evaluate(runs)
    (result,) = [p for p in report.parts if p.target.id == "P3.evaders"]
    assert result.simulated.median == pytest.approx(0.65) and result.inside
    assert [s.group for s in report.shares] == list(statistics.GROUPS)
    assert report.shares[0].simulated["Tucson"].median == report.shares[0].observed["Tucson"]
    (base,) = [w for w in report.estimator if w.role == "base"]
    assert base.figures["evaders"].median == 0.5
    assert all(math.isnan(w.figures["true"].median) for w in report.estimator if w.role != "base")


def test_monthly_bands_cover_whole_months_and_the_record(made_up: Made):
    runs = [made_up(days=1_380, series={"apprehended_us_mexican": v}) for v in (1.0, 2.0, 3.0)]
    bands = monthly_bands("2014", runs)
    assert (bands.months[0], bands.months[-1], bands.known) == ("2012-10", "2016-06", "2014-06")
    assert bands.simulated["mexican"].shape == (5, len(bands.months))
    assert bands.simulated["mexican"][:, 7] == pytest.approx([1.0, 1.0, 2.0, 3.0, 3.0])
    assert bands.simulated["mexico_share"][2] == pytest.approx(0.5)
    at = bands.months.index("2013-11")
    assert bands.observed["mexico_share"][at] == pytest.approx(target("P7.october_april").observed)
    assert math.isnan(bands.observed["mexico_share"][bands.months.index("2013-06")])
    assert np.isfinite(bands.observed["northern_triangle"]).all()


@pytest.mark.slow
def test_yearly_scores_need_the_runs_of_each_year(
    made_up: Made, year: Year, monkeypatch: pytest.MonkeyPatch
):
    def run(cases: list[Case], **more: Any) -> list[RunResult | Failure]:
        return [
            made_up(case.scenario.start.isoformat(), case.scenario.days)
            if case.scenario.name.startswith(("forecast", "history"))
            and case.scenario.name != "history_2005"
            else Failure.of(case, RuntimeError("simulated failure"))
            for case in cases
        ]

    monkeypatch.setattr(module, "run_many", run)
    report = validate(seeds=(1, 2), scale=500, scores=True)
    series = {"history", "one_year_ahead", "held_out", "drawn"}
    assert {score.series for score in report.scores} == series
    twice = [t for t in targets("held_out") if t.episode in ("2014", "2019")]
    assert len(report.scores) == 17 + len(targets("held_out")) + len(twice)
    assert {"path", "year:2009", "year:2019"} <= set(report.digests)
    yearly = [s for s in report.scores if s.series in ("history", "one_year_ahead")]
    assert all(s.model.rms_log_error > 0.0 for s in yearly)


def test_failed_runs_are_left_out_and_reported(
    made_up: Made, year: Year, monkeypatch: pytest.MonkeyPatch
):
    def run(cases: list[Case], **more: Any) -> list[RunResult | Failure]:
        return [
            Failure.of(case, RuntimeError("simulated failure"))
            if case.scenario.policies
            else replace(run_of(made_up, year), seed=case.seed, cost={"cpu_s": 2.0})
            for case in cases
        ]

    monkeypatch.setattr(module, "run_many", run)
    report = validate(seeds=(1, 2), scale=500)
    lost = {failure.name for failure in report.failures}
    assert {"staff:1.5", "surge:tucson", "2014:b"} <= lost and "base" not in lost
    assert len(report.failures) == 2 * len(lost)
    assert report.cpu_s == 2.0 * 2 * (len(roles({})) - len(lost))
    assert (report.scale, report.seeds, report.members, report.ensemble) == (500, (1, 2), 1, False)
    assert set(report.digests) == set(roles({}))
    inside = {p.target.id: p.inside for p in report.parts}
    assert inside["P3.evaders"] is True and inside["H1.northern_triangle"] is False


# ---- the first year and the record ---------------------------------------------------------------


def artificial_year(made_up: Made, year: Year, rate: float) -> RunResult:
    """Return a run whose first year has 9 apprehensions and this share by Mexico."""
    shares: dict[str, float] = defaultdict(float)
    names = [key for key, *_ in official_statistics()]
    first = year(
        {"apprehended_us": 9},
        sector_shares=dict.fromkeys(statistics.GROUPS, shares),
        deaths_per_10000=dict.fromkeys(DEATHS, 1.0),
        rates=dict.fromkeys([*names, "deaths_per_10000_apprehensions"], 0.5)
        | {"mexico_share": rate},
    )
    return made_up(first_year=first)


def test_the_median_of_runs_leaves_out_undefined_figures(made_up: Made, year: Year):
    def share(*rates: float) -> float:
        rows = observed_median([artificial_year(made_up, year, rate) for rate in rates])
        (result,) = (simulated for name, simulated, *_ in rows if name.startswith("Mexico's share"))
        return result

    assert share(0.1, math.nan, 0.5, 0.2) == 0.2 and share(0.1, math.inf, 0.3) == pytest.approx(0.2)
    assert math.isnan(share(math.nan, math.nan))


def test_a_declared_world_is_not_compared_with_the_record(
    made_up: Made, year: Year, tmp_path: Path
):
    runs = [artificial_year(made_up, year, 0.5)]
    assert len(observed_median(runs)) == len(official_statistics())
    for name in ("nodes.csv", "edges.csv"):
        shutil.copy(PACKAGED / name, tmp_path)
    assert len(observed_median(runs, str(tmp_path))) == len(official_statistics())
    (tmp_path / "world.toml").write_text('[world]\nname = "Elsewhere"\n')
    assert observed_median(runs, str(tmp_path)) == []
