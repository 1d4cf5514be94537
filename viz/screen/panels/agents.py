"""Panel that shows the state and the decisions of an agent other than a migrant."""

from __future__ import annotations

import datetime
import math

import solara

from abm.policies.base import money
from agents.labels import GROUPS, SECTORS
from viz.figures.markup import el, esc
from viz.figures.numbers import MISSING, NBSP, plain, rounded
from viz.screen.panels.naming import date_label, day_label
from viz.screen.panels.number_labels import entry_label
from viz.screen.panels.parts import LiveMarkup, box, card, note, select, table
from viz.screen.panels.person_choice import dollars, place_name
from viz.screen.session.agent_log import KINDS, UNITS, columns_of
from viz.screen.session.session import Session

_FIRST: tuple[int, str, int] = (0, next(iter(KINDS)), 0)  # world, kind, and agent number or 0
_DECISIONS, _MILLION = 6, 1e6  # listed decisions; dollars from which an amount is abbreviated


@solara.component
def AgentPanel(session: Session):
    """Show lists of kinds and agents, and the chosen agent's state and decisions."""
    t, _ = session.words, session.status.value
    chosen = solara.use_reactive(_FIRST)
    world, kind, uid = chosen.value
    kinds = {f"{t(f'agents.kind.{key}')}, {'AB'[k]}": (k, key) for key in KINDS for k in (0, 1)}
    agents = _names(session, world, kind)
    if uid not in agents.values():  # No agent of this kind has been chosen.
        uid = next(iter(agents.values()), 0)

    def choose(number: int) -> None:
        chosen.set((*chosen.value[:2], number))

    with card(t("agents.title"), cls="tb-agents"):
        with box(cls="tb-plot-bar"):
            select(t("agents.kinds"), kinds, (world, kind), lambda key: chosen.set((*key, 0)))
            select(t("agents.agent"), agents, uid, choose)
        LiveMarkup(session, lambda: agent_markup(session, world, kind, uid), every=1.0)
        note(t("agents.help"))


def _names(session: Session, world: int, kind: str) -> dict[str, int]:
    """Return the numbers of a world's agents of a kind by displayed name, oldest agent first."""
    if not session.logs:
        return {}
    t, log = session.words, session.logs[world].agent_log
    has_place = columns_of(kind)[0][0] == "place"
    agents, names = log.weeks.get(log.week(max(1, session.now.day)), {}).get(kind, {}), {}
    for k, (uid, (name, values)) in enumerate(agents.items(), 1):
        about = (
            place_name(session, int(values[0])) if has_place else name and t(f"agents.name.{name}")
        )
        names[f"{k} · {about}" if about else f"{k}"] = uid
    return names


def agent_markup(session: Session, world: int, kind: str, uid: int) -> str:
    """Build the table of an agent's attributes, and the list of its last decisions.

    Args:
        session: session that holds the worlds.
        world: A (0) or B (1).
        kind: a key in `KINDS`.
        uid: number of the agent.

    Returns:
        HTML for the displayed day.
    """
    t, day, columns = session.words, max(1, session.now.day), columns_of(kind)
    if not session.logs:
        return ""
    log = session.logs[world].agent_log
    state = log.weeks.get(log.week(day), {}).get(kind, {}).get(uid)
    labels = [
        t(f"agents.field.{name}") + (f": {entry_label(t, entry)}" if entry else "")
        for name, entry in columns
    ]
    parts = [el("p", esc(t("agents.absent")))]
    if state:
        texts = (_text(session, name, x) for (name, _), x in zip(columns, state[1], strict=True))
        rows = [(esc(label), esc(text)) for label, text in zip(labels, texts, strict=True)]
        parts = [table((t("agents.state"), day_label(session, log.week(day))), rows)]
    items = []
    for on, k, old, new in log.decisions(kind, uid, day)[:_DECISIONS]:
        before, after = (_text(session, columns[k][0], x) for x in (old, new))
        change = after if math.isnan(old) else f"{before} → {after}"
        items.append(el("li", esc(f"{day_label(session, on)}. {labels[k]}: {change}")))
    decisions = el("ul", *items) if items else el("p", esc(t("agents.none")))
    return el("div", *parts) + el("div", el("h3", esc(t("agents.decisions"))), decisions)


def _text(session: Session, name: str, value: float) -> str:
    """Format the value of an attribute in its unit."""
    t, unit = session.words, UNITS[name]
    if math.isnan(value):  # The agent did not exist before the decision.
        return MISSING
    if unit in ("place", "sector", "group") and math.isfinite(value):
        if unit == "place":
            return place_name(session, int(value))
        return entry_label(t, (SECTORS if unit == "sector" else GROUPS)[int(value)])
    if unit == "flag":
        return t(f"agents.{'yes' if value else 'no'}")
    if unit == "date" and value >= 1.0:
        return date_label(t, datetime.date.fromordinal(int(value)))
    if unit == "dollars":
        return money(value) if value >= _MILLION else dollars(int(value))
    if unit == "share":
        return f"{plain(100.0 * value, 0)}{NBSP}%"
    return MISSING if unit == "date" else plain(value if unit == "ratio" else rounded(value))
