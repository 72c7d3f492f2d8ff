"""The whole state of the galaxy, in memory."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.hauler import Hauler
from sectorwars.domain.ids import HaulerId, PlayerId, PortId, SectorId
from sectorwars.domain.ledger import Ledger, player_account
from sectorwars.domain.market import Side
from sectorwars.domain.navigation import Sector
from sectorwars.domain.order import LimitOrder, OrderBook
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port, PortClass
from sectorwars.domain.quote import Quote
from sectorwars.domain.risk import RiskGate
from sectorwars.domain.ship import Ship
from sectorwars.domain.values import TICKS_PER_GAME_DAY, Credits, Tick, UnixMicros


class VolumeTape:
    """Units traded per good over the last 24 game hours, in one slot a tick.

    `totals[i]` is the running volume of COMMODITIES[i].
    """

    __slots__ = ("_slots", "tick", "totals")

    def __init__(self, tick: Tick) -> None:
        """Start empty at `tick`."""
        self.tick = tick
        self.totals = [0] * len(COMMODITIES)
        self._slots: dict[int, list[int]] = {}

    def add(self, tick: Tick, commodity_index: int, quantity: int) -> None:
        """Count `quantity` units traded during `tick`, which is within the window."""
        slot = self._slots.get(tick)
        if slot is None:
            slot = self._slots[tick] = [0] * len(COMMODITIES)
        slot[commodity_index] += quantity
        self.totals[commodity_index] += quantity

    def advance(self, tick: Tick) -> None:
        """Move on to `tick`, however far it is, forgetting what has left the window."""
        oldest = tick - TICKS_PER_GAME_DAY + 1
        passed = range(self.tick - TICKS_PER_GAME_DAY + 1, oldest)
        # A tick apart there is one slot to look for; a leap is not counted through.
        expired = passed if len(passed) < len(self._slots) else [*self._slots]
        for slot_tick in expired:
            if slot_tick < oldest and (slot := self._slots.pop(slot_tick, None)) is not None:
                for i, quantity in enumerate(slot):
                    self.totals[i] -= quantity
        self.tick = tick

    def at(self, tick: Tick) -> list[int] | None:
        """Return the units per good traded during `tick`, or None where nothing was."""
        return self._slots.get(tick)

    def slots(self) -> Iterable[tuple[Tick, list[int]]]:
        """Return the units per good of each tick in which anything was traded."""
        return ((Tick(tick), volumes) for tick, volumes in self._slots.items())


class DeadlineKind(StrEnum):
    """What happens at a moment of real time that is known beforehand."""

    ARRIVAL = "arrival"
    ORDER = "order"
    QUOTE = "quote"


class Deadline(NamedTuple):
    """Something of a player that is due at `at`; `subject` is the order's or quote's id."""

    at: UnixMicros
    kind: DeadlineKind
    player_id: PlayerId
    subject: str = ""


class World:
    """Sectors, ports, haulers, players and money. Only `engine.apply` changes a world.

    `books` holds the open orders per port and good; a port without any has no entry.
    `order_sequence` is the sequence number of the latest order.

    `rule_owners` are the players who have rules, so that a tick need not ask all the others.
    `starters` are the ports that are made for newcomers, by index, and `crowds` says how many
    ships are in each sector, so that a newcomer's arrival need not ask all ports and players.
    """

    __slots__ = (
        "__weakref__",
        "_deadlines",
        "books",
        "crowds",
        "haulers",
        "ledger",
        "order_sequence",
        "players",
        "ports",
        "ports_by_index",
        "risk",
        "rule_owners",
        "sectors",
        "seed",
        "starters",
        "tape",
        "tick",
    )

    def __init__(self, seed: int, tick: Tick) -> None:
        """Make an empty world whose clock stands at `tick`."""
        self.seed = seed
        self.tick = tick
        self.sectors: dict[SectorId, Sector] = {}
        self.ports: dict[PortId, Port] = {}
        self.ports_by_index: list[Port] = []
        self.starters: list[Port] = []
        self.crowds: dict[SectorId, int] = {}
        self.haulers: dict[HaulerId, Hauler] = {}
        self.players: dict[PlayerId, Player] = {}
        self.ledger = Ledger()
        self.tape = VolumeTape(tick)
        self.rule_owners: dict[PlayerId, None] = {}
        self.books: dict[PortId, dict[Commodity, OrderBook]] = {}
        self.order_sequence = 0
        self.risk = RiskGate()
        self._deadlines: list[Deadline] = []

    def credits(self, player: PlayerId) -> Credits:
        """Return a player's credits."""
        return self.ledger.balance(player_account(player))

    def automated_players(self) -> Iterable[Player]:
        """Return the players who have rules and whose master switch is on."""
        return (
            player
            for player_id in self.rule_owners
            if (player := self.players[player_id]).automation.active
        )

    def add_port(self, port: Port) -> None:
        """Add a port; ports are added in the order of their index."""
        self.ports[port.spec.port_id] = port
        self.ports_by_index.append(port)
        if port.spec.port_class is PortClass.STARTER:
            self.starters.append(port)

    def add_player(self, player: Player) -> None:
        """Add a player, whose ship is counted where it is."""
        self.players[player.player_id] = player
        self._count_ship(player.ship.sector_id, 1)

    def move_ship(self, ship: Ship, sector_id: SectorId) -> None:
        """Let a ship be in another sector."""
        self._count_ship(ship.sector_id, -1)
        ship.sector_id = sector_id
        self._count_ship(sector_id, 1)

    def set_deadline(self, deadline: Deadline) -> None:
        """Enter something into the timetable."""
        insort(self._deadlines, deadline)

    def drop_deadline(self, deadline: Deadline) -> None:
        """Take something off the timetable; it must be there."""
        place = bisect_left(self._deadlines, deadline)
        if place == len(self._deadlines) or self._deadlines[place] != deadline:
            raise KeyError(deadline)
        del self._deadlines[place]

    def next_deadline(self) -> UnixMicros | None:
        """Return when the next thing is due."""
        return self._deadlines[0].at if self._deadlines else None

    def due(self, now: UnixMicros) -> list[Deadline]:
        """Return what is due, in the order of the timetable."""
        end = bisect_left(self._deadlines, now + 1, key=lambda deadline: deadline.at)
        return self._deadlines[:end]

    def open_order(self, order: LimitOrder) -> None:
        """Enter an order of a player into his list, its book and the timetable."""
        self.players[order.player_id].orders[order.order_id] = order
        goods = self.books.setdefault(order.port_id, {})
        goods.setdefault(order.commodity, OrderBook()).add(order)
        self.order_sequence = max(self.order_sequence, order.sequence)
        self.set_deadline(_order_deadline(order))

    def close_order(self, order: LimitOrder) -> None:
        """Take an order out of all of them."""
        del self.players[order.player_id].orders[order.order_id]
        goods = self.books[order.port_id]
        goods[order.commodity].remove(order)
        if not goods[order.commodity]:
            del goods[order.commodity]
            if not goods:
                del self.books[order.port_id]
        self.drop_deadline(_order_deadline(order))

    def open_quote(self, quote: Quote) -> None:
        """Enter a live quote and promise its units, or the room for them."""
        self.players[quote.player_id].quotes.live[quote.quote_id] = quote
        self.promise(quote, quote.quantity)
        self.set_deadline(_quote_deadline(quote))

    def close_quote(self, quote: Quote) -> None:
        """Take a live quote out, and its promise back."""
        del self.players[quote.player_id].quotes.live[quote.quote_id]
        self.promise(quote, -quote.quantity)
        self.drop_deadline(_quote_deadline(quote))

    def promise(self, quote: Quote, quantity: int) -> None:
        """Promise so many units more of a quote's port, or of the room there; fewer below zero."""
        port = self.ports[quote.port_id]
        promised = port.promised_units if quote.side is Side.BUY else port.promised_room
        promised[port.place(quote.commodity)] += quantity

    def _count_ship(self, sector_id: SectorId, change: int) -> None:
        self.crowds[sector_id] = self.crowds.get(sector_id, 0) + change


def _order_deadline(order: LimitOrder) -> Deadline:
    return Deadline(order.expires_at, DeadlineKind.ORDER, order.player_id, order.order_id)


def _quote_deadline(quote: Quote) -> Deadline:
    return Deadline(quote.expires_at, DeadlineKind.QUOTE, quote.player_id, quote.quote_id)
