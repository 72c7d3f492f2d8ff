"""What a session asks the shell around it to do."""

from typing import NamedTuple

from sectorwars.domain.command import CommandEnvelope
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.record import record
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.messages import ChannelPosition
from sectorwars.protocol.shapes.forecast import ForecastHorizon


class Moment(NamedTuple):
    """One moment on both clocks: real time, and seconds on a clock that never goes back."""

    wall: UnixMicros
    monotonic: float


@record
class Identity:
    """Whom a verified token speaks for, and when his sign-in session is over."""

    player_id: PlayerId
    username: str
    session_expires_at: UnixMicros


@record
class Request:
    """A client's request that is answered later; `frame_id` is what its answer repeats."""

    frame_id: str | None


@record
class Send:
    """Send a direct frame, JSON text."""

    payload: bytes


@record
class Close:
    """Close the connection."""

    code: CloseCode


@record
class Denied:
    """Count a denial against whoever the connection speaks for, for the audit."""

    code: str


@record
class Refused:
    """Note for logs and operators what a message was refused for, answered or not.

    `frame_id` and `command_id` are those that the client gave, unchecked, None where it gave none.
    """

    code: str
    frame_id: str | None = None
    command_id: str | None = None


@record
class Authenticate:
    """Verify a token, then call the session's `authenticated` or `authentication_refused`.

    `client_session_id` is the id that the client made for its session. `returning` says that an
    expired token may bring back a live session (Foundation only).
    """

    token: str
    client_session_id: str
    returning: bool
    request: Request


@record
class Submit:
    """Submit a command, then call the session's `decided`.

    A `stale` one is only looked up: its receipt is given if there is one; otherwise it is
    refused with the refusal that is there, and never executed.
    """

    envelope: CommandEnvelope
    request: Request
    stale: Refusal | None


@record
class AskFate:
    """Look up what became of a command of the player, then call the session's `fate_told`."""

    command_id: CommandId
    request: Request


@record
class Subscribe:
    """Subscribe the connection to channels of known form, with `deltas` where they have such.

    `added` are those that it does not follow yet.

    Then call `subscribed`, or `channels_missing` where one does not exist. The frames that deltas
    are made from are sent after the answer.
    """

    channels: tuple[str, ...]
    added: frozenset[str]
    deltas: bool
    request: Request


@record
class Unsubscribe:
    """Unsubscribe the connection from channels."""

    channels: tuple[str, ...]


@record
class Resume:
    """Verify a token, recover channels, look up commands, then call `resumed`.

    The missed frames are sent after the answer, and live ones after those, with `deltas` where
    there are such.
    """

    token: str
    client_session_id: str
    positions: tuple[ChannelPosition, ...]
    deltas: bool
    command_ids: tuple[CommandId, ...]
    request: Request


@record
class FollowAccount:
    """Pass the player's own publications to the session's `account_published`."""


@record
class SendMarketUpdates:
    """Send the newest figures of goods as Foundation broadcast frames."""

    commodities: tuple[Commodity, ...]


@record
class SendPredictions:
    """Look up the forecasts of goods over a horizon, then call the session's `predicted`."""

    commodities: tuple[Commodity, ...]
    horizon: ForecastHorizon


@record
class SendPulse:
    """Send the universe's pulse as a Foundation broadcast frame."""


@record
class KeepSession:
    """Make what the session follows durable at once: its client never subscribes again."""


@record
class AskAria:
    """Have ARIA answer a message, then call the session's `aria_answered`."""

    message: str
    conversation_id: str | None
    request: Request


Effect = (
    Send
    | Close
    | Denied
    | Refused
    | Authenticate
    | Submit
    | AskFate
    | Subscribe
    | Unsubscribe
    | Resume
    | FollowAccount
    | SendMarketUpdates
    | SendPredictions
    | SendPulse
    | KeepSession
    | AskAria
)
