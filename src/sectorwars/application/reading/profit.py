"""Profit and loss of a player: what his trades came to, and what he holds is worth."""

from collections.abc import Sequence

from sectorwars.application.ports import (
    Clock,
    MarketArchive,
)
from sectorwars.application.reading.projection import Projection
from sectorwars.application.rows import GoodResult
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.ledger import held_account
from sectorwars.domain.market import Side
from sectorwars.domain.player import STARTING_CREDITS, Player
from sectorwars.domain.rule import DAY_MICROS
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.engine.matching import is_active
from sectorwars.engine.world import World
from sectorwars.protocol.shapes.profit import (
    GoodProfit,
    Holding,
    ProfitStatement,
    TradeResult,
)


class ProfitAccounts:
    """States profit and loss from the rows of trades and the committed world."""

    def __init__(self, projection: Projection, archive: MarketArchive, clock: Clock) -> None:
        """Read from `projection` and `archive`."""
        self._projection = projection
        self._archive = archive
        self._clock = clock

    async def statement(self, player_id: PlayerId) -> ProfitStatement:
        """Return the profit and loss of a player who has arrived.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        now = self._clock.now()
        ever = await self._archive.trade_results(player_id, None)
        lately = await self._archive.trade_results(player_id, UnixMicros(now - DAY_MICROS))
        world = self._projection.world
        player = world.players[player_id]
        holdings = [_holding(world, player, good) for good in player.ship.cargo]
        credits_now = world.credits(player_id)
        held = world.ledger.balance(held_account(player_id))
        cost = sum(holding.cost_credits for holding in holdings)
        return ProfitStatement(
            as_of=rfc3339(now),
            all_time=_total(ever),
            last_24h=_total(lately),
            goods=[
                GoodProfit(
                    good.value,
                    _total([result for result in ever if result.commodity is good]),
                    _total([result for result in lately if result.commodity is good]),
                )
                for good in Commodity
                if any(result.commodity is good for result in ever)
            ],
            # Nothing but trades and the ports' fees ever moves a player's credits.
            port_fees_credits=STARTING_CREDITS
            + player.realised_profit_credits
            - credits_now
            - held
            - cost,
            credits=credits_now,
            held_credits=held,
            holdings=holdings,
            unrealised_credits=sum(holding.unrealised_credits or 0 for holding in holdings),
            equity_credits=credits_now
            + held
            + sum(
                holding.cost_credits if holding.worth_credits is None else holding.worth_credits
                for holding in holdings
            ),
        )


def _total(results: Sequence[GoodResult]) -> TradeResult:
    return TradeResult(
        trades=sum(result.trades for result in results),
        sales=sum(result.sales for result in results),
        units_bought=sum(result.units_bought for result in results),
        units_sold=sum(result.units_sold for result in results),
        profit_credits=sum(result.profit_credits for result in results),
        fees_credits=sum(result.fees_credits for result in results),
    )


def _holding(world: World, player: Player, good: Commodity) -> Holding:
    units = player.ship.units(good)
    cost = player.ship.cost_of(good, units)
    bid = _best_bid(world, player, good)
    worth = None if bid is None else bid * units
    return Holding(
        commodity=good.value,
        quantity=units,
        cost_credits=cost,
        bid_price=bid,
        worth_credits=worth,
        unrealised_credits=None if worth is None else worth - cost,
    )


def _best_bid(world: World, player: Player, good: Commodity) -> int | None:
    """Return the best price that is bid for a good where the player's ship is docked."""
    port_id = player.ship.docked_port_id
    if port_id is None:
        return None
    port = world.ports[port_id]
    position = port.position(good)
    if position is None:
        return None
    bids: list[int | None] = [port.bid(position)]
    book = world.books.get(port_id, {}).get(good)
    if book is not None:
        bids += [
            order.limit_credits
            for order in book.side(Side.BUY)
            if order.player_id != player.player_id and is_active(world, order)
        ]
    return max((bid for bid in bids if bid is not None), default=None)
