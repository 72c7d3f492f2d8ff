"""How bots trade: by routes, by making markets, or on impulse."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from random import Random
from typing import Final

from sectorwars.protocol.shapes.account import PlayerState
from sectorwars.protocol.shapes.market import PortGoodQuote, PortMarket
from sectorwars.sdk import Client

PAUSE_SECONDS: Final = (3.0, 8.0)
"""Between a bot's steps, far below every limit of a player."""
_CHOICES: Final = 3
_TOLERANCE_PERCENT: Final = 3
_MAKER_UNITS_MAX: Final = 20
_MAKER_REST_SECONDS: Final = (15.0, 30.0)
_IMPULSE_UNITS_MAX: Final = 8
_WANDER_CHANCE: Final = 0.2

Step = Callable[[Client, Random], Awaitable[None]]
"""One step of a bot."""


async def take_first_cargo(client: Client, random: Random) -> None:
    """Buy a little where the ship is, if it is empty: all of a new crowd trade at once."""
    market = await _market_here(client)
    state = await client.state()
    if not any(state.ship["cargo"].values()):
        await _buy_a_little(client, random, market, state)


async def follow_route(client: Client, random: Random) -> None:
    """Take one of the best recommendations and fly it: buy here, sell there."""
    advised = (await client.recommendations()).recommendations
    aboard = [one for one in advised if one.buy is None]
    choices = (aboard or advised)[:_CHOICES]
    if not choices:
        await act_on_impulse(client, random)
        return
    # Not all take the very best, or it would be gone for all.
    choice = random.choice(choices)
    if choice.buy is not None:
        await _go(client, choice.buy.sector_id, choice.buy.port_id)
        price_max = _above(choice.buy.total_credits / choice.quantity)
        bought = await client.buy(
            choice.commodity, choice.quantity, max_price=price_max, fill="partial"
        )
        quantity = bought.trade.quantity
    else:
        quantity = choice.quantity
    await _go(client, choice.sell.sector_id, choice.sell.port_id)
    await client.sell(choice.commodity, quantity, fill="partial")


async def make_market(client: Client, random: Random) -> None:
    """Rest a purchase and a sale inside the port's spread for a while, then take them back."""
    market = await _market_here(client)
    goods = [good for good in market.goods if good.buys and good.sells]
    goods = [good for good in goods if good.bid_price and good.ask_price]
    if not goods:
        await act_on_impulse(client, random)
        return
    good = random.choice(goods)
    bid, ask = good.bid_price or 0, good.ask_price or 0
    if ask - bid < 2:
        await act_on_impulse(client, random)
        return
    state = await client.state()
    units = random.randint(1, _MAKER_UNITS_MAX)
    held = min(units, state.ship["cargo"].get(good.commodity, 0))
    if held:
        await client.place_order("sell", good.commodity, held, ask - 1, cancel_on_disconnect=True)
    if state.credits > units * ask:
        await client.place_order("buy", good.commodity, units, bid + 1, cancel_on_disconnect=True)
    await asyncio.sleep(random.uniform(*_MAKER_REST_SECONDS))
    if (await client.open_orders()).items:
        await client.cancel_orders()


async def act_on_impulse(client: Client, random: Random) -> None:
    """Buy or sell a little of anything where the ship is, or wander off."""
    if random.random() < _WANDER_CHANCE and await _wander(client, random):
        return
    market = await _market_here(client)
    state = await client.state()
    cargo = state.ship["cargo"]
    sellable = [good for good in market.goods if good.buys and cargo.get(good.commodity, 0)]
    if sellable and random.random() < 0.5:
        good = random.choice(sellable)
        units = random.randint(1, min(_IMPULSE_UNITS_MAX, cargo[good.commodity]))
        await client.sell(good.commodity, units, fill="partial")
        return
    await _buy_a_little(client, random, market, state)


async def _buy_a_little(
    client: Client, random: Random, market: PortMarket, state: PlayerState
) -> None:
    buyable = [good for good in market.goods if _is_affordable(good, state)]
    room = state.ship["cargo_capacity"] - sum(state.ship["cargo"].values())
    if not buyable or room < 1:
        return
    good = random.choice(buyable)
    await client.buy(
        good.commodity,
        random.randint(1, min(_IMPULSE_UNITS_MAX, room)),
        max_price=_above(good.ask_price or 0),
        fill="partial",
    )


def _is_affordable(good: PortGoodQuote, state: PlayerState) -> bool:
    return good.sells and bool(good.ask_price) and state.credits > 2 * (good.ask_price or 0)


def _above(price: float) -> int:
    return round(price * (100 + _TOLERANCE_PERCENT) / 100) + 1


async def _market_here(client: Client) -> PortMarket:
    """Return the market where the ship is docked; dock at the nearest port where it is not."""
    state = await _arrived(client)
    if state.docked_port_id is not None:
        return await client.market(state.docked_port_id)
    sectors = (await client.galaxy_map()).sectors
    here = next(sector for sector in sectors if sector.sector_id == state.sector_id)
    if here.port_ids:
        await client.dock(here.port_ids[0])
        return await client.market(here.port_ids[0])
    ports = {sector.sector_id: sector.port_ids for sector in sectors if sector.port_ids}
    ways = [sector_id for sector_id in here.warps if sector_id in ports] or list(ports)
    await _go(client, ways[0], ports[ways[0]][0])
    return await client.market(ports[ways[0]][0])


async def _wander(client: Client, random: Random) -> bool:
    await _arrived(client)
    moves = [move for move in (await client.available_moves()).moves if move.has_port]
    if not moves:
        return False
    move = random.choice(moves)
    await _go(client, move.sector_id, random.choice(move.port_ids))
    return True


async def _go(client: Client, sector_id: str, port_id: str) -> None:
    """Fly to a port and dock there, wherever the ship is."""
    state = await _arrived(client)
    if state.docked_port_id == port_id:
        return
    path = [] if state.sector_id == sector_id else (await client.way(sector_id)).path
    if state.docked_port_id is not None:
        await client.undock()
    for sector in path:
        await client.move(sector)
        await _arrived(client)
    await client.dock(port_id)


async def _arrived(client: Client) -> PlayerState:
    while True:
        state = await client.state()
        if state.in_transit is None:
            return state
        arrives_at = datetime.fromisoformat(state.in_transit.arrives_at)
        wait_seconds = (arrives_at - datetime.now(UTC)).total_seconds()
        await asyncio.sleep(min(30.0, max(0.1, wait_seconds)))
