"""The panel of policies."""

from viz.screen.panels.policies.panel import Policies

__all__ = ["Policies"]
