"""Organisations that do not work below a price."""

from __future__ import annotations

from twoborders import Organisation


class CautiousOrganisation(Organisation):
    """An organisation that charges at least 5,000 dollars."""

    def set_price(self, week: int) -> None:
        """Set the price as others do, and raise it to the minimum."""
        super().set_price(week)
        prices = self.market.book["price"]
        prices[self.slot, self.group] = max(self.price, 5_000.0)
