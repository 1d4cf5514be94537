"""Entry point for ``solara run viz/app.py``. ``twoborders serve`` also checks every request."""

from viz.screen.app import Page

__all__ = ["Page"]
