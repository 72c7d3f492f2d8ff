"""Looks for accounts that trade for show or hand over wealth: nothing is forbidden, all is entered.

Two signs are looked for between two players who met at ports by open orders, within a rolling day
of real time: one good went back and forth (a wash trade), and prices were far from the port's
own, repeatedly. What is found goes to the audit trail, once per pair, sign and day.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import Final

from sectorwars.application.audit import AuditKind
from sectorwars.application.ports import AuditTrail
from sectorwars.application.projection import Committed, Projection
from sectorwars.application.rows import AuditEntry
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Crossing, GoodsTraded
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side, mid_price_cents
from sectorwars.domain.rule import DAY_MICROS
from sectorwars.domain.values import UnixMicros
from sectorwars.observability.metrics import WASH_TRADES_FLAGGED

FAR_PERCENT: Final = 25
"""A price is far when it is so much above or below the port's mid price; its spread is 4 %."""
FAR_TRADES_MIN: Final = 3
"""So many trades at far prices in a day are no accident."""
TRANSFERS_MAX: Final = 100_000
"""The latest so many trades between players are remembered, however many there are."""
ENTRIES_PENDING_MAX: Final = 10_000
"""The oldest findings are dropped when the audit trail has been away for so many."""

Pair = tuple[PlayerId, PlayerId]


class Sign(StrEnum):
    """What was seen between two players."""

    BACK_AND_FORTH = "back_and_forth"
    FAR_FROM_MARKET = "far_from_market"


@dataclass(frozen=True, slots=True)
class _Transfer:
    """Units that went from one player to another."""

    at: UnixMicros
    seller: PlayerId
    buyer: PlayerId
    commodity: Commodity
    quantity: int
    total_credits: int
    is_far: bool

    @property
    def pair(self) -> Pair:
        return min(self.seller, self.buyer), max(self.seller, self.buyer)


class Surveillance:
    """Watches trades between players as they become durable.

    It remembers a day in memory only: after a start it begins anew.
    """

    def __init__(
        self, trail: AuditTrail, projection: Projection, transfers_max: int = TRANSFERS_MAX
    ) -> None:
        """Enter findings into `trail`; ports are those of `projection`."""
        self._trail = trail
        self._projection = projection
        self._transfers_max = transfers_max
        self._transfers: deque[_Transfer] = deque()
        self._by_pair: dict[Pair, deque[_Transfer]] = {}
        self._flagged: dict[tuple[Pair, Sign], UnixMicros] = {}
        self._pending: deque[AuditEntry] = deque(maxlen=ENTRIES_PENDING_MAX)

    def observe(self, committed: Committed) -> None:
        """Take notice of a committed batch."""
        for logged in committed.events:
            event = logged.event
            if isinstance(event, GoodsTraded):
                for crossing in event.crossings:
                    self._note(self._transfer(event, crossing))

    async def flush(self) -> None:
        """Enter what was found.

        Raises:
            StoreUnavailableError: the trail cannot be reached; findings are kept for the next time.
        """
        entries = tuple(self._pending)
        if entries:
            await self._trail.append(entries)
            for entry in entries:
                if self._pending and self._pending[0] is entry:
                    self._pending.popleft()

    def _transfer(self, event: GoodsTraded, crossing: Crossing) -> _Transfer:
        buying = event.side is Side.BUY
        port = self._projection.world.ports[event.port_id]
        _, base, target = port.terms[port.place(event.commodity)]
        mid_cents = mid_price_cents(base, event.stock_after, target)
        return _Transfer(
            event.at,
            crossing.player_id if buying else event.player_id,
            event.player_id if buying else crossing.player_id,
            event.commodity,
            crossing.quantity,
            crossing.quantity * crossing.price_credits,
            abs(100 * crossing.price_credits - mid_cents) * 100 > mid_cents * FAR_PERCENT,
        )

    def _note(self, transfer: _Transfer) -> None:
        self._forget(UnixMicros(transfer.at - DAY_MICROS))
        self._transfers.append(transfer)
        between = self._by_pair.setdefault(transfer.pair, deque())
        between.append(transfer)
        same_good = [other for other in between if other.commodity is transfer.commodity]
        if len({other.seller for other in same_good}) > 1:
            self._flag(Sign.BACK_AND_FORTH, transfer, same_good)
        far = [other for other in between if other.is_far]
        if transfer.is_far and len(far) >= FAR_TRADES_MIN:
            self._flag(Sign.FAR_FROM_MARKET, transfer, far)

    def _forget(self, until: UnixMicros) -> None:
        """Forget the transfers that are a day old, or too many, and the flags of that time."""
        surplus = len(self._transfers) + 1 - self._transfers_max
        while self._transfers and (surplus > 0 or self._transfers[0].at <= until):
            pair = self._transfers.popleft().pair
            between = self._by_pair[pair]
            between.popleft()
            if not between:
                del self._by_pair[pair]
            surplus -= 1
        # They stand in the order in which they were raised, so the old ones come first.
        for key in [*takewhile(lambda key: self._flagged[key] <= until, self._flagged)]:
            del self._flagged[key]

    def _flag(self, sign: Sign, latest: _Transfer, seen: list[_Transfer]) -> None:
        pair = latest.pair
        if (pair, sign) in self._flagged:
            return
        self._flagged[pair, sign] = latest.at
        one, other = pair
        given = [transfer for transfer in seen if transfer.seller == one]
        details = {
            "sign": sign.value,
            "commodity": latest.commodity.value,
            "trades": len(seen),
            "units": sum(transfer.quantity for transfer in seen),
            "credits": sum(transfer.total_credits for transfer in seen),
            "units_from_actor": sum(transfer.quantity for transfer in given),
            "credits_to_actor": sum(transfer.total_credits for transfer in given),
        }
        self._pending.append(
            AuditEntry(latest.at, AuditKind.WASH_TRADE_FLAGGED, one, details, subject=other)
        )
        WASH_TRADES_FLAGGED.labels(sign.value).inc()
