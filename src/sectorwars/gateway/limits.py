"""The limits of a gateway; the defaults are the design document's."""

from dataclasses import dataclass, field
from typing import Final

from sectorwars.protocol.dialect import SessionLimits

_FRAMES_PER_MESSAGE: Final = 10
_STRANGERS_FRAMES_PER_MESSAGE: Final = 2


@dataclass(frozen=True, slots=True)
class GatewayLimits:
    """Bounds of one process.

    Args:
        session: the limits of each session.
        connections_max: open connections in this process.
        connections_per_address: authenticated connections of one address; service accounts and
            connections that a newer one took the place of do not count.
        unauthenticated_per_address: connections of one address that have not said who they are.
        backlog_frames_max: frames kept for a reader who takes nothing just now.
        backlog_bytes_max: bytes of those that must not be dropped.
        slow_seconds_max: how long he may take nothing.
        history_frames_max: frames that a channel remembers for those who come back.
        linger_seconds: how long a channel outlives its last subscriber, and a Foundation session
            its last connection.
        close_timeout_seconds: how long to wait for the other half of the closing handshake.
    """

    session: SessionLimits = field(default_factory=SessionLimits)
    connections_max: int = 1_000
    connections_per_address: int = 5
    unauthenticated_per_address: int = 64
    backlog_frames_max: int = 1_024
    backlog_bytes_max: int = 4 * 2**20
    slow_seconds_max: float = 30.0
    history_frames_max: int = 128
    linger_seconds: float = 60.0
    close_timeout_seconds: float = 5.0

    @property
    def frames_per_second(self) -> int:
        """How many messages and pings, refused ones too, a connection may send.

        Beyond its player's rate each message is refused by itself; beyond this it is closed.
        """
        return _FRAMES_PER_MESSAGE * self.session.messages_per_second

    @property
    def frames_per_second_of_strangers(self) -> int:
        """The same before a connection has said who it is."""
        return _STRANGERS_FRAMES_PER_MESSAGE * self.session.messages_per_second
