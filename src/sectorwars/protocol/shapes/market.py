"""Shapes of the market: the index of a good, the goods of a port, candles."""

from dataclasses import dataclass
from typing import Literal

from sectorwars.protocol.shapes.forecast import Prediction
from sectorwars.protocol.shapes.order import GoodBook
from sectorwars.protocol.shapes.risk import TradingStatus
from sectorwars.protocol.shapes.trade import Side

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
    """A port's goods at one market version, and the acting orders of those that have any.

    `trading_state` is what everybody may trade there; a player may be restricted himself.
    """

    port_id: str
    name: str
    sector_id: str
    version: int
    as_of: str
    goods: list[PortGoodQuote]
    books: list[GoodBook]
    trading_state: TradingStatus


@dataclass(frozen=True, slots=True)
class TapedTrade:
    """A trade as everybody may know it: where and what, not whose.

    `by` tells players from the galaxy's own haulers. `price` is what a unit cost on the average.
    """

    by: Literal["player", "hauler"]
    port_id: str
    side: Side
    commodity: str
    quantity: int
    price: float
    total_credits: int
    stock_after: int
    market_version: int
    executed_at: str
    game_time: str


@dataclass(frozen=True, slots=True)
class TradeTape:
    """A page of the galaxy's trades of the last 24 game hours, newest first."""

    items: list[TapedTrade]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TradeTicker:
    """The galaxy's trades since the frame before, the newest last.

    `left_out` counts older ones of the same while that are not shown; the tape has all.
    """

    trades: list[TapedTrade]
    left_out: int


@dataclass(frozen=True, slots=True)
class NewsItem:
    """Something that the galaxy talks about; what does not belong to its kind is null.

    A rise or fall is a good's index against 24 game hours ago, in per cent; a shortage or glut
    is a port's stock against its target.
    """

    kind: Literal["rise", "fall", "shortage", "glut"]
    title: str
    commodity: str
    port_id: str | None
    price: float | None
    change_24h: float | None
    stock: int | None
    target: int | None


@dataclass(frozen=True, slots=True)
class MarketNews:
    """The news of the economy, the weightiest first within each kind; `version` is the tick."""

    items: list[NewsItem]
    version: int
    as_of: str
    game_time: str


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
