"""Every code with which the server closes a WebSocket, and whether to come back.

Codes of RFC 6455 below 4000; our own from 4000 to 4499 ask the client to reconnect and those
from 4500 on ask it not to, so that a client that does not know a code still acts rightly.
"""

from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Final


@unique
class CloseCode(IntEnum):
    """A close code that this server sends."""

    NORMAL = 1000
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    INVALID_TEXT = 1007
    MESSAGE_TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    AUTHENTICATION_TIMEOUT = 4000
    SLOW_CONSUMER = 4001
    HEARTBEAT_LOST = 4002
    TOO_MANY_CONNECTIONS = 4003
    STREAM_INTERRUPTED = 4004
    CLOSED_BY_OPERATOR = 4005
    TOO_MANY_MESSAGES = 4006
    SESSION_EXPIRED = 4500
    SESSION_REVOKED = 4501
    AUTHENTICATION_FAILED = 4502


@dataclass(frozen=True, slots=True)
class Closing:
    """What a close code says: its reason (at most 123 bytes) and whether to reconnect."""

    reason: str
    reconnect: bool


CLOSINGS: Final[dict[CloseCode, Closing]] = {
    CloseCode.NORMAL: Closing("", reconnect=False),
    CloseCode.PROTOCOL_ERROR: Closing("the frame breaks RFC 6455", reconnect=False),
    CloseCode.UNSUPPORTED_DATA: Closing("only text frames are understood", reconnect=False),
    CloseCode.INVALID_TEXT: Closing("the text is not UTF-8", reconnect=False),
    CloseCode.MESSAGE_TOO_BIG: Closing("the message is too long", reconnect=False),
    CloseCode.INTERNAL_ERROR: Closing("the server failed", reconnect=True),
    CloseCode.SERVICE_RESTART: Closing("the server restarts", reconnect=True),
    CloseCode.AUTHENTICATION_TIMEOUT: Closing("no authentication in time", reconnect=True),
    CloseCode.SLOW_CONSUMER: Closing("nothing was read for too long", reconnect=True),
    CloseCode.HEARTBEAT_LOST: Closing("no sign of life", reconnect=True),
    CloseCode.TOO_MANY_CONNECTIONS: Closing("too many connections", reconnect=True),
    CloseCode.CLOSED_BY_OPERATOR: Closing("closed by an operator", reconnect=True),
    CloseCode.STREAM_INTERRUPTED: Closing("frames were missed, resume", reconnect=True),
    CloseCode.TOO_MANY_MESSAGES: Closing("too many messages or pings", reconnect=True),
    CloseCode.SESSION_EXPIRED: Closing("the session is over, sign in again", reconnect=False),
    CloseCode.SESSION_REVOKED: Closing("the session was ended, sign in again", reconnect=False),
    CloseCode.AUTHENTICATION_FAILED: Closing("authentication failed", reconnect=False),
}
