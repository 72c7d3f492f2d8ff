"""The kernel's own measure of a TCP connection's round trip."""

import socket
import struct
import sys
from typing import Any, Final

_INFO_BYTES: Final = 72
_RTT_OFFSET: Final = 68
"""Of `tcpi_rtt` in Linux's `struct tcp_info` (tcp(7), linux/tcp.h), microseconds."""


def tcp_round_trip_seconds(connected: Any) -> float | None:
    """Return the smoothed round trip of a socket, None where the system does not tell it."""
    if connected is None or sys.platform != "linux":
        return None
    try:
        info = connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
    except OSError:
        # A Unix socket, or one that was closed meanwhile.
        return None
    (micros,) = struct.unpack_from("=I", info, _RTT_OFFSET)
    return float(micros) / 1_000_000
