"""Volume that changes place, with a ledger of every move."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data.generator.products import PRODUCTS

__all__ = ["Ledger", "Places", "spread_over"]


def spread_over(size: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Split amounts, shape (weeks,), over rows in proportion to size, shape (rows, weeks).

    Nothing is given where all sizes are 0.
    """
    total = size.sum(axis=0)
    return np.asarray(size * np.divide(amount, total, out=np.zeros_like(amount), where=total > 0))


@dataclass(frozen=True)
class Places:
    """Product, channel and type of sale of every series, for finding who competes with whom.

    Attributes
    ----------
    product, channel, sale_type : tuple of str
        By series.
    """

    product: tuple[str, ...]
    channel: tuple[str, ...]
    sale_type: tuple[str, ...]

    @classmethod
    def of(cls, series: pd.DataFrame) -> Places:
        """Read them off the table of series."""
        return cls(tuple(series["product"]), tuple(series["channel"]), tuple(series["sale_type"]))

    def bearing(self, name: str) -> list[int]:
        """Numbers of the series of a product, or of a channel."""
        column = self.product if name in PRODUCTS else self.channel
        return [row for row, value in enumerate(column) if value == name]

    def rivals(self, row: int, name: str) -> list[int]:
        """Series of product `name` in the row's channel; or, for a channel, those of the row's product."""
        column = self.channel if name in PRODUCTS else self.product
        return [other for other in self.bearing(name) if column[other] == column[row]]

    def twins(self, row: int, channel: str) -> list[int]:
        """Series of the same product and type of sale in another channel."""
        same = (self.product[row], self.sale_type[row])
        return [
            other for other in self.bearing(channel) if (self.product[other], self.sale_type[other]) == same
        ]

    def label(self, row: int) -> str:
        """The series in words."""
        return f"{self.product[row]} / {self.channel[row]} / {self.sale_type[row]}"


@dataclass
class Ledger:
    """Adds up moves: what one series loses another gains.

    Attributes
    ----------
    places : Places
    change : ndarray, shape (series, weeks)
        Sum of all moves so far.
    rows : list of dict
        ``cause, id, from, to, units``.
    """

    places: Places
    change: np.ndarray
    rows: list[dict[str, object]] = field(default_factory=list)

    def take(self, cause: tuple[str, str], taker: int, donors: list[int], taken: np.ndarray) -> float:
        """Note what a series has gained already as lost by its donors; returns the units in all."""
        self.change[donors] -= taken
        self._note(cause, [(donor, taker) for donor in donors], taken)
        return float(taken.sum())

    def give(self, cause: tuple[str, str], giver: int, heirs: list[int], given: np.ndarray) -> None:
        """Note what a series has lost already as gained by its heirs."""
        self.change[heirs] += given
        self._note(cause, [(giver, heir) for heir in heirs], given)

    def shift(self, cause: tuple[str, str], giver: int, taker: int, moved: np.ndarray) -> None:
        """Move units from one series to another."""
        self.change[giver] -= moved
        self.change[taker] += moved
        self._note(cause, [(giver, taker)], moved[None, :])

    def _note(self, cause: tuple[str, str], pairs: list[tuple[int, int]], units: np.ndarray) -> None:
        for (giver, taker), amount in zip(pairs, units.sum(axis=1), strict=True):
            start, end = self.places.label(giver), self.places.label(taker)
            self.rows.append(
                {"cause": cause[0], "id": cause[1], "from": start, "to": end, "units": float(amount)}
            )
