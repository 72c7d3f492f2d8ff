"""Shapes of the market: the index of a good, the goods of a port, candles."""

from dataclasses import dataclass
from typing import Literal

from sectorwars.protocol.shapes.forecast import Prediction
from sectorwars.protocol.shapes.order import GoodBook

Trend = Literal["up", "down", "flat"]
Interval = Literal["1m", "5m", "1h", "1d"]


@dataclass(frozen=True, slots=True)
class MarketRealtime:
    """A good's index over all ports that deal in it, weighted by stock.

    `price` is the mid price, `bid` and `ask` what the ports pay and ask on average. `change_24h`
    is in per cent; the 24 hours are game time. `trend` compares with one game hour ago. `version`
    is the tick of the figures.
    """

    commodity: str
    price: float
    bid: float
    ask: float
    volume_24h: int
    change_24h: float
    high_24h: float
    low_24h: float
    trend: Trend
    prediction: Prediction | None
    version: int
    as_of: str
    game_time: str


@dataclass(frozen=True, slots=True)
class PortGoodQuote:
    """A good at a port. `buys` and `sells` are the port's side; null prices: full or sold out."""

    commodity: str
    stock: int
    target: int
    bid_price: int | None
    ask_price: int | None
    buys: bool
    sells: bool


@dataclass(frozen=True, slots=True)
class PortMarket:
    """A port's goods at one market version, and the acting orders of those that have any."""

    port_id: str
    name: str
    sector_id: str
    version: int
    as_of: str
    goods: list[PortGoodQuote]
    books: list[GoodBook]


@dataclass(frozen=True, slots=True)
class CandleBar:
    """Open, high, low and close of an interval of game time, in credits; volume in units."""

    time: str
    open: float
    high: float
    low: float
    close: float
    volume: int


@dataclass(frozen=True, slots=True)
class Candles:
    """A good's candles, oldest first; of one port where `port_id` is not null.

    `prehistory_until` is the galaxy's date up to which bars were simulated before the birth of
    this universe, not traded by anybody.
    """

    commodity: str
    interval: Interval
    port_id: str | None
    candles: list[CandleBar]
    prehistory_until: str
