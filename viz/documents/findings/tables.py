"""The tables of an answer as rows of words; the page and the terminal show the same ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from abm.measures import OUTCOMES as MEASURES
from abm.policies import registry
from abm.policies.base import ARMS, money
from experiments.ask.answer import Answer
from experiments.ask.scenario_discovery import Box, Discovery
from experiments.ask.stages import few_of
from experiments.ask.variants import VARIANTS
from experiments.ask.verdict import MARGIN, REFUTED, SUPPORTED, Cell, advantage
from experiments.optimise.horizons import ENTRIES, HORIZONS, OUTCOMES
from experiments.optimise.search import Target
from experiments.optimise.sides import ACCOUNTS, SIDES
from viz.documents.findings.words import ACCOUNT, SHORT, percent
from viz.figures.frontier import STYLES, Panel
from viz.figures.numbers import MINUS

Rows = list[list[str]]


def verdict_rows(answer: Answer) -> Rows:
    """Claim, verdict, what it is contingent on, cells of each word."""
    rows = []
    for one in answer.verdicts:
        words = [cell.verdict for cell in answer.of(one.claim)]
        count = ", ".join(f"{words.count(w)} {w}" for w in dict.fromkeys(sorted(words)))
        rows.append([one.claim, one.word, one.condition, count])
    return rows


def cell_rows(cells: Sequence[Cell]) -> Rows:
    """One row a cell: money, measure, P(win) with its range, by horizon, verdict, trade-offs."""
    return [
        [
            money(cell.budget),
            ACCOUNT[cell.account],
            SHORT[cell.outcome],
            _gain(cell),
            f"{cell.p_win:.2f} ({cell.p_range[0]:.2f} to {cell.p_range[1]:.2f})",
            " / ".join(f"{p:.2f}" for p in cell.by_horizon.values()),
            cell.verdict + (", near a threshold" if cell.close else ""),
            _trades(cell),
        ]
        for cell in cells
    ]


CELL_HEADS = [
    "$ a year",
    "counted",
    "measure",
    "entries lower by, over 10 years",
    "P(win)",
    f"P over {' / '.join(map(str, HORIZONS))} years alone",
    "verdict",
    "a win comes with more",
]


def _gain(cell: Cell) -> str:
    """Median advantage over the longest horizon, and nine draws in ten."""
    low, middle, high = np.nanquantile(100.0 * cell.advantage[:, -1], [0.05, 0.5, 0.95])
    return f"{_signed(middle)} % ({_signed(low)} to {_signed(high)})"


def _signed(value: float) -> str:
    """One decimal, with a real minus."""
    return f"{MINUS if value < -0.05 else ''}{abs(value):.1f}"


def _trades(cell: Cell) -> str:
    """What costs people more in most of the draws that are won."""
    worse = cell.worse()
    return ", ".join(f"{SHORT[name]} ({100 * worse[name]:.0f} %)" for name in cell.trades) or "-"


def portfolio_rows(answer: Answer, account: str) -> Rows:
    """What every side buys, by measure and budget, and what it is worth."""
    played, rows = answer.played, []
    for target in sorted(played.score.menu, key=_told_order):
        place = played.score.menu[target]
        if target.account == account:
            row = played.score.trials.portfolios[place]
            named = played.instruments.named(row)
            bought = ", ".join(f"{name} {money(x)}" for name, x in named.items()) or "nothing"
            told = [STYLES[target.side][1], SHORT[target.outcome], money(target.budget)]
            price = _price(answer, place, target)
            rows.append([*told, *change_cells(answer, place), price, bought])
    return rows


def _told_order(target: Target) -> tuple[str, int, float]:
    """By measure, then side, then budget."""
    return (target.outcome, list(SIDES).index(target.side), target.budget)


PORTFOLIO_HEADS = [
    "side",
    "chosen for",
    "$ a year",
    *(SHORT[name] for name in OUTCOMES),
    "$ per averted entry",
    "buys",
]


def whole_rows(answer: Answer) -> Rows:
    """All arms together, nothing optimised, by budget in joint dollars; and whether it beats."""
    score, rows = answer.played.score, []
    for (_, budget), place in score.whole.items():
        cells = []
        for outcome in ENTRIES:
            rival = score.menu[Target("us_only", "joint", outcome, budget)]
            gain = advantage(score.levels(place), score.levels(rival), outcome)
            cell = Cell("beats", "joint", outcome, budget, ("all arms", "U.S. alone"), gain, {})
            cells.append(f"{cell.p_win:.2f}")
        rows.append([money(budget), *change_cells(answer, place), *cells])
    return rows


WHOLE_HEADS = [
    "$ a year",
    *(SHORT[name] for name in OUTCOMES),
    *(f"P(win) against U.S. alone, {SHORT[name]}" for name in ENTRIES),
]


def alone_rows(answer: Answer) -> Rows:
    """Every instrument alone, by arm, as the search played it."""
    searched, instruments = answer.played.searched, answer.played.instruments
    single = np.flatnonzero((searched.portfolios > 0.0).sum(axis=1) == 1)
    told = []
    for place in single.tolist():
        k = int(np.flatnonzero(searched.portfolios[place])[0])
        arm = registry()[instruments.ids[k]].arm
        changes = 100.0 * searched.changes[place, :, :, -1].mean(axis=0)
        dollars = float(searched.portfolios[place, k])
        told.append((ARMS.index(arm), instruments.ids[k], dollars, arm, changes))
    rows = []
    for _, name, dollars, arm, changes in sorted(told, key=lambda one: one[:3]):
        rows.append([arm.replace("_", " "), name, money(dollars), *map(percent, changes)])
    return rows


ALONE_HEADS = ["arm", "instrument", "$ a year", *(SHORT[name] for name in OUTCOMES)]


def change_cells(answer: Answer, place: int) -> list[str]:
    """Median change over ten years of every outcome, in percent of the status quo."""
    changes = 100.0 * answer.played.score.trials.changes[place, :, :, -1]
    return [percent(value) for value in np.nanmedian(changes, axis=0)]


def _price(answer: Answer, place: int, target: Target) -> str:
    """Planned joint dollars for every entry of the kind that did not happen, over ten years."""
    trials, k = answer.played.score.trials, OUTCOMES.index(target.outcome)
    averted = trials.base[:, k, -1] - trials.levels[place, :, k, -1]
    entries, planned = float(np.nanmedian(averted)), float(trials.portfolios[place].sum())
    return f"${planned / entries:,.0f}" if entries > 0.0 else "none averted"


def variant_rows(answer: Answer) -> Rows:
    """By variant: P(win) of every claim and measure at its budget, beside that of the ensemble."""
    size, rows = answer.played.size, []

    def told(cells: Sequence[Cell]) -> list[str]:
        return [f"{c.p_win:.2f} {c.verdict}" for c in sorted(cells, key=_order)]

    here = [c for c in answer.cells if c.budget == size.variant_budget and c.account == "joint"]
    if answer.variants:
        draws = here[0].draws if here else 0
        rows.append(["As it is", str(draws), *told(here)])
        few = few_of(size)
        same = [cell.among(few) for cell in here]
        rows.append(["As it is, the same draws as below", str(len(few)), *told(same)])
    for name, cells in answer.variants.items():
        rows.append([VARIANTS[name].title, str(cells[0].draws), *told(cells)])
    return rows


def _order(cell: Cell) -> tuple[int, int]:
    return (("helps", "beats", "requires").index(cell.claim), ENTRIES.index(cell.outcome))


VARIANT_HEADS = [
    "model",
    "draws",
    *(
        f"{claim}: {SHORT[outcome]}"
        for claim in ("helps", "beats", "requires")
        for outcome in ENTRIES
    ),
]


def box_rows(found: Discovery) -> Rows:
    """The boxes of a claim: where it fails most, where it fails least."""
    return [
        [
            _bounds(box),
            f"{box.failed} of {box.draws}",
            f"{100 * box.density:.0f} %",
            f"{100 * box.coverage:.0f} %",
        ]
        for box in found.boxes
    ]


BOX_HEADS = ["where", "draws that fail", "share", "of all failures"]


def _bounds(box: Box) -> str:
    """The bounds of a box in words."""
    return " and ".join(_bound(name, low, high) for name, (low, high) in box.bounds.items())


def _bound(name: str, low: float, high: float) -> str:
    if name == "us_dollars_alone":
        return "U.S. dollars alone" if low > -math.inf else "joint dollars"
    show = money if name == "budget" else "{:.3g}".format
    if low == -math.inf:
        return f"{name} up to {show(high)}"
    return f"{name} above {show(low)}" + ("" if high == math.inf else f" up to {show(high)}")


def flip_rows(answer: Answer) -> Rows:
    """Assumed numbers that move the margin of a claim, those that could turn it first."""
    rows = []
    for (claim, outcome), found in answer.flips.items():
        for one in sorted(found, key=lambda h: (not h.turns, -abs(h.rank))):
            rows.append(
                [
                    claim,
                    SHORT[outcome],
                    one.name,
                    f"{one.low:+.1f}",
                    f"{one.high:+.1f}",
                    "could turn it" if one.turns else "",
                ]
            )
    return rows


FLIP_HEADS = ["claim", "measure", "assumed number", "margin where low", "where high", ""]


def panels(answer: Answer, account: str) -> list[Panel]:
    """The frontier: entries of the kind that was looked for, and what it does to people."""
    shown = [*ENTRIES, "deaths", "kidnapped", "returned_unscreened"]
    made = [_panel(answer, account, name, name) for name in ENTRIES]
    return made + [_panel(answer, account, name, "unlawful_entries") for name in shown[2:]]


def _panel(answer: Answer, account: str, name: str, chosen_for: str) -> Panel:
    """One outcome under the portfolios chosen for a measure."""
    played, k = answer.played, OUTCOMES.index(name)
    lines: dict[str, list[tuple[float, float, float, float]]] = {side: [] for side in SIDES}
    for t, place in sorted(played.score.menu.items()):
        if (t.account, t.outcome) == (account, chosen_for):
            change = 100.0 * played.score.trials.changes[place, :, k, -1]
            low, middle, high = (float(v) for v in np.nanquantile(change, [0.05, 0.5, 0.95]))
            lines[t.side].append((t.budget, low, middle, high))
    label = MEASURES[name].label
    human = "◆ " if MEASURES[name].human else ""
    return Panel(human + label, f"change over 10 years; chosen for {SHORT[chosen_for]}", lines)


def rule() -> str:
    """The thresholds in words."""
    return (
        f"A draw is won if entries are at least {100 * MARGIN:g} % lower over years 1 to 3 and "
        f"again over 1 to 10. P(win) of {SUPPORTED:g} or more: supported; {REFUTED:g} or less: "
        "refuted; between: contingent."
    )


def account_words(account: str) -> str:
    """Whose dollars, in a sentence."""
    return ACCOUNTS[account]
