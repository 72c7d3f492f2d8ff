"""From committed events to published messages; nothing but committed events decides them."""

from collections.abc import Callable
from typing import assert_never

from sectorwars.application.ports import Broadcaster
from sectorwars.application.publishing.signals import Signals
from sectorwars.application.publishing.trade_ticker import TickerTape
from sectorwars.application.reading import views
from sectorwars.application.reading.order_views import (
    closed_order_view,
    open_order_view,
    quote_view,
)
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.application.reading.rule_views import automation_after, reasoning_of
from sectorwars.application.reading.tape import tape_entries
from sectorwars.application.reading.trade_views import trade_report
from sectorwars.application.state.trade_shares import maker_share
from sectorwars.domain.commodity import COMMODITIES, COMMODITY_INDEX
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    HaulerCalled,
    JourneyCompleted,
    MarketChange,
    OrderClosed,
    OrderPlaced,
    PlayerEvent,
    QuoteClosed,
    QuoteIssued,
    RuleRearmed,
    ShipDocked,
    ShipUndocked,
    TickAdvanced,
    TradingStateSet,
)
from sectorwars.domain.ids import OrderId, PlayerId, PortId
from sectorwars.domain.order import LimitOrder
from sectorwars.domain.risk import TradingScope
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, rfc3339
from sectorwars.protocol.publication import (
    TRADES_CHANNEL,
    FrameType,
    Publication,
    account_channel,
    market_channel,
    port_channel,
)
from sectorwars.protocol.shapes.account import AccountUpdate
from sectorwars.protocol.shapes.order import OrderView, QuoteClose

CallLater = Callable[[float, Callable[[], None]], object]
"""Calls something after so many seconds."""


class Publisher:
    """Publishes what a committed batch changes in the projection.

    A port's quotes, and the trades of all, go out once a batch and not again before a while has
    passed: what changes meanwhile goes out together at its end.
    """

    def __init__(
        self,
        projection: Projection,
        broadcaster: Broadcaster,
        market_refresh_ms: int,
        port_refresh_ms: int,
        call_later: CallLater,
    ) -> None:
        """Publish what `projection` shows through `broadcaster`.

        Indices go out with the first tick after `market_refresh_ms`, so that a galaxy with a
        fast clock does not flood its players; quotes and trades `port_refresh_ms` after the last
        at the earliest, and by `call_later` where no batch brings them.
        """
        self._projection = projection
        self._broadcaster = broadcaster
        self._signals = Signals(projection, broadcaster)
        # A tick may come a little early against the last; it is not to be put off for that.
        self._market_refresh_micros = market_refresh_ms * 900
        self._indices_at = UnixMicros(0)
        self._publications: list[Publication] = []
        self._ports: dict[PortId, UnixMicros] = {}
        self._port_refresh_micros = port_refresh_ms * 1_000
        self._call_later = call_later
        self._ports_at: dict[PortId, UnixMicros] = {}
        self._ticker = TickerTape(self._port_refresh_micros)
        self._release_at: UnixMicros | None = None
        self._closing: dict[OrderId, LimitOrder | OrderPlaced] = {}

    def take_over(self, committed: Committed) -> None:
        """Let the projection take a committed batch over, and publish what it changed.

        What a player is told of himself is the state that his event left; indices are those of
        their tick.
        """
        self._note_closing(committed)
        self._projection.apply(committed, self._note)
        self._closing.clear()
        self._take_due(self._changed_at())
        waiting_since = self._changed_at()
        if waiting_since is not None and self._release_at is None:
            self._release_at = UnixMicros(waiting_since + self._port_refresh_micros)
            self._call_later(self._port_refresh_micros / MICROS_PER_SECOND, self._release)
        self._publish()

    def _release(self) -> None:
        now, self._release_at = self._release_at, None
        self._take_due(now)
        self._publish()

    def _changed_at(self) -> UnixMicros | None:
        """Return when the newest of what waits came about, None where nothing waits."""
        changes = [*self._ports.values()]
        if self._ticker.newest_at is not None:
            changes.append(self._ticker.newest_at)
        return max(changes, default=None)

    def _take_due(self, now: UnixMicros | None) -> None:
        if now is None:
            return
        self._take_ports(now)
        ticker = self._ticker.due(now)
        if ticker is not None:
            self._publications.append(ticker)

    def _take_ports(self, now: UnixMicros) -> None:
        """Move those of the changed ports to the publications whose last ones are old enough."""
        for port_id, at in list(self._ports.items()):
            wanted = self._broadcaster.wants(port_channel(port_id))
            if wanted and now - self._ports_at.get(port_id, 0) < self._port_refresh_micros:
                continue
            del self._ports[port_id]
            if wanted:
                self._ports_at[port_id] = now
                self._publications.append(self._port(port_id, at))

    def _publish(self) -> None:
        publications, self._publications = self._publications, []
        if publications:
            self._broadcaster.publish(publications)

    def _note(self, event: Event) -> None:
        if isinstance(event, GoodsTraded | HaulerCalled) and self._broadcaster.wants(
            TRADES_CHANNEL
        ):
            self._ticker.take(tape_entries(self._projection.offset, event))
        if isinstance(event, TickAdvanced):
            if event.at - self._indices_at >= self._market_refresh_micros:
                self._indices_at = event.at
                self._publications.extend(self._indices(event.at))
            for port, deltas in zip(
                self._projection.world.ports_by_index, event.deltas, strict=True
            ):
                if any(deltas):
                    self._ports[port.spec.port_id] = event.at
        elif isinstance(event, HaulerCalled):
            if event.deals:
                self._ports[event.port_id] = event.at
        elif isinstance(event, PlayerEvent):
            self._tell_player(event)
            if isinstance(event, MarketChange):
                self._ports[event.port_id] = event.at
            if isinstance(event, GoodsTraded):
                for crossing in event.crossings:
                    self._tell_player(maker_share(event, crossing))
            elif (
                isinstance(event, ShipDocked | ShipUndocked)
                and self._projection.world.players[event.player_id].orders
            ):
                # Those that rest there begin or cease to act.
                self._ports[event.port_id] = event.at
        elif isinstance(event, TradingStateSet):
            self._note_trading_state(event)

    def _note_trading_state(self, event: TradingStateSet) -> None:
        """Tell the ports and the players whom an operator's act concerns."""
        world = self._projection.world
        match event.scope:
            case TradingScope.GAME:
                self._ports.update((port_id, event.at) for port_id in world.ports)
                concerned = [*world.players]
            case TradingScope.PORT:
                port_id = PortId(event.subject or "")
                self._ports[port_id] = event.at
                concerned = [
                    player.player_id
                    for player in world.players.values()
                    if player.ship.docked_port_id == port_id
                ]
            case TradingScope.PLAYER:
                concerned = [PlayerId(event.subject or "")]
            case _:
                assert_never(event.scope)
        for player_id in concerned:
            self._publications.extend(self._state(player_id, event.at))

    def _indices(self, at: UnixMicros) -> list[Publication]:
        world, board = self._projection.world, self._projection.board
        return [
            Publication(
                channel=market_channel(good),
                type=FrameType.MARKET_UPDATE,
                data=board.realtime(good, world.tape.totals[COMMODITY_INDEX[good]]),
                at=at,
                conflatable=True,
            )
            for good in COMMODITIES
        ]

    def _port(self, port_id: PortId, at: UnixMicros) -> Publication:
        return Publication(
            channel=port_channel(port_id),
            type=FrameType.PORT_NETWORK,
            data=views.port_market(self._projection.world, port_id, at),
            at=at,
            conflatable=True,
        )

    def _tell_player(self, event: PlayerEvent) -> None:
        self._publications.extend(self._account(event))
        self._publications.extend(self._signals.of(event))

    def _account(self, event: PlayerEvent) -> list[Publication]:
        channel = account_channel(event.player_id)
        # That a rule may trade again changes nothing that the account shows.
        if isinstance(event, RuleRearmed) or not self._broadcaster.wants(channel):
            return []
        automation = self._projection.world.players[event.player_id].automation
        update = AccountUpdate(
            type="account_update",
            state=views.account_state(self._projection.world, event.player_id, event.at),
            trade=trade_report(event) if isinstance(event, GoodsTraded) else None,
            command_id=_command_id(event),
            automation=automation_after(event, automation),
            reasoning=reasoning_of(event, automation),
            order=self._order(event),
            quote=quote_view(event.quote) if isinstance(event, QuoteIssued) else None,
            quote_close=_quote_close(event),
        )
        return [_account_publication(update, event.at)]

    def _state(self, player_id: PlayerId, at: UnixMicros) -> list[Publication]:
        """Return the state of a player whom something concerned that was not his own doing."""
        if not self._broadcaster.wants(account_channel(player_id)):
            return []
        state = views.account_state(self._projection.world, player_id, at)
        return [_account_publication(AccountUpdate("account_update", state, None, None), at)]

    def _note_closing(self, committed: Committed) -> None:
        """Keep the orders that a batch closes, which the world forgets as it takes them over."""
        for logged in committed.events:
            event = logged.event
            if isinstance(event, OrderPlaced):
                self._closing[event.order_id] = event
            elif isinstance(event, OrderClosed):
                order = self._projection.world.players[event.player_id].orders.get(event.order_id)
                if order is not None:
                    self._closing[event.order_id] = order

    def _order(self, event: PlayerEvent) -> OrderView | None:
        if isinstance(event, OrderClosed):
            return closed_order_view(self._closing[event.order_id], event)
        if not isinstance(event, OrderPlaced | GoodsTraded) or event.order_id is None:
            return None
        world = self._projection.world
        return open_order_view(world, world.players[event.player_id].orders[event.order_id])


def _account_publication(update: AccountUpdate, at: UnixMicros) -> Publication:
    player_id = PlayerId(update.state.player_id)
    return Publication(
        channel=account_channel(player_id),
        type=FrameType.TRADING_SIGNAL,
        data=update,
        at=at,
        player_id=player_id,
    )


def _quote_close(event: PlayerEvent) -> QuoteClose | None:
    if isinstance(event, QuoteClosed):
        return QuoteClose(event.quote_id, event.end.value, rfc3339(event.allowed_at))
    if isinstance(event, GoodsTraded) and event.quote_id is not None:
        return QuoteClose(event.quote_id, "used")
    return None


def _command_id(event: Event) -> str | None:
    return None if isinstance(event, JourneyCompleted) else getattr(event, "command_id", None)
