"""Smuggling organisations: price, cells, reputation, products, entry, exit, decapitation."""

from agents.smugglers.market import Market
from agents.smugglers.organisation import Cell, Organisation
from agents.smugglers.params import PRODUCTS, ROUTES, SmugglerParams, TradeParams
from agents.smugglers.products import Trade

__all__ = [
    "PRODUCTS",
    "ROUTES",
    "Cell",
    "Market",
    "Organisation",
    "SmugglerParams",
    "Trade",
    "TradeParams",
]
