"""About: what this is, its limits and its sources."""

from __future__ import annotations

import solara

from viz.about import about_html
from viz.panels.parts import raw
from viz.session import Session


@solara.component
def About(session: Session):
    """The page in the visitor's language."""
    raw(about_html(session.language.value), cls="tb-about")
