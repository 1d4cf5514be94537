"""Entry point for ``solara run viz/app.py``; ``twoborders serve`` adds checks of requests."""

from viz.screen.app import Page

__all__ = ["Page"]
