"""What happened on a connection, kept for logs and for operators who ask."""

from collections import Counter, deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from sectorwars.protocol.effect import Moment, Refused
from sectorwars.protocol.messages import ResumedChannel
from sectorwars.protocol.rate_limit import RefusalWindow

RECENT_REFUSALS_MAX: Final = 16
_LOGGED_REFUSALS_MAX: Final = 20
"""A minute and connection, lest a flood of bad frames be a flood of log lines."""
_ID_LENGTH_MAX: Final = 128


class NotedRefusal(NamedTuple):
    """A refused message and when it was refused; its ids are safe to print."""

    moment: Moment
    code: str
    frame_id: str | None
    command_id: str | None


class ConnectionHistory:
    """The counts and the recent past of one connection; most have little of either."""

    __slots__ = (
        "_logged",
        "authenticated",
        "close_code",
        "close_reason",
        "closed_by_client",
        "conflated",
        "connection_id",
        "frames_received",
        "opened",
        "ping_seconds",
        "recent_refusals",
        "recovery",
        "refusals",
    )

    def __init__(self, connection_id: str, opened: Moment) -> None:
        """Begin with nothing but an opening."""
        self.connection_id = connection_id
        self.opened = opened
        self.authenticated: Moment | None = None
        self.frames_received = 0
        self.conflated = 0
        self.ping_seconds: float | None = None
        self.recovery: Sequence[ResumedChannel] | None = None
        self.refusals: Counter[str] | None = None
        self.recent_refusals: deque[NotedRefusal] | None = None
        self.closed_by_client = False
        self.close_code: int | None = None
        self.close_reason = ""
        self._logged: RefusalWindow | None = None

    @property
    def refused_count(self) -> int:
        """Return how many messages were refused."""
        return 0 if self.refusals is None else self.refusals.total()

    def refused(self, refused: Refused, moment: Moment) -> NotedRefusal:
        """Note a refusal and return it as it may be shown."""
        if self.refusals is None or self.recent_refusals is None:
            self.refusals = Counter()
            self.recent_refusals = deque(maxlen=RECENT_REFUSALS_MAX)
        noted = NotedRefusal(
            moment, refused.code, _printable(refused.frame_id), _printable(refused.command_id)
        )
        self.refusals[refused.code] += 1
        self.recent_refusals.append(noted)
        return noted

    def log_refusal(self, now: float) -> tuple[bool, int]:
        """Tell whether a refusal may have a log line, and how many before it had none."""
        if self._logged is None:
            self._logged = RefusalWindow(_LOGGED_REFUSALS_MAX, now)
        unlogged = self._logged.roll(now)
        return self._logged.admit(), unlogged


def _printable(client_id: str | None) -> str | None:
    """Return an id that a client made up, if a log line can hold it."""
    if client_id is None or len(client_id) > _ID_LENGTH_MAX:
        return None
    return client_id if client_id.isascii() and client_id.isprintable() else None
