"""The whole state of the galaxy, in memory."""

import heapq
from collections.abc import Iterable

from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.hauler import Hauler
from sectorwars.domain.ids import HaulerId, PlayerId, PortId, SectorId
from sectorwars.domain.ledger import Ledger, player_account
from sectorwars.domain.navigation import Sector
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port
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


class World:
    """Sectors, ports, haulers, players and money. Only `engine.apply` changes a world.

    `rule_owners` are the players who have rules, so that a tick need not ask all the others.
    """

    __slots__ = (
        "__weakref__",
        "_journeys",
        "haulers",
        "ledger",
        "players",
        "ports",
        "ports_by_index",
        "rule_owners",
        "sectors",
        "seed",
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
        self.haulers: dict[HaulerId, Hauler] = {}
        self.players: dict[PlayerId, Player] = {}
        self.ledger = Ledger()
        self.tape = VolumeTape(tick)
        self.rule_owners: dict[PlayerId, None] = {}
        self._journeys: list[tuple[UnixMicros, PlayerId]] = []

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

    def add_journey(self, arrives_at: UnixMicros, player: PlayerId) -> None:
        """Enter an arrival into the timetable."""
        heapq.heappush(self._journeys, (arrives_at, player))

    def drop_journey(self, arrives_at: UnixMicros, player: PlayerId) -> None:
        """Take an arrival off the timetable."""
        if self._journeys and self._journeys[0] == (arrives_at, player):
            heapq.heappop(self._journeys)
        else:
            self._journeys.remove((arrives_at, player))
            heapq.heapify(self._journeys)

    def next_arrival(self) -> UnixMicros | None:
        """Return when the next ship arrives."""
        return self._journeys[0][0] if self._journeys else None

    def due_arrivals(self, now: UnixMicros) -> list[PlayerId]:
        """Return the players whose ships are due, in order of arrival."""
        return [player for at, player in sorted(self._journeys) if at <= now]
