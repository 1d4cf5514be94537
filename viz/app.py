"""Entry point for ``solara run viz/app.py``; ``twoborders serve`` runs the same page with checks."""

from viz.screen.app import Page

__all__ = ["Page"]
