"""The referee's own books of the risk gate: who may trade, and how much he has traded."""

from dataclasses import dataclass

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    OrderPlaced,
    QuoteIssued,
    TradeCapsSet,
    TradingStateSet,
)
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.risk import NO_CAPS, TradeCaps, TradingScope, TradingState
from sectorwars.domain.values import MICROS_PER_SECOND
from sectorwars.simulation.findings import Findings

_MINUTE_MICROS = 60 * MICROS_PER_SECOND
_MINUTES_PER_HOUR = 60
_MINUTES_PER_DAY = 1_440


@dataclass(frozen=True, slots=True)
class _Share:
    """One player's part in a trade."""

    minute: int
    commodity: Commodity
    units: int
    total: int


class RiskBooks:
    """Holds what is asked for and traded against states and caps as the log has set them."""

    def __init__(self, findings: Findings) -> None:
        """Start with everything active and uncapped, reporting to `findings`."""
        self._check = findings.check
        self._states: dict[tuple[TradingScope, str | None], TradingState] = {}
        self._caps: dict[PlayerId | None, TradeCaps] = {}
        self._shares: dict[PlayerId, list[_Share]] = {}

    def see(self, event: Event) -> None:
        """Judge an event that has become durable, and enter it."""
        match event:
            case TradingStateSet():
                before = self._states.get((event.scope, event.subject), TradingState.ACTIVE)
                self._check(event.before is before, f"{event.scope} was not {event.before}")
                self._states[event.scope, event.subject] = event.after
            case TradeCapsSet():
                before_caps = self._caps.get(event.subject, NO_CAPS)
                self._check(event.before == before_caps, "caps were others than it is said")
                self._caps[event.subject] = event.after
            case OrderPlaced():
                self._see_gate(event.order_id, event.player_id, event.side, event.port_id)
            case QuoteIssued():
                quote = event.quote
                self._see_gate(quote.quote_id, event.player_id, quote.side, quote.port_id)
            case GoodsTraded():
                self._see_trade(event)
            case _:
                pass

    def allows(self, player_id: PlayerId, side: Side, port_id: PortId) -> bool:
        """Return whether a player may trade on a side at a port."""
        keys = (
            (TradingScope.GAME, None),
            (TradingScope.PORT, port_id),
            (TradingScope.PLAYER, player_id),
        )
        states = {self._states.get(key, TradingState.ACTIVE) for key in keys}
        if TradingState.HALTED in states:
            return False
        return side is Side.SELL or TradingState.REDUCING not in states

    def is_capped(self, player_id: PlayerId) -> bool:
        """Return whether any cap binds a player."""
        return any(self._caps.get(key, NO_CAPS) != NO_CAPS for key in (None, player_id))

    def _see_gate(self, name: str, player_id: PlayerId, side: Side, port_id: PortId) -> None:
        self._check(self.allows(player_id, side, port_id), f"{name} passes a gate that is closed")

    def _see_trade(self, event: GoodsTraded) -> None:
        minute = event.at // _MINUTE_MICROS
        self._see_gate(event.trade_id, event.player_id, event.side, event.port_id)
        share = _Share(minute, event.commodity, event.quantity, event.total_credits)
        self._see_share(event.player_id, share)
        opposite = Side.SELL if event.side is Side.BUY else Side.BUY
        for crossing in event.crossings:
            self._see_gate(crossing.trade_id, crossing.player_id, opposite, event.port_id)
            total = crossing.quantity * crossing.price_credits
            share = _Share(minute, event.commodity, crossing.quantity, total)
            self._see_share(crossing.player_id, share)

    def _see_share(self, player_id: PlayerId, share: _Share) -> None:
        shares = self._shares.setdefault(player_id, [])
        shares.append(share)
        for key in (None, player_id):
            caps = self._caps.get(key, NO_CAPS)
            if caps != NO_CAPS:
                self._see_caps(player_id, share, caps)

    def _see_caps(self, player_id: PlayerId, share: _Share, caps: TradeCaps) -> None:
        hour = self._within(player_id, share.minute, _MINUTES_PER_HOUR)
        day = self._within(player_id, share.minute, _MINUTES_PER_DAY)
        used = TradeCaps(
            units_per_trade=share.units,
            credits_per_trade=share.total,
            trades_per_hour=len(hour),
            credits_per_hour=sum(past.total for past in hour),
            credits_per_day=sum(past.total for past in day),
            units_of_a_good_per_day=sum(
                past.units for past in day if past.commodity is share.commodity
            ),
        )
        for amount, most in zip(used.values(), caps.values(), strict=True):
            self._check(
                most is None or (amount is not None and amount <= most),
                f"{player_id} trades {amount} where a cap allows {most}",
            )

    def _within(self, player_id: PlayerId, minute: int, minutes: int) -> list[_Share]:
        return [past for past in self._shares[player_id] if past.minute >= minute - minutes]
