"""Page Compare: two worlds with the same people and random draws but different policies."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import solara

from abm.policies import policies_of
from experiments.studies.ask.uncertain_numbers import (
    SAME,
    contested_settings,
    depends_on_operations,
)
from viz.screen.panels.agents import AgentPanel
from viz.screen.panels.difference import DifferenceCurves, DifferencePanel
from viz.screen.panels.exports import Exports
from viz.screen.panels.headline import EqualMoney, Headline
from viz.screen.panels.maps import DIFFERENCE_TAB, Maps, Tabs, open_tab
from viz.screen.panels.parts import box, button
from viz.screen.panels.person import PersonFacts, PersonLine
from viz.screen.panels.plot_picker import PlotPicker
from viz.screen.panels.policy_panel import Policies
from viz.screen.panels.policy_period_counts import PeriodStrip
from viz.screen.panels.tables import Charts
from viz.screen.panels.timebar import TimeBar
from viz.screen.session.choice import Choice
from viz.screen.session.session import Session


@solara.component
def Compare(session: Session):
    """Show both worlds, which are built on the first visit and paused on other pages."""

    def start() -> Callable[[], None]:
        session.begin()
        return leave

    def leave() -> None:
        session.drawer.set(False)
        session.pause()

    solara.use_effect(start, [])
    with box(cls="tb-main tb-worlds"):
        Headline(session)
        TimeBar(session)  # It precedes the maps for the keyboard, but is shown at the bottom.
        _Scene(session)
        _Below(session)
        _Drawer(session)


@solara.component
def _Below(session: Session):
    """Show the counts since the policies began, charts, plots, agents and exports."""
    with box(cls="tb-below"):
        AssumedNumbers(session)
        with box(cls="tb-strip"):
            if session.view.value == "difference":
                DifferenceCurves(session)
            else:
                PeriodStrip(session)
                EqualMoney(session)
        Charts(session)
        PlotPicker(session)
        AgentPanel(session)
        Exports(session)


@solara.component
def _Scene(session: Session):
    """Show the maps of both worlds, a person in both worlds, or a map of differences."""
    view = session.view.value
    with box(cls="tb-scene tb-with-side tb-follow" if view == "person" else "tb-scene"):
        if view == "difference":
            Tabs(session, DIFFERENCE_TAB, lambda tab: open_tab(session, tab))
            DifferencePanel(session)
        else:
            Maps(session)
        if view == "person":
            with box(cls="tb-beside", tabindex="0"):  # The keyboard can scroll long facts.
                PersonFacts(session)
            PersonLine(session)


# ---- the drawer ---------------------------------------------------------------------------------
@solara.component
def _Drawer(session: Session):
    """Show the policies in a dialog at the left edge, in which the page script keeps the focus.

    The policies are drawn when the drawer is first opened, because many visitors never open it. A
    closed drawer keeps its state.
    """
    t, is_open = session.words, session.drawer.value
    opened, set_opened = solara.use_state(False)

    def on_open() -> None:  # An effect runs after the empty drawer is drawn.
        if is_open:
            set_opened(True)
            session.seed_runs.prepare()

    solara.use_effect(on_open, [is_open])

    def close(*_: object) -> None:
        session.drawer.set(False)

    with box(cls="tb-drawer-layer tb-open" if is_open else "tb-drawer-layer"):
        solara.v.use_event(box(cls="tb-backdrop"), "click", close)
        named = {"aria-modal": "true", "aria-labelledby": "tb-drawer-title", "tabindex": "-1"}
        with box(tag="section", cls="tb-drawer", role="dialog", **named):
            with box(cls="tb-drawer-head"):
                box(t("layout.policies"), tag="h2", id="tb-drawer-title")
                box(t("layout.policies_help"), tag="p", cls="tb-note")
                button(t("layout.close"), close, cls="tb-close", text=True, icon_name="mdi-close")
            with box(cls="tb-drawer-body"):
                if opened:
                    Policies(session)


# ---- note on the assumed numbers on which a comparison of both countries depends
@solara.component
def AssumedNumbers(session: Session):
    """Show a note on assumed numbers that affect the result, and a button that changes them."""
    t, other = session.words, repeated(session.choice.value)
    if other is not None:
        with box(cls="tb-rests", role="note"):
            box(t("assumed.text"), tag="p")
            button(t("assumed.repeat"), lambda: session.set_choice(other), text=True)


def repeated(choice: Choice) -> Choice | None:
    """Return the comparison in which Mexico's operations have the U.S. line's limits and returns.

    The decision on detection requires this second result when both countries are compared.

    Args:
        choice: the comparison.

    Returns:
        The same policies with other numbers. None if the policies of both worlds do not differ in
        the tempo of Mexico's operations, or if the choice already sets these numbers.
    """
    a, b = (choice.scenario(world) for world in (0, 1))
    policies = (policies_of(scenario, scenario.policies) for scenario in (a, b))
    settings = contested_settings(a, SAME)
    if not settings or not depends_on_operations(*policies):
        return None
    numbers = tuple((path, f"{value:g}") for path, value in settings.items())
    return dataclasses.replace(choice, numbers=(*choice.numbers, *numbers))
