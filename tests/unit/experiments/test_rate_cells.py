"""Cells of the verdict for scores with a known result."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from experiments.ask.rate_cells import (
    MIN_DRAWS,
    MIN_MEXICO_SHARE,
    MIN_VARIANT_DRAWS,
    RateCell,
    combine_words,
    rate_cells,
)
from experiments.optimise.horizons import ENTRIES, HORIZONS, OUTCOMES
from experiments.optimise.score import Score
from experiments.optimise.search import LINE, MEXICO, BudgetTarget
from experiments.optimise.sides import ACCOUNTS, buyable, largest_budget
from experiments.optimise.trials import Trials

ALL = buyable()
BUDGET = 200e6
US = ALL.ids.index("patrol_surge")
MX = ALL.ids.index("southern_border_control")
LADDER = (100e6, 200e6, 400e6, 800e6, 1600e6, 5100e6)
Gains = tuple[float, float]  # log reduction by 1 + dollars / 100 M$, of U.S. and Mexican dollars


def row(us: float, mexico: float) -> np.ndarray:
    """Return a portfolio of two instruments."""
    dollars = np.zeros(len(ALL))
    dollars[US], dollars[MX] = us, mexico
    return dollars


def trials(rows: list[np.ndarray], gains: Gains, draws: int, deaths: float) -> Trials:
    """Return trials of a world without noise; deaths change with Mexican dollars."""
    portfolios = np.array(rows)
    fall = gains[0] * np.log1p(portfolios[:, US] / 1e8) + gains[1] * np.log1p(
        portfolios[:, MX] / 1e8
    )
    levels = np.repeat(1e5 * np.exp(-fall)[:, None], draws, axis=1)
    shape = (len(rows), draws, len(OUTCOMES), len(HORIZONS))
    levels = np.broadcast_to(levels[:, :, None, None], shape).copy()
    levels[:, :, OUTCOMES.index("deaths")] = 1e5 * (
        1.0 + deaths * (portfolios[:, MX] > 0.0)[:, None, None]
    )
    return Trials(portfolios, levels, np.full(shape[1:], 1e5))


def score(
    gains: Gains, draws: int = MIN_DRAWS, *, share: float = 0.5, deaths: float = 0.0
) -> Score:
    """Return a score of one account and measure, with a marginal pair."""
    us = [row(dollars, 0.0) for dollars in LADDER]
    both = row((1.0 - share) * BUDGET, share * BUDGET)
    made = trials([*us, both, row(0.0, BUDGET)], gains, draws, deaths)
    target = [BudgetTarget(s, "joint", "got_aways", BUDGET) for s in ("mixed", "cooperative")]
    menu = {BudgetTarget("us_only", "joint", "got_aways", b): k for k, b in enumerate(LADDER)}
    menu |= {target[0]: len(us), target[1]: len(us) + 1}
    pair = [row(BUDGET, 0.25 * BUDGET), row(1.25 * BUDGET, 0.0)]
    start = BudgetTarget("us_only", "joint", "got_aways", BUDGET)
    some = tuple(range(0, draws, 2))
    return Score(
        made,
        menu,
        additions={(start, MEXICO): 0, (start, LINE): 1},
        added=trials(pair, gains, len(some), deaths),
        added_draws=some,
    )


def cell(gains: Gains, draws: int = MIN_DRAWS, **options: float) -> RateCell:
    """Return the cell of the longest horizon."""
    made = rate_cells("fy2013", score(gains, draws, **options), ALL, [BUDGET])
    assert [one.horizon for one in made] == list(HORIZONS)
    return made[-1]


def words(one: RateCell) -> tuple[str, ...]:
    """Return the words of the three claims."""
    return tuple(one.word(claim) for claim in ("helps", "beats", "requires"))


def test_a_known_rate_is_in_the_cell():
    """Half of the budget on each side reaches 2 ln 2 gains; the line alone needs three hundred."""
    one = cell((0.1, 0.1))
    assert one.rate.median == pytest.approx(300e6 / BUDGET, rel=0.02)
    assert one.rate_alone.median == pytest.approx(1.0) and one.mexico_share == 0.5
    assert words(one) == ("supported", "supported", "refuted")


def test_nothing_is_supported_if_mexico_does_nothing():
    one = cell((0.1, 0.0))
    assert one.rate.median < 1.0 and one.rate_alone.share_inert == 1.0
    assert words(one) == ("refuted", "refuted", "refuted")


def test_cooperation_is_required_if_the_line_does_nothing():
    one = cell((0.0, 0.1))
    assert one.rate.out_of_reach == 1.0 and math.isinf(one.rate.median)
    assert words(one) == ("supported", "supported", "supported")


def test_a_marginal_dollar_without_a_share_of_mexico_is_contingent():
    one = cell((0.1, 0.1), share=0.5 * MIN_MEXICO_SHARE)
    assert one.marginal_median > 0.0 and one.word("beats") == "contingent"


def test_few_draws_have_no_word():
    few = cell((0.1, 0.1), draws=MIN_DRAWS - 2)
    assert words(few) == ("unknown", "unknown", "unknown")
    assert few.share_won("helps") == 1.0  # figures are still computed
    assert cell((0.1, 0.1), draws=2 * MIN_VARIANT_DRAWS).draws("beats") == MIN_VARIANT_DRAWS


def test_a_win_with_more_deaths_is_a_trade_off():
    worse = cell((0.1, 0.1), deaths=0.2)
    assert worse.trade_offs() == ("deaths",) and worse.median_cost("deaths") == pytest.approx(20.0)
    assert worse.median_cost("deaths", "us_only") == 0.0
    assert cell((0.1, 0.1)).trade_offs() == ()


def test_a_failed_run_removes_its_draw():
    made = score((0.1, 0.1), MIN_DRAWS + 1)
    made.trials.levels[3, 7] = np.nan
    one = rate_cells("fy2013", made, ALL, [BUDGET])[-1]
    assert one.rate.draws == MIN_DRAWS and math.isnan(one.won("requires")[7])


def test_words_that_differ_name_what_they_depend_on():
    yes = cell((0.1, 0.1))
    no = replace(cell((0.1, 0.0)), regime="fy2019")
    assert combine_words([yes, yes], "helps") == ("supported", ())
    assert combine_words([yes, no], "helps") == ("contingent", ("regime",))
    assert combine_words([yes, replace(no, horizon=1)], "helps") == ("supported", ())
    assert combine_words([], "helps") == ("unknown", ())


def test_spent_dollars_are_medians_by_payer():
    made = score((0.1, 0.1))
    spent = np.zeros((len(made.trials), MIN_DRAWS, 3))
    spent[made.menu[BudgetTarget("mixed", "joint", "got_aways", BUDGET)]] = 5.0, 3.0, 1.0
    read = replace(made, trials=replace(made.trials, spent=spent))
    one = rate_cells("fy2013", read, ALL, [BUDGET])[0]
    assert one.spent["mixed"] == {"us": 5.0, "mexico": 3.0, "users": 1.0}
    assert one.spent["us_only"]["us"] == 0.0
    assert math.isnan(rate_cells("fy2013", made, ALL, [BUDGET])[0].spent["mixed"]["us"])


def test_the_largest_budget_buys_every_instrument_of_the_side():
    largest = largest_budget(ALL, "us_only")
    everything = np.where(ALL.allowed("us_only"), ALL.max_dollars, 0.0)
    for account in ACCOUNTS:
        assert ALL.charge(everything, account) <= largest


def test_both_measures_have_cells_of_their_own():
    made = score((0.1, 0.1))
    other = {replace(t, outcome=ENTRIES[1]): k for t, k in made.menu.items()}
    both = replace(made, menu={**made.menu, **other})
    assert {one.measure for one in rate_cells("x", both, ALL, [BUDGET])} == set(ENTRIES)
