"""Looks for accounts that trade for show or hand over wealth: nothing is forbidden, all is entered.

Three signs are looked for among players who met at ports by open orders, within a rolling day of
real time: nearly as much of a good came back as went (a wash trade), between two or in a circle of
three; and prices were far from the port's own, repeatedly. What is found goes to the audit trail,
once for those players, sign and day.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import Final

from sectorwars.application.audit.trail import AuditKind
from sectorwars.application.ports import AuditTrail, MarketArchive
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.application.rows import AuditEntry, AuditQuery
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Crossing, GoodsTraded
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side, mid_price_cents
from sectorwars.domain.rule import DAY_MICROS
from sectorwars.domain.values import UnixMicros
from sectorwars.observability.metrics import WASH_TRADES_FLAGGED

RETURNED_PERCENT: Final = 80
"""Units have come back when the least that went one step of the way is so much of the most."""
FAR_PERCENT: Final = 25
"""A price is far when it is so much above or below the port's mid price; its spread is 4 %."""
FAR_TRADES_MIN: Final = 3
"""So many trades at far prices in a day are no accident."""
TRANSFERS_MAX: Final = 100_000
"""The latest so many trades between players are remembered, however many there are."""
ENTRIES_PENDING_MAX: Final = 10_000
"""The oldest findings are dropped when the audit trail has been away for so many."""

Ring = tuple[PlayerId, ...]
"""Players in the order in which units went, the last one's to the first; the least id is first."""


class Sign(StrEnum):
    """What was seen among players."""

    BACK_AND_FORTH = "back_and_forth"
    CIRCLE = "circle"
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
    def pair(self) -> Ring:
        return _ring(self.seller, self.buyer)


class _Flows:
    """The units of each good that went from one player to another, as far as is remembered."""

    def __init__(self) -> None:
        self._sold: dict[tuple[Commodity, PlayerId], dict[PlayerId, int]] = {}
        self._bought: dict[tuple[Commodity, PlayerId], dict[PlayerId, int]] = {}

    def add(self, transfer: _Transfer, quantity: int) -> None:
        """Count `quantity` units more, or fewer."""
        good, seller, buyer = transfer.commodity, transfer.seller, transfer.buyer
        _count(self._sold, (good, seller), buyer, quantity)
        _count(self._bought, (good, buyer), seller, quantity)

    def units(self, good: Commodity, seller: PlayerId, buyer: PlayerId) -> int:
        """Return how many units of a good one player sold to another."""
        return self._sold.get((good, seller), {}).get(buyer, 0)

    def between(self, good: Commodity, seller: PlayerId, buyer: PlayerId) -> list[PlayerId]:
        """Return who bought of one player and sold to another, whom the units came round to."""
        buyers, sellers = self._sold.get((good, seller), {}), self._bought.get((good, buyer), {})
        few, many = (buyers, sellers) if len(buyers) < len(sellers) else (sellers, buyers)
        return [player for player in few if player in many]


class Surveillance:
    """Watches trades between players as they become durable; it remembers a day."""

    def __init__(
        self, trail: AuditTrail, projection: Projection, transfers_max: int = TRANSFERS_MAX
    ) -> None:
        """Enter findings into `trail`; ports are those of `projection`."""
        self._trail = trail
        self._projection = projection
        self._transfers_max = transfers_max
        self._transfers: deque[_Transfer] = deque()
        self._by_pair: dict[Ring, deque[_Transfer]] = {}
        self._flows = _Flows()
        self._flagged: dict[tuple[Ring, Sign], UnixMicros] = {}
        self._pending: deque[AuditEntry] = deque(maxlen=ENTRIES_PENDING_MAX)

    async def start(self, archive: MarketArchive, now: UnixMicros) -> None:
        """Recall the trades and the findings of the last day; to be awaited before any `observe`.

        What was seen but not entered before a crash is found again.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        since = UnixMicros(now - DAY_MICROS)
        query = AuditQuery(kinds=(AuditKind.WASH_TRADE_FLAGGED.value,), since=since)
        records = await self._trail.search(query, None, ENTRIES_PENDING_MAX)
        for record in reversed(records):
            self._flagged[_finding(record.entry)] = record.entry.at
        for event in await archive.crossed_trades(since, self._transfers_max):
            self._note_trade(event)

    def observe(self, committed: Committed) -> None:
        """Take notice of a committed batch."""
        for logged in committed.events:
            if isinstance(logged.event, GoodsTraded):
                self._note_trade(logged.event)

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

    def _note_trade(self, event: GoodsTraded) -> None:
        for crossing in event.crossings:
            self._note(self._transfer(event, crossing))

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
        self._flows.add(transfer, transfer.quantity)
        good, seller, buyer = transfer.commodity, transfer.seller, transfer.buyer
        self._look_round(Sign.BACK_AND_FORTH, transfer, _ring(seller, buyer))
        for third in self._flows.between(good, buyer, seller):
            self._look_round(Sign.CIRCLE, transfer, _ring(seller, buyer, third))
        if transfer.is_far and (transfer.pair, Sign.FAR_FROM_MARKET) not in self._flagged:
            far = [other for other in between if other.is_far]
            if len(far) >= FAR_TRADES_MIN:
                self._flag(Sign.FAR_FROM_MARKET, transfer, transfer.pair, far)

    def _look_round(self, sign: Sign, latest: _Transfer, ring: Ring) -> None:
        """Flag a ring of players round which units have come back."""
        steps = list(_steps(ring))
        units = [self._flows.units(latest.commodity, *step) for step in steps]
        has_returned = min(units) * 100 >= max(units) * RETURNED_PERCENT
        if has_returned and (ring, sign) not in self._flagged:
            seen = [
                transfer
                for pair in {_ring(*step) for step in steps}
                for transfer in self._by_pair[pair]
                if transfer.commodity is latest.commodity
                and (transfer.seller, transfer.buyer) in steps
            ]
            self._flag(sign, latest, ring, seen)

    def _forget(self, until: UnixMicros) -> None:
        """Forget the transfers that are a day old, or too many, and the flags of that time."""
        surplus = len(self._transfers) + 1 - self._transfers_max
        while self._transfers and (surplus > 0 or self._transfers[0].at <= until):
            transfer = self._transfers.popleft()
            self._flows.add(transfer, -transfer.quantity)
            between = self._by_pair[transfer.pair]
            between.popleft()
            if not between:
                del self._by_pair[transfer.pair]
            surplus -= 1
        # They stand in the order in which they were raised, so the old ones come first.
        for key in [*takewhile(lambda key: self._flagged[key] <= until, self._flagged)]:
            del self._flagged[key]

    def _flag(self, sign: Sign, latest: _Transfer, ring: Ring, seen: Sequence[_Transfer]) -> None:
        """Enter a finding; of a circle with each of its players as the one who acted."""
        self._flagged[ring, sign] = latest.at
        for turn in range(len(ring) if sign is Sign.CIRCLE else 1):
            actor, subject, *third = ring[turn:] + ring[:turn]
            given = [transfer for transfer in seen if transfer.seller == actor]
            details: dict[str, str | int] = {
                "sign": sign.value,
                "commodity": latest.commodity.value,
                "trades": len(seen),
                "units": sum(transfer.quantity for transfer in seen),
                "credits": sum(transfer.total_credits for transfer in seen),
                "units_from_actor": sum(transfer.quantity for transfer in given),
                "credits_to_actor": sum(transfer.total_credits for transfer in given),
            }
            if third:
                details["third"] = third[0]
            self._pending.append(
                AuditEntry(latest.at, AuditKind.WASH_TRADE_FLAGGED, actor, details, subject=subject)
            )
        WASH_TRADES_FLAGGED.labels(sign.value).inc()


def _ring(*players: PlayerId) -> Ring:
    first = players.index(min(players))
    return players[first:] + players[:first]


def _steps(ring: Ring) -> Iterator[tuple[PlayerId, PlayerId]]:
    return zip(ring, ring[1:] + ring[:1], strict=True)


def _finding(entry: AuditEntry) -> tuple[Ring, Sign]:
    players = (entry.actor, entry.subject, entry.details.get("third"))
    ring = _ring(*(PlayerId(str(player)) for player in players if player is not None))
    return ring, Sign(str(entry.details["sign"]))


def _count(
    flows: dict[tuple[Commodity, PlayerId], dict[PlayerId, int]],
    key: tuple[Commodity, PlayerId],
    other: PlayerId,
    quantity: int,
) -> None:
    units = flows.setdefault(key, {})
    units[other] = units.get(other, 0) + quantity
    if not units[other]:
        del units[other]
        if not units:
            del flows[key]
