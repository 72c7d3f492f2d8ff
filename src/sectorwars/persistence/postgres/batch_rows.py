"""A batch as the arrays of rows that the SQL function `append_batch` takes."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from sectorwars.application.audit.hash_chain import chain_hash
from sectorwars.application.rows import (
    AutomationRow,
    Batch,
    IndexCandle,
    LoggedEvent,
    PlayerRow,
    PortCandle,
    Receipt,
    RuleRow,
    TickPrices,
)
from sectorwars.application.state.trade_shares import shares
from sectorwars.domain.event import (
    GoodsTraded,
    JourneyCompleted,
    JourneyStarted,
    OrderPlaced,
    PlayerRegistered,
    ShipDocked,
    ShipUndocked,
    TickAdvanced,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.rule import TracedVerdict
from sectorwars.persistence.event_codec import encode_event, event_kind
from sectorwars.persistence.packed import pack_candle, pack_prices, pack_tick
from sectorwars.persistence.postgres.hauler_rows import deal_rows, hauler_row
from sectorwars.persistence.postgres.order_rows import order_row, progress_row
from sectorwars.persistence.postgres.quote_rows import quote_desk_row
from sectorwars.persistence.postgres.risk_rows import encode_risk_gate
from sectorwars.persistence.verdict_codec import pack_verdict

Row = tuple[Any, ...]

_JSON: Final = msgspec.json.Encoder()
_SHIP_MOVES: Final = (
    PlayerRegistered | ShipDocked | ShipUndocked | JourneyStarted | JourneyCompleted
)
"""The events after which a ship is elsewhere, or is there at all."""


@dataclass(frozen=True, slots=True)
class LogHead:
    """Where the log ends: the last offset and the last hash of each chain."""

    offset: int
    event_hash: bytes
    tick_hash: bytes


@dataclass(frozen=True, slots=True)
class LogRows:
    """The log's part of a batch, and where the log ends with it."""

    events: list[Row]
    ticks: list[Row]
    trades: list[Row]
    orders: list[Row]
    head: LogHead


class OffsetGapError(Exception):
    """A batch does not go on where the log ends: a bug of the writer."""


def log_rows(head: LogHead, logged_events: tuple[LoggedEvent, ...]) -> LogRows:
    """Encode and chain events that follow `head`.

    Raises:
        OffsetGapError: their offsets do not rise by one from the head's.
    """
    offset, event_hash, tick_hash = head.offset, head.event_hash, head.tick_hash
    events: list[Row] = []
    ticks: list[Row] = []
    trades: list[Row] = []
    orders: list[Row] = []
    for logged in logged_events:
        offset += 1
        if logged.offset != offset:
            raise OffsetGapError(f"offset {logged.offset} where {offset} is due")
        event = logged.event
        if isinstance(event, TickAdvanced):
            packed = pack_tick(event)
            tick_hash = chain_hash(tick_hash, offset, packed)
            ticks.append((offset, event.tick, packed, tick_hash))
            continue
        payload = encode_event(event)
        event_hash = chain_hash(event_hash, offset, payload)
        events.append((offset, event_kind(event), payload.decode(), event_hash))
        if isinstance(event, GoodsTraded):
            trades += [
                _trade_row(offset, crossing, share) for crossing, share in enumerate(shares(event))
            ]
        elif isinstance(event, OrderPlaced):
            orders.append(order_row(event))
    return LogRows(events, ticks, trades, orders, LogHead(offset, event_hash, tick_hash))


def state_rows(batch: Batch) -> tuple[list[Row], ...]:
    """Encode the rest of a batch, in the order of the SQL function's arguments."""
    return (
        [_receipt_row(receipt) for receipt in batch.receipts],
        [_player_row(player) for player in batch.players],
        _ship_rows(batch),
        [row for player in batch.players for row in _cargo_rows(player)],
        [(row.account, row.balance) for row in batch.accounts],
        [_prices_row(prices) for prices in batch.tick_prices],
        [_index_candle_row(candle) for candle in batch.index_candles],
        [_port_candle_row(candle) for candle in batch.port_candles],
        [_automation_row(automation) for automation in batch.automations],
        [_rule_row(row.player_id, rule) for row in batch.automations for rule in row.rules],
        [_trace_row(verdict) for verdict in batch.verdicts],
        [hauler_row(hauler) for hauler in batch.haulers],
        [row for logged in batch.events for row in deal_rows(logged)],
    )


def order_state_rows(batch: Batch) -> tuple[list[Row], list[Row], str | None]:
    """Encode how far orders and quotes have got, and the risk gate, in that order."""
    return (
        [progress_row(progress) for progress in batch.order_progress],
        [quote_desk_row(desk) for desk in batch.quote_desks],
        None if batch.risk is None else encode_risk_gate(batch.risk),
    )


def _trade_row(offset: int, crossing: int, trade: GoodsTraded) -> Row:
    return (
        offset,
        crossing,
        trade.trade_id,
        trade.player_id,
        trade.port_id,
        trade.side.value,
        trade.commodity.value,
        trade.quantity,
        trade.total_credits,
        trade.fees_credits,
        trade.profit_credits,
        trade.volume_24h,
        trade.stock_after,
        trade.market_version,
        trade.tick,
        trade.at,
        trade.rule_id,
        trade.order_id,
        trade.quote_id,
    )


def _receipt_row(receipt: Receipt) -> Row:
    return (
        receipt.key.player_id,
        receipt.key.command_id,
        receipt.payload_hash,
        receipt.status,
        receipt.code,
        receipt.body,
        receipt.decided_at,
    )


def _player_row(player: PlayerRow) -> Row:
    return (
        player.player_id,
        player.registered_at,
        player.turns.count,
        player.turns.as_of,
        player.trade_serial,
        player.order_serial,
        player.realised_profit_credits,
        [commodity.value for commodity, _ in player.cargo],
    )


def _ship_rows(batch: Batch) -> list[Row]:
    # Most batches are trades, which move no ship; even an upsert that changes nothing writes.
    moved = {e.event.player_id for e in batch.events if isinstance(e.event, _SHIP_MOVES)}
    return [_ship_row(player) for player in batch.players if player.player_id in moved]


def _ship_row(player: PlayerRow) -> Row:
    journey = player.journey
    return (
        player.ship_id,
        player.player_id,
        player.ship_class.value,
        player.sector_id,
        player.docked_port_id,
        journey and journey.to_sector_id,
        journey and journey.departed_at,
        journey and journey.arrives_at,
    )


def _cargo_rows(player: PlayerRow) -> list[Row]:
    return [
        (
            player.player_id,
            commodity.value,
            sum(lot.quantity for lot in lots),
            _JSON.encode([(lot.quantity, lot.cost_credits) for lot in lots]).decode(),
        )
        for commodity, lots in player.cargo
    ]


def _prices_row(prices: TickPrices) -> Row:
    of = prices.market
    market = pack_prices((*of.index, *of.bid, *of.ask, *of.volume))
    mids = pack_prices(cents for port in prices.port_mids for cents in port)
    return (prices.tick, market, mids)


def _index_candle_row(candle: IndexCandle) -> Row:
    columns = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    return (candle.interval, candle.start, pack_candle(columns))


def _port_candle_row(candle: PortCandle) -> Row:
    columns = (candle.open, candle.high, candle.low, candle.close)
    return (candle.port_index, candle.start, pack_candle(columns))


def _automation_row(automation: AutomationRow) -> Row:
    # The recent trades are rows of market_transactions already.
    rule_ids = [rule.rule_id for rule in automation.rules]
    return (
        automation.player_id,
        automation.active,
        automation.pause_on_disconnect,
        automation.paused_at,
        automation.rule_serial,
        rule_ids,
    )


def _rule_row(player_id: PlayerId, rule: RuleRow) -> Row:
    spec = rule.spec
    return (
        rule.rule_id,
        player_id,
        spec.name,
        spec.commodity.value,
        spec.port_id,
        _JSON.encode(spec.buy_conditions).decode(),
        _JSON.encode(spec.sell_conditions).decode(),
        spec.risk_level.value,
        spec.max_investment_credits,
        rule.created_at,
        rule.active,
        Side.BUY in rule.spent,
        Side.SELL in rule.spent,
    )


def _trace_row(verdict: TracedVerdict) -> Row:
    return (verdict.rule_id, verdict.verdict.value, pack_verdict(verdict))
