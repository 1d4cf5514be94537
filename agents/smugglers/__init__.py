"""Smuggling organisations: prices, cells, reputation, entry, exit and decapitation."""

from agents.smugglers.market import Market
from agents.smugglers.organisation import Organisation, SmugglerCell
from agents.smugglers.smuggler_params import SmugglerParams

__all__ = [
    "Market",
    "Organisation",
    "SmugglerCell",
    "SmugglerParams",
]
