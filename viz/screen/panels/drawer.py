"""The drawer: a dialog at the left edge of the page; the script of the page keeps focus inside."""

from __future__ import annotations

from collections.abc import Callable

import solara

from viz.screen.panels.parts import box, button
from viz.screen.session.session import Session


@solara.component
def Drawer(session: Session, content: Callable[[], object]):
    """Show a drawer, which is open if `session.drawer` is set.

    Args:
        session: the session of the worlds on the page.
        content: creates the elements inside. It is called from the first opening on, so that a
            page that is only watched does not pay for them, and a closed drawer keeps its state.
    """
    t, is_open = session.words, session.drawer.value
    opened, set_opened = solara.use_state(False)
    solara.use_effect(lambda: set_opened(opened or is_open), [is_open])  # the empty drawer is first

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
                    content()
