"""Smuggling organisations: prices, cells, reputation, products, entry, exit, decapitation."""

from agents.smugglers.market import Market
from agents.smugglers.organisation import Organisation, SmugglerCell
from agents.smugglers.smuggler_params import PRODUCTS, ROUTES, SmugglerParams, TradeParams
from agents.smugglers.state import Trade

__all__ = [
    "PRODUCTS",
    "ROUTES",
    "Market",
    "Organisation",
    "SmugglerCell",
    "SmugglerParams",
    "Trade",
    "TradeParams",
]
