"""The terms of the game, explained. Figures in the texts come from the rules themselves."""

from typing import Final

from sectorwars.domain.market import BPS, HALF_SPREAD_BPS, STOCK_RATIO_MAX, TRADE_TAX_BPS
from sectorwars.domain.navigation import (
    TURN_REGAIN_SECONDS,
    TURNS_MAX,
    WARP_SECONDS_MAX,
    WARP_SECONDS_MIN,
)
from sectorwars.domain.quote import QUOTE_LIFE_SECONDS
from sectorwars.domain.rule import (
    AUTOMATED_SHARE_MAX_PERCENT,
    AUTOMATED_TRADE_INTERVAL_SECONDS,
    AUTOMATED_TRADES_PER_HOUR_MAX,
    RULES_MAX,
)
from sectorwars.domain.ship import CARGO_CAPACITY, ShipClass
from sectorwars.engine.handlers.flight import DEPARTURE_FEE_CREDITS, DOCKING_FEE_CREDITS

_PERCENT: Final = BPS // 100

TERMS: Final[dict[str, str]] = {
    "ask": "The ask is what a port wants for its next unit: the price you pay when you buy. Each "
    "further unit of an order costs a little more.",
    "bid": "The bid is what a port pays for the next unit: the price you get when you sell. Each "
    "further unit of an order fetches a little less.",
    "spread": "The spread is the gap between ask and bid. A port asks "
    f"{HALF_SPREAD_BPS / _PERCENT:g} % more and bids {HALF_SPREAD_BPS / _PERCENT:g} % less than "
    "its mid price, so buying and selling back at one port always loses.",
    "index": "The index of a good is its mid price over all ports that deal in it, weighted by "
    "their stock.",
    "target": "The target is the stock at which a good costs its base price at a port. Below it "
    f"the price rises, above it falls; a port stores at most {STOCK_RATIO_MAX} times its target.",
    "stock": "The stock is what a port has of a good. It alone moves the port's price, against "
    "the target.",
    "tax": f"The trade tax is {TRADE_TAX_BPS / _PERCENT:g} % of what a trade comes to, paid by "
    "the player on both sides.",
    "docking fee": f"Docking costs {DOCKING_FEE_CREDITS} credits.",
    "departure fee": f"Leaving a port costs {DEPARTURE_FEE_CREDITS} credits.",
    "quote": f"A binding quote is a port's promise of exact prices to you for {QUOTE_LIFE_SECONDS} "
    "seconds. It keeps the units, or the cash, aside for you until you use it or it expires.",
    "limit order": "A limit order rests at a port until its price is met. It acts while your ship "
    "is docked there; what a purchase needs is put aside from your credits.",
    "turn": f"A warp costs a turn. You have at most {TURNS_MAX}, and one comes back every "
    f"{TURN_REGAIN_SECONDS} seconds.",
    "warp": f"A warp takes your ship to a neighbouring sector in {WARP_SECONDS_MIN} to "
    f"{WARP_SECONDS_MAX} seconds, by distance. Undock first.",
    "sector": "A sector is a place on the map. Warps join it to its neighbours, and some have "
    "ports.",
    "port": "A port buys and sells goods. You trade where your ship is docked.",
    "hold": "The hold is the room in your ship; that of a light freighter takes "
    f"{CARGO_CAPACITY[ShipClass.LIGHT_FREIGHTER]} units.",
    "margin": "The margin of a rule is what the bid is above the average cost of your cargo, in "
    "per cent of that cost.",
    "confidence": "The confidence of a forecast is the calibrated probability that the price will "
    "move in the direction forecast.",
    "forecast": "A forecast says where the index of a good will stand after a horizon of game "
    "time. Each is written down before the outcome and scored when it is due.",
    "horizon": "The horizon of a forecast is the game time until it is due.",
    "rule": f"A rule trades for you while its conditions hold. You may keep {RULES_MAX}; "
    f"automated trades are at least {AUTOMATED_TRADE_INTERVAL_SECONDS} seconds apart, at most "
    f"{AUTOMATED_TRADES_PER_HOUR_MAX} in an hour, and each takes at most "
    f"{AUTOMATED_SHARE_MAX_PERCENT} % of your credits.",
    "proposal": "A proposal is an order that I have prepared: a good, a quantity and a price "
    "bound. Nothing happens until you confirm it, and it works once only.",
    "price bound": "A price bound is the most you pay, or the least you take, for each single "
    "unit. An order that would break it is refused as a whole.",
    "volume": "The volume counts the units traded in the whole galaxy over a game day.",
    "tick": "A tick is a game minute. With each, ports produce and consume, and prices move.",
    "profit": "The profit of a sale is what you got after tax less what the units had cost you, "
    "fees included, first in, first out.",
}

SYNONYMS: Final[dict[str, str]] = {
    "asks": "ask",
    "asking price": "ask",
    "bids": "bid",
    "bidding price": "bid",
    "taxes": "tax",
    "fee": "docking fee",
    "fees": "docking fee",
    "turns": "turn",
    "warps": "warp",
    "sectors": "sector",
    "ports": "port",
    "margins": "margin",
    "rules": "rule",
    "forecasts": "forecast",
    "horizons": "horizon",
    "proposals": "proposal",
    "bound": "price bound",
    "ticks": "tick",
    "cargo hold": "hold",
}


def find_term(words: tuple[str, ...]) -> str | None:
    """Return the longest term that the words contain, or None."""
    known = {name: name for name in TERMS} | SYNONYMS
    text = f" {' '.join(words)} "
    found = [name for name in known if f" {name} " in text]
    return known[max(found, key=len)] if found else None
