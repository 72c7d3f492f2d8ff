"""Who is connected, over all gateways: what each of them said last, as long as it is not silent."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sectorwars.application.bus import EventBus, GatewayPresent, PlayerArrived
from sectorwars.application.ports import Clock
from sectorwars.domain.ids import PlayerId

PRESENCE_SECONDS: Final = 2.0
"""How often a gateway says who is connected to it."""
SILENCE_SECONDS_MAX: Final = 6.0
"""How long what a gateway has said holds."""


@dataclass(slots=True)
class _Gateway:
    players: set[PlayerId]
    addresses: Mapping[str, int]
    heard_at: float


class Presence:
    """Adds up what gateways say.

    An engine that does not hear them takes everybody for connected: it cannot know better.
    """

    def __init__(self, clock: Clock, own_name: str | None = None) -> None:
        """Listen as the gateway `own_name`, or as an engine, which has no players of its own."""
        self._clock = clock
        self._own_name = own_name
        self._gateways: dict[str, _Gateway] = {}
        self._where: dict[PlayerId, set[str]] = {}
        self._listening_since: float | None = None
        self._on_moved: Callable[[PlayerId], None] = _ignore

    def on_moved(self, tell: Callable[[PlayerId], None]) -> None:
        """Call `tell` with each player who came to another gateway, or left it."""
        self._on_moved = tell

    @property
    def players_online(self) -> int:
        """Return how many players have a connection anywhere."""
        return len(self._where)

    @property
    def others(self) -> Collection[str]:
        """Return the names of the other gateways."""
        return [name for name in self._gateways if name != self._own_name]

    def is_connected(self, player_id: PlayerId) -> bool:
        """Return whether a player has a connection anywhere, as far as that can be known."""
        since = self._listening_since
        unknown = since is None or self._clock.monotonic() - since < SILENCE_SECONDS_MAX
        return unknown or player_id in self._where

    def others_with(self, player_id: PlayerId) -> int:
        """Return at how many other gateways a player has a connection."""
        where = self._where.get(player_id)
        return 0 if where is None else len(where) - (self._own_name in where)

    def counted(self, address: str) -> int:
        """Return how many connections at other gateways count against an address's limit."""
        return sum(
            gateway.addresses.get(address, 0)
            for name, gateway in self._gateways.items()
            if name != self._own_name
        )

    def began(self) -> None:
        """Know that from now on gateways are heard."""
        self._listening_since = self._clock.monotonic()

    def broke_off(self) -> None:
        """Know that gateways are not heard any more."""
        self._listening_since = None

    def hear(self, message: GatewayPresent | PlayerArrived) -> None:
        """Take note of what a gateway says of itself."""
        now = self._clock.monotonic()
        gateway = self._gateways.setdefault(message.gateway, _Gateway(set(), {}, now))
        gateway.heard_at = now
        if isinstance(message, PlayerArrived):
            if message.player_id not in gateway.players:
                gateway.players.add(message.player_id)
                self._came(message.gateway, message.player_id)
            return
        players = set(message.players)
        left, came = gateway.players - players, players - gateway.players
        gateway.players, gateway.addresses = players, message.addresses
        for player_id in came:
            self._came(message.gateway, player_id)
        for player_id in left:
            self._left(message.gateway, player_id)

    def forget_silent(self) -> None:
        """Forget the gateways that have said nothing for too long."""
        now = self._clock.monotonic()
        for name, gateway in list(self._gateways.items()):
            if now - gateway.heard_at >= SILENCE_SECONDS_MAX:
                del self._gateways[name]
                for player_id in gateway.players:
                    self._left(name, player_id)

    async def run(self) -> None:
        """Forget who is silent, until cancelled."""
        while True:
            await asyncio.sleep(PRESENCE_SECONDS)
            self.forget_silent()

    def _came(self, gateway: str, player_id: PlayerId) -> None:
        self._where.setdefault(player_id, set()).add(gateway)
        if gateway != self._own_name:
            self._on_moved(player_id)

    def _left(self, gateway: str, player_id: PlayerId) -> None:
        where = self._where[player_id]
        where.discard(gateway)
        if not where:
            del self._where[player_id]
        if gateway != self._own_name:
            self._on_moved(player_id)


async def announce_presence(
    bus: EventBus,
    name: str,
    players: Callable[[], Collection[PlayerId]],
    addresses: Callable[[], Mapping[str, int]],
) -> None:
    """Say, as the gateway `name`, who is connected, until cancelled."""
    while True:
        bus.publish(GatewayPresent(name, tuple(players()), dict(addresses())))
        await asyncio.sleep(PRESENCE_SECONDS)


def _ignore(_: PlayerId) -> None:
    """Nobody has to be told."""
