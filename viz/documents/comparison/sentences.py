"""The answer in plain words, made from the numbers and from nothing else."""

from __future__ import annotations

import math

from viz.figures.inputs import (
    PRIMARY,
    ArmReport,
    CompareReport,
    OutcomeInfo,
    OutcomeRow,
)
from viz.figures.numbers import (
    NBSP,
    UNDEFINED,
    amount,
    decimals,
    directions,
    dollars,
    is_clear,
    is_money,
    is_ratio,
    is_single,
    percent,
    signed,
    signed_amount,
)


def spent(arm: ArmReport) -> float:
    """Dollars a year over all payers."""
    return sum(v for v in arm.dollars.values() if math.isfinite(v))


def same_budget(report: CompareReport) -> bool:
    """True where all policies cost the same, within one percent."""
    totals = [spent(arm) for arm in report.arms]
    return len(totals) > 1 and min(totals) > 0 and max(totals) - min(totals) <= 0.01 * max(totals)


def lower(label: str) -> str:
    """A label inside a sentence: small first letter, abbreviations kept."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def joined(parts: list[str], word: str = "and") -> str:
    """'a, b and c'."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def change(row: OutcomeRow, info: OutcomeInfo) -> str:
    """'got-aways by −12 % (90 %: −14 to −9)'."""
    name, share = lower(info.label), row.percent
    if not math.isfinite(row.difference):
        return f"{name} by an amount that is {UNDEFINED}"
    if share is None:
        shown, low, high = (
            signed_amount(v, info.unit) for v in (row.difference, row.low90, row.high90)
        )
        shown = shown if is_money(info.unit) else f"{shown} {info.unit}"
    else:
        ends = (abs(share.low90) / 10, abs(share.high90) / 10)
        places = decimals(max(abs(share.median), *ends))  # also where the median is nothing
        shown = percent(share.median)
        low, high = signed(share.low90, places), signed(share.high90, places)
    return f"{name} by {shown}{_range(row, low, high)}"


def _range(row: OutcomeRow, low: str, high: str) -> str:
    """The 90 % range in brackets; nothing where there was one run only."""
    if is_single(row.interval):
        return ""
    doubt = "" if is_clear(row.interval) else ", no clear change"
    return f" (90{NBSP}%: {low} to {high}{doubt})"


def told(arm: ArmReport, report: CompareReport) -> list[str]:
    """Outcomes a sentence tells: the primary ones, then every human cost."""
    known = report.outcome_info
    human = [k for k, info in known.items() if info.human and k not in PRIMARY]
    return [k for k in (*PRIMARY, *human) if k in arm.outcomes and k in known]


def falling(arm: ArmReport) -> list[str]:
    """Primary outcomes that fall."""
    return [k for k in PRIMARY if k in arm.outcomes and arm.outcomes[k].difference < 0]


def worsened(arm: ArmReport, report: CompareReport) -> list[str]:
    """Human-cost outcomes that move the wrong way."""
    return [
        k
        for k, info in report.outcome_info.items()
        if info.human and k in arm.outcomes and arm.outcomes[k].difference * (info.good or -1) < 0
    ]


def trade_off(arm: ArmReport, report: CompareReport) -> str:
    """The clause that must follow when flow falls and people pay for it; else nothing."""
    less, costs = falling(arm), worsened(arm, report)
    if not less or not costs:
        return ""
    gains = joined(
        [_moved(arm, report, k) for k in less if k in report.outcome_info] or ["less flow"]
    )
    losses = joined([_moved(arm, report, k) + _doubt(arm, report, k) for k in costs])
    rows = [arm.outcomes[k] for k in less], [arm.outcomes[k] for k in costs]
    sure = all(any(is_clear(r.interval) for r in group) for group in rows)
    doubt = "what is uncertain" if report.ensemble else "chance"
    may = f"this may be a trade-off, within the range of {doubt}"
    lead = "this is a trade-off" if sure else may
    lead = "in this one run it is a trade-off" if report.reps <= 1 else lead
    return f"{lead}: {gains}, but {losses}"


def _moved(arm: ArmReport, report: CompareReport, key: str) -> str:
    """'more deaths'."""
    info = report.outcome_info[key]
    less, more = directions(info.unit)
    word = more if arm.outcomes[key].difference > 0 else less
    return f"{word} {lower(info.label).removeprefix('all ')}"


def _doubt(arm: ArmReport, report: CompareReport, key: str) -> str:
    """What chance alone can explain is marked as such beside what it cannot."""
    unclear = report.reps > 1 and not is_clear(arm.outcomes[key].interval)
    return " (no clear change)" if unclear else ""


def arm_sentence(arm: ArmReport, report: CompareReport) -> str:
    """What a policy changed, what it cost in money and in people, in one sentence."""
    total = spent(arm)
    money = f"{dollars(total)} a year" if total > 0 else "no public money"
    lead = "With the same " if same_budget(report) and total > 0 else "With "
    changes = [change(arm.outcomes[k], report.outcome_info[k]) for k in told(arm, report)]
    if not changes:
        return f"{lead}{money}, {arm.title} has no outcome to report."
    clause = trade_off(arm, report)
    return f"{lead}{money}, {arm.title} changed {joined(changes)}{'; ' + clause if clause else ''}."


def baseline_sentence(report: CompareReport) -> str:
    """Levels of the baseline, so that a percentage has something to stand on."""
    levels = []
    for key in told(report.baseline, report):
        row, info = report.baseline.outcomes[key], report.outcome_info[key]
        if math.isfinite(row.baseline) and not is_ratio(info.unit):  # a share is not counted
            words = lower(info.label).removeprefix("all ")
            levels.append(f"{amount(row.baseline, info.unit)} {words}")
    if not levels:
        return ""
    return f"Under the baseline ({report.baseline.title}) the model counts {joined(levels)} a year."
