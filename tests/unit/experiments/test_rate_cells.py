"""Cells of the verdict for scores with a known result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.studies.ask.rate_cells import RateCell, pool_claim, rate_cells
from experiments.studies.ask.verdict import CLAIMS, MIN_DRAWS
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES
from experiments.studies.optimise.search import LINE, MEXICO, BudgetTarget
from experiments.studies.optimise.sides import buyable
from experiments.studies.optimise.study import Score, charge_of
from experiments.studies.optimise.trials import Trials

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
    """Return trials of a world without noise, in which deaths change with Mexican dollars."""
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
    """Return a score of one account and one measure, with a marginal pair."""
    us = [row(dollars, 0.0) for dollars in LADDER]
    both = row((1.0 - share) * BUDGET, share * BUDGET)
    scored = trials([*us, both, row(0.0, BUDGET)], gains, draws, deaths)
    target = [BudgetTarget(s, "joint", "got_aways", BUDGET) for s in ("mixed", "cooperative")]
    menu = {BudgetTarget("us_only", "joint", "got_aways", b): k for k, b in enumerate(LADDER)}
    menu |= {target[0]: len(us), target[1]: len(us) + 1}
    more = 0.25 * BUDGET
    pairs = [row(BUDGET, more), row(BUDGET + more, 0.0), row(0.0, BUDGET + more), row(more, BUDGET)]
    keys = [
        (BudgetTarget(side, "joint", "got_aways", BUDGET), where)
        for side in ("us_only", "cooperative")
        for where in (MEXICO, LINE)
    ]
    some = tuple(range(0, draws, 2))
    return Score(
        scored,
        menu,
        additions={key: k for k, key in enumerate(keys)},
        added=trials(pairs, gains, len(some), deaths),
        added_draws=some,
    )


def cell(gains: Gains, draws: int = MIN_DRAWS, **options: float) -> RateCell:
    """Return the cell of the longest horizon."""
    cells = rate_cells("fy2013", score(gains, draws, **options), [BUDGET])
    assert [row.horizon for row in cells] == list(HORIZONS)
    return cells[-1]


def words(cell: RateCell) -> tuple[str, ...]:
    """Return the words of the three claims."""
    return tuple(cell.word(claim) for claim in ("helps", "beats", "requires"))


def test_a_known_rate_is_in_the_cell():
    """Half of the budget on each side reaches 2 ln 2 gains. The line alone needs $300M."""
    equal = cell((0.1, 0.1))
    assert equal.rate.median == pytest.approx(300e6 / BUDGET, rel=0.02)
    assert equal.rate_alone.median == pytest.approx(1.0) and equal.mexico_share == 0.5
    assert words(cell((0.1, 0.15))) == ("supported", "supported", "refuted")


@pytest.mark.parametrize("gains", [(0.1, 0.1), (0.1, 0.0), (0.0, 0.1), (0.02, 0.4), (0.1, 0.2)])
def test_a_draw_is_won_exactly_where_its_margin_is_above_zero(gains: Gains):
    result = cell(gains)
    for claim in CLAIMS:
        margin, won = result.margin(claim), result.won(claim)
        assert np.array_equal(np.isnan(margin), np.isnan(won))
        defined = ~np.isnan(won)
        assert np.array_equal(margin[defined] > 0.0, won[defined] > 0.0)
        assert np.isfinite(margin[defined]).all()


def every_horizon(spent: np.ndarray) -> np.ndarray:
    """Return dollars by portfolio, draw and payer, the same at every horizon."""
    return np.repeat(spent[..., None], len(HORIZONS), axis=3)


def spending(scored: Score, added: list[float]) -> Score:
    """Return a score whose portfolios spend all planned dollars and whose additions a share."""
    planned = scored.trials.portfolios.sum(axis=1)
    spent = np.zeros((len(planned), len(scored.trials.base), 3))
    spent[:, :, 0] = planned[:, None]
    extra = np.zeros((4, len(scored.added_draws), 3))
    extra[:, :, 0] = BUDGET + 0.25 * BUDGET * np.array(added)[:, None]
    assert scored.added is not None
    return replace(
        scored,
        trials=replace(scored.trials, spent=every_horizon(spent)),
        added=replace(scored.added, spent=every_horizon(extra)),
    )


@pytest.mark.parametrize("share", [0.8, 0.51, 0.49, 0.1])
def test_the_effect_of_an_addition_is_never_scaled(share: float):
    """The effect of a quarter of the budget counts in full even if only a part is spent."""
    scored = score((0.1, 0.2))
    plain = rate_cells("fy2013", scored, [BUDGET])[0]
    part = rate_cells("fy2013", spending(scored, [1.0, share, 1.0, share]), [BUDGET])[0]
    assert part.marginal == pytest.approx(plain.marginal, nan_ok=True)
    assert part.all_spent == (share >= 0.5) and plain.all_spent
    assert part.pairs[0].without_mexico.spent == pytest.approx(0.25 * share * BUDGET)
    assert part.pairs[0].with_mexico.state == "spent"
    assert part.pairs[0].without_mexico.state == ("limits" if share < 0.5 else "spent")


def test_the_charge_depends_on_the_horizon():
    """In the first year, the United States alone spends half of its dollars."""
    scored = spending(score((0.1, 0.1)), [1.0] * 4)
    assert scored.trials.spent is not None
    us = [k for target, k in scored.menu.items() if target.side == "us_only"]
    scored.trials.spent[us, :, :, 0] *= 0.5
    first, *_, last = rate_cells("fy2013", scored, [BUDGET])
    charges = [charge_of(scored.trials, us[1], "joint", horizon) for horizon in (1, 10)]
    assert charges[0] == 0.5 * charges[1]
    assert first.rate.median == pytest.approx(0.5 * last.rate.median, rel=0.02)
    assert first.spent["us_only"]["us"] == 0.5 * last.spent["us_only"]["us"]


def test_all_columns_describe_the_portfolio_that_is_used():
    """Cooperation alone is far better than the portfolio chosen for both countries together."""
    scored = score((0.01, 0.2), share=0.05, deaths=0.2)
    last = rate_cells("fy2013", scored, [BUDGET])[-1]
    alone = scored.menu[BudgetTarget("cooperative", "joint", "got_aways", BUDGET)]
    assert (last.used["mixed"] == alone).all() and last.mexico_share == 1.0
    assert np.array_equal(last.reach["mixed"], last.reach["cooperative"])
    assert last.payers["mexico"] + last.payers["us"] + last.payers["users"] == pytest.approx(BUDGET)
    assert (last.difference[last.rate.rates > 1.0] > 0.0).all()


def test_one_marginal_pair_without_its_mirror_is_no_result():
    scored = score((0.1, 0.2))
    half = {key: k for key, k in scored.additions.items() if key[0].side == "us_only"}
    first = rate_cells("fy2013", replace(scored, additions=half), [BUDGET])[0]
    assert np.isnan(first.marginal).all() and first.word("beats") == "unknown" and not first.pairs


def test_dollars_that_are_not_spent_are_not_charged():
    """The United States alone spends half of its dollars, so its frontier costs half as much."""
    scored = score((0.1, 0.1))
    planned = scored.trials.portfolios
    spent = np.zeros((len(planned), MIN_DRAWS, 3))
    spent[:, :, 0] = planned[:, [US]] * np.where(planned[:, [MX]] > 0.0, 1.0, 0.5)
    spent[:, :, 1] = planned[:, [MX]]
    read = replace(scored, trials=replace(scored.trials, spent=every_horizon(spent)))
    planned_cell, spent_cell = (rate_cells("fy2013", each, [BUDGET])[0] for each in (scored, read))
    assert spent_cell.rate.median == pytest.approx(0.5 * planned_cell.rate.median, rel=1e-6)
    both = scored.menu[BudgetTarget("mixed", "joint", "got_aways", BUDGET)]
    assert charge_of(read.trials, both, "joint", 10) == pytest.approx(BUDGET)
    assert charge_of(read.trials, both, "us", 10) == pytest.approx(0.5 * BUDGET)


def test_different_words_name_the_attribute_on_which_they_depend():
    yes = cell((0.1, 0.1))
    no = replace(cell((0.1, 0.0)), regime="fy2019")
    same, differs = pool_claim([yes, yes], "helps"), pool_claim([yes, no], "helps")
    assert (same.share.word, same.depends_on, same.share.value) == ("supported", (), 1.0)
    assert (differs.share.word, differs.depends_on, differs.share.value) == (
        "contingent",
        ("regime",),
        0.5,
    )
    assert differs.others == (yes, no) and differs.share.draws == MIN_DRAWS
    assert pool_claim([yes, replace(no, horizon=1)], "helps").share.word == "supported"
    assert pool_claim([yes, replace(no, account="us")], "helps").share.word == "supported"
    assert pool_claim([], "helps").share.word == "unknown"


def test_cells_without_a_verdict_are_left_out_and_counted():
    equal, short = cell((0.1, 0.1)), cell((0.1, 0.0), draws=MIN_DRAWS)
    unknown = replace(short, budget=2.0 * BUDGET, planned_draws=2 * MIN_DRAWS)
    pooled = pool_claim([equal, unknown], "helps")
    assert (pooled.share.word, len(pooled.cells), pooled.unknown) == ("supported", 1, 1)
    assert pool_claim([unknown], "helps").share.word == "unknown"
