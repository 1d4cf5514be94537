"""Data for the script of the policy list."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from abm.policies import registry
from abm.policies.base import Policy
from abm.scenario.policy_specs import PolicySpec, parse_policy
from agents.param import params_of
from viz.figures.numbers import plain
from viz.screen.panels.budgets import costs_money, policy_of
from viz.screen.panels.naming import date_label, policy_title, preset_label
from viz.screen.panels.number_labels import first_sentence
from viz.screen.panels.policy_actions import millions, numbers_of, omits_tables
from viz.screen.session.choice import STATUS_QUO, Choice, preset_of, presets
from viz.screen.words import Words, folded

#: Refused text (``typed``) and reason (``error``), or a ``note``, by key of a field. The empty key
#: has the number of actions (``turn``), so that the data differ even if an action changes nothing.
Marks = Mapping[str, Mapping[str, str]]
_YEAR = 365.25


def payload(t: Words, choice: Choice, marks: Marks) -> dict[str, Any]:
    """Return the data of the policy list.

    Args:
        t: texts in the display language.
        choice: choice of the visitor.
        marks: errors and notes at fields.

    Returns:
        The presets of each world, groups, one row per listed policy, and the number of instruments.
    """
    uses = [
        _use(t, choice, world, at, text, marks)
        for world in (0, 1)
        for at, text in enumerate(choice.policies(world))
    ]
    rows = [
        _described(t.language, name) | {"uses": [use for use in uses if use["id"] == name]}
        for name in listed()
    ]
    return {
        "presets": [_preset(t, choice, world) for world in (0, 1)],
        "turn": marks.get("", {}).get("turn", ""),
        "groups": [{"id": name, **t.part(f"policies_panel.group.{name}")} for name in GROUPS],
        "rows": rows,
        "instruments": len(instruments()),
        "errors": [m["error"] for key, m in marks.items() if key.endswith((":add", ":preset"))],
    }


def _preset(t: Words, choice: Choice, world: int) -> dict[str, Any]:
    """Return the list of presets for a world, with the preset that the world has."""
    return {
        "world": world,
        "label": t(f"policies_panel.preset_{'ab'[world]}"),
        "options": [["", t("mine")], *([name, preset_label(t, name)] for name in presets())],
        "value": preset_of(choice.policies(world)) or "",
    }


# ---- one instrument ------------------------------------------------------------------------------
@lru_cache(maxsize=128)
def _described(language: str, name: str) -> dict[str, Any]:
    """Return the texts of an instrument. Do not change the result, which is cached."""
    t, policy = Words(language), registry()[name].full_programme()
    mechanism, notes = t.translate(policy.mechanism), [t.translate(policy.fails_when)]
    if policy.acts_when:
        notes.append(f"{t('policies_panel.acts')} {t.translate(policy.acts_when)}")
    if not policy.evaluated:
        notes.append(t("policies_panel.unmeasured"))
    effect = first_sentence(mechanism)
    return {
        "id": name,
        "group": group_of(name),
        "title": policy_title(t, name),
        "about": about(t, policy),
        "effect": effect,
        "more": mechanism.removeprefix(effect).strip(),
        "fails": " ".join(notes),
        "text": search_text(t, name),
    }


def search_text(t: Words, name: str) -> str:
    """Return what a search matches: title, mechanism, group and synonyms, without accents."""
    policy, group = registry()[name], t.part(f"policies_panel.group.{group_of(name)}")
    parts = [t.translate(policy.title), t.translate(policy.mechanism), *group.values()]
    # A policy from a plugin has no synonyms.
    return folded(" ".join([*parts, t.part("policies_panel.also").get(name, "")]))


def about(t: Words, policy: Policy) -> str:
    """Describe the payers of a policy and the time until it is complete."""
    parts, shares = [], payer_shares(policy)
    for payer, share in shares.items():
        payer_name = t(f"policies_panel.payer.{payer}")
        parts.append(payer_name if len(shares) == 1 else f"{payer_name} {100.0 * share:.0f}\u00a0%")
    text = ", ".join(parts) or t("policies_panel.payer.nobody")
    text = text[:1].upper() + text[1:]
    days = policy.days_until_complete()
    return f"{text} · {_ready(t, days)}" if days > 1.0 else text


def _ready(t: Words, days: float) -> str:
    """Describe the time until a policy is complete."""
    years = days / _YEAR
    if days >= 700.0:
        return t("policies_panel.ready_years").format(years=f"{years:.2g}".removesuffix(".0"))
    return t("policies_panel.ready_days").format(days=plain(5.0 * round(days / 5.0)))


# ---- one policy of a world -----------------------------------------------------------------------
def _use(t: Words, choice: Choice, world: int, at: int, text: str, marks: Marks) -> dict[str, Any]:
    """Return the fields and texts of a policy in a world."""
    key, use = f"{world}:{at}", parse_policy(text)
    numbers = numbers_of(t, text)
    changed = sum(number.value != number.default for number in numbers)
    state = "own" if not changed else "one_changed" if changed == 1 else "changed"
    return {
        "id": use.id,
        "world": world,
        "at": at,
        "key": key,
        "amount": _amount(t, text, marks.get(f"{key}:amount", {})),
        "dates": _dates(t, choice, use, marks.get(f"{key}:dates", {})),
        "numbers": [
            number.field(t, f"{key}:{number.name}", marks.get(f"{key}:{number.name}"))
            for number in numbers
        ],
        "summary": t(f"policies_panel.numbers_{state}").format(n=len(numbers), changed=changed),
        "changed": changed > 0,
        "full": _full_programme(t, text),
        "tables": t("policies_panel.tables") if omits_tables(text) else "",
    }


def _amount(t: Words, text: str, mark: Mapping[str, str]) -> dict[str, str]:
    """Return the amount's field, in millions per year or percent of the full programme."""
    policy, money = policy_of(text), costs_money(text)
    suffix = "millions" if money else "percent_of_full"
    dollars = sum(policy.dollars().values())
    value = _digits(dollars / 1e6, 3) if money else _digits(100.0 * policy.dose, 6)
    note = _note(t, policy, dollars, mark.get("note", "")) if money else ""
    return {
        "prefix": "$" if money else "",
        "suffix": t(f"policies_panel.{suffix}"),
        "spoken": t(f"policies_panel.{'millions_spoken' if money else suffix}"),
        "value": mark.get("typed", value),
        "error": mark.get("error", ""),
        "note": note,
    }


def _digits(value: float, places: int) -> str:
    """Format a number for a field, without trailing zeros."""
    return f"{value:.{places}f}".rstrip("0").rstrip(".")


def _note(t: Words, policy: Policy, dollars: float, note: str) -> str:
    """Return a note on the amount and on the quantity that it buys."""
    text = t(f"policies_panel.amount.{note or 'plain'}").format(dollars=millions(dollars))
    bought = what_it_buys(t, policy)
    return f"{text}, {bought}" if bought else text


def what_it_buys(t: Words, policy: Policy) -> str:
    """Return the quantity that a policy buys, such as "155 towers", or "" if it is not counted."""
    name = BOUGHT.get(policy.id)
    if name is None:
        return ""
    count = getattr(policy, name) * policy.dose
    unit = t.translate(params_of(type(policy))[name].unit)
    return t("policies_panel.bought").format(count=plain(round(count), 0), unit=unit)


def _full_programme(t: Words, text: str) -> str:
    """Explain dose 1, to which the parameters refer."""
    policy = policy_of(text)
    if policy.full_dollars <= 0.0:
        return t("policies_panel.dose_one_free")
    return t("policies_panel.dose_one").format(
        dollars=millions(policy.full_dollars), dose=f"{policy.dose:.3g}"
    )


def _dates(t: Words, choice: Choice, use: PolicySpec, mark: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of the dates, and a warning if the policy is never in force."""
    return {
        "start": mark.get("start", str(use.start or "")),
        "end": mark.get("end", str(use.end or "")),
        "error": mark.get("error", ""),
        "warning": _warning(t, choice, use),
    }


def _warning(t: Words, choice: Choice, use: PolicySpec) -> str:
    """Return a warning if a policy is never in force during the run, otherwise ""."""
    start = choice.scenario(0).start
    end = start + datetime.timedelta(days=choice.days)
    if use.end is not None and use.end <= start:
        return t("policies_panel.ended").format(date=date_label(t, start))
    if use.start is not None and use.start >= end:
        return t("policies_panel.late").format(date=date_label(t, end))
    return ""


# ---- groups of instruments, payers, and quantities that dollars buy
#: Groups in the order of the screen. ``line``: the United States acts, at the line or inland;
#: ``both``: both countries act, or one acts only if the other agrees; ``legal``: visas and ports.
GROUPS = ("line", "mexico", "both", "legal", "origin")
#: Groups by the declared arm, and groups of instruments that visitors expect elsewhere.
_GROUP_OF_ARM = {
    "agents": "line",
    "sensors_fence": "line",
    "consequences": "line",
    "southern_border": "mexico",
    "legal_accords": "legal",
    "ports": "legal",
    "governance": "origin",
}
_GROUP_OF = {
    **dict.fromkeys(("sector_allocation", "smuggler_prosecution", "worksite_enforcement"), "line"),
    **dict.fromkeys(("mexican_border_patrol", "rural_gendarmerie", "trainers"), "mexico"),
    "military_cooperation": "mexico",
    **dict.fromkeys(("bilateral_accords", "border_management_plan", "remain_in_mexico"), "both"),
}
BASELINE = "baseline"  # arm of policies that are reference cases
#: Instruments that come first in their groups. Other instruments follow, sorted by id.
FIRST = (
    *("cameras_and_sensors", "patrol_surge", "fence"),
    *("southern_border_control", "trainers", "rural_gendarmerie"),
    *("intelligence_sharing", "merida_initiative", "remain_in_mexico"),
    *("legal_pathways", "smart_infrastructure", "trusted_travellers"),
    *("central_american_governance", "mexican_prosperity"),
)
#: Parameter of each instrument that counts what its dollars buy at dose 1.
BOUGHT = {
    "aerial_surveillance": "miles",
    "best_teams": "teams",
    "cameras_and_sensors": "towers",
    "consequence_capacity": "places",
    "fence": "miles",
    "mexican_border_patrol": "officers",
    "patrol_surge": "agents",
    "rural_gendarmerie": "officers",
    "sector_allocation": "added",
    "smart_infrastructure": "booths",
    "southern_border_control": "posted",
    "trainers": "trainers",
    "transfers_south": "moved",
    "trusted_travellers": "enrolees",
}


def group_of(name: str) -> str:
    """Return the group of an instrument, which is "both" if neither it nor its arm has a group."""
    return _GROUP_OF.get(name) or _GROUP_OF_ARM.get(registry()[name].arm, "both")


@cache
def instruments() -> tuple[str, ...]:
    """Return all instrument ids, without the baselines, in the order of `listed`."""
    return tuple(name for name in listed() if registry()[name].arm != BASELINE)


@cache
def listed() -> tuple[str, ...]:
    """Return the ids of all listed policies, group by group as on the screen.

    These are the instruments and the baseline without Mexico's cooperation. The status quo is not
    listed, because it is the world without any policy.
    """
    names = [name for name in registry() if name != STATUS_QUO]

    def place(name: str) -> tuple[int, int, str]:
        first = FIRST.index(name) if name in FIRST else len(FIRST)
        return GROUPS.index(group_of(name)), first, name

    return tuple(sorted(names, key=place))


def payer_shares(policy: Policy) -> dict[str, float]:
    """Return the share of a policy's dollars that each payer pays, or {} if it costs nothing."""
    paid = policy.dollars()
    total = sum(paid.values())
    return {payer: dollars / total for payer, dollars in paid.items()} if total > 0.0 else {}
