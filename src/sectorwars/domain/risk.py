"""The state of the risk gate: who may trade where, and how much (ADR 0008)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar, assert_never

from sectorwars.domain.commodity import COMMODITY_INDEX, Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros

_K = TypeVar("_K")
_V = TypeVar("_V")

SLOT_MICROS: Final = 60 * MICROS_PER_SECOND
SLOTS_PER_HOUR: Final = 60
SLOTS_PER_DAY: Final = 1_440

CAP_MAX: Final = 10**15
"""The highest cap; more than anybody can trade, and exact in every client's numbers."""


class TradingState(StrEnum):
    """What the gate lets through; the strictest of game, port and player holds."""

    ACTIVE = "active"
    REDUCING = "reducing"
    """Sales and cancels only: nobody buys."""
    HALTED = "halted"
    """Cancels only."""


class TradingScope(StrEnum):
    """What a trading state is set for."""

    GAME = "game"
    PORT = "port"
    PLAYER = "player"


@dataclass(frozen=True, slots=True)
class TradeCaps:
    """Limits on what a player trades, whoever asks for him; None is no limit.

    Hours and days are of real time and roll by the minute: a trade counts until the whole minute
    in which it was made has left the window.
    """

    units_per_trade: int | None = None
    credits_per_trade: int | None = None
    trades_per_hour: int | None = None
    credits_per_hour: int | None = None
    credits_per_day: int | None = None
    units_of_a_good_per_day: int | None = None

    def strictest(self, other: "TradeCaps") -> "TradeCaps":
        """Return the lower of each cap."""
        return TradeCaps(
            *(
                min((cap for cap in caps if cap is not None), default=None)
                for caps in zip(self.values(), other.values(), strict=True)
            )
        )

    def values(self) -> tuple[int | None, ...]:
        """Return the caps in the order of the fields."""
        return (
            self.units_per_trade,
            self.credits_per_trade,
            self.trades_per_hour,
            self.credits_per_hour,
            self.credits_per_day,
            self.units_of_a_good_per_day,
        )


NO_CAPS: Final = TradeCaps()


@dataclass(frozen=True, slots=True)
class Restriction:
    """A state other than active, and why an operator set it, as those concerned are told."""

    state: TradingState
    reason: str


@dataclass(slots=True)
class TradeSlot:
    """What a player traded within one minute; `units` by index of the good."""

    minute: int
    trades: int = 0
    credits: int = 0
    units: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class TradeWindow:
    """What a player traded in the last 24 hours of real time, by the minute, oldest first."""

    slots: list[TradeSlot] = field(default_factory=list)

    def add(self, at: UnixMicros, commodity: Commodity, quantity: int, total_credits: int) -> None:
        """Count a trade; where the machine's clock was set back, in its place among the others."""
        minute = at // SLOT_MICROS
        slots = self.slots
        place = len(slots)
        while place and slots[place - 1].minute > minute:
            place -= 1
        if not place or slots[place - 1].minute != minute:
            slots.insert(place, TradeSlot(minute))
            place += 1
            while slots[0].minute < minute - SLOTS_PER_DAY:
                del slots[0]
                place -= 1
        slot = slots[place - 1]
        slot.trades += 1
        slot.credits += total_credits
        index = COMMODITY_INDEX[commodity]
        slot.units[index] = slot.units.get(index, 0) + quantity

    def trades_within(self, now: UnixMicros, slots: int) -> int:
        """Return how many trades were made in the last `slots` minutes."""
        return sum(slot.trades for slot in self._within(now, slots))

    def credits_within(self, now: UnixMicros, slots: int) -> int:
        """Return for how many credits was traded in the last `slots` minutes."""
        return sum(slot.credits for slot in self._within(now, slots))

    def units_within(self, now: UnixMicros, slots: int, commodity: Commodity) -> int:
        """Return how many units of a good were traded in the last `slots` minutes."""
        index = COMMODITY_INDEX[commodity]
        return sum(slot.units.get(index, 0) for slot in self._within(now, slots))

    def _within(self, now: UnixMicros, slots: int) -> list[TradeSlot]:
        oldest = now // SLOT_MICROS - slots
        return [slot for slot in self.slots if slot.minute >= oldest]


@dataclass(slots=True)
class RiskGate:
    """The states and caps that operators have set; what is not named is active and uncapped."""

    game: Restriction | None = None
    ports: dict[PortId, Restriction] = field(default_factory=dict)
    players: dict[PlayerId, Restriction] = field(default_factory=dict)
    game_caps: TradeCaps = NO_CAPS
    player_caps: dict[PlayerId, TradeCaps] = field(default_factory=dict)

    @property
    def unrestricted(self) -> bool:
        """Return whether nothing is restricted or halted anywhere."""
        return self.game is None and not self.ports and not self.players

    def caps(self, player: PlayerId) -> TradeCaps:
        """Return the caps that bind a player: the lower of the game's and his own."""
        own = self.player_caps.get(player)
        return self.game_caps if own is None else self.game_caps.strictest(own)

    def state(self, scope: TradingScope, subject: str | None) -> TradingState:
        """Return what is set for the game, a port or a player."""
        restriction: Restriction | None
        match scope:
            case TradingScope.GAME:
                restriction = self.game
            case TradingScope.PORT:
                restriction = self.ports.get(PortId(subject or ""))
            case TradingScope.PLAYER:
                restriction = self.players.get(PlayerId(subject or ""))
            case _:
                assert_never(scope)
        return TradingState.ACTIVE if restriction is None else restriction.state

    def strictest(
        self, player: PlayerId | None, port: PortId | None
    ) -> tuple[TradingScope, Restriction] | None:
        """Return what restricts a player at a port, and for what it is set; None where nothing is.

        A halt comes before a reduction, then the game before the player before the port. Without
        a player or a port (None), what is set for one does not count.
        """
        restrictions = (
            (TradingScope.GAME, self.game),
            (TradingScope.PLAYER, None if player is None else self.players.get(player)),
            (TradingScope.PORT, None if port is None else self.ports.get(port)),
        )
        set_ = [(scope, found) for scope, found in restrictions if found is not None]
        return min(set_, key=lambda each: each[1].state is not TradingState.HALTED, default=None)

    def set_state(
        self, scope: TradingScope, subject: str | None, state: TradingState, reason: str
    ) -> None:
        """Set a state; `subject` is the id of the port or player."""
        restriction = None if state is TradingState.ACTIVE else Restriction(state, reason)
        match scope:
            case TradingScope.GAME:
                self.game = restriction
            case TradingScope.PORT:
                _set(self.ports, PortId(subject or ""), restriction)
            case TradingScope.PLAYER:
                _set(self.players, PlayerId(subject or ""), restriction)
            case _:
                assert_never(scope)

    def set_caps(self, player: PlayerId | None, caps: TradeCaps) -> None:
        """Set the caps of a player, or of all with None."""
        if player is None:
            # A trade looks for NO_CAPS itself, to be quick.
            self.game_caps = NO_CAPS if caps == NO_CAPS else caps
        else:
            _set(self.player_caps, player, None if caps == NO_CAPS else caps)


def _set(values: dict[_K, _V], key: _K, value: _V | None) -> None:
    if value is None:
        values.pop(key, None)
    else:
        values[key] = value
