"""Writing to many sockets at once, past the event loop while they take all they are given.

The loop's own write comes to the same system call, but reads for it the state that it keeps of
each connection; of a thousand, that is in no processor's cache when its turn comes.
"""

import asyncio
import os
from collections.abc import Sequence


def plain_descriptor(transport: asyncio.BaseTransport) -> int | None:
    """Return the descriptor to which a transport's bytes go as they are.

    None where there is none: TLS, no socket, or a system that has other handles for sockets.
    """
    socket = transport.get_extra_info("socket")
    if os.name != "posix" or socket is None or transport.get_extra_info("sslcontext") is not None:
        return None
    descriptor = int(socket.fileno())
    return descriptor if descriptor >= 0 else None


def write_to_all(descriptors: Sequence[int], data: bytes) -> list[tuple[int, int]]:
    """Write to sockets that do not block, and for which no earlier bytes wait.

    Returns:
        Those that did not take all: their places in `descriptors`, and how many bytes each took.
        Of a broken one that is none; its transport meets the error when it is given the rest.
    """
    size = len(data)
    short: list[tuple[int, int]] = []
    write = os.write
    for place, descriptor in enumerate(descriptors):
        try:
            written = write(descriptor, data)
        except OSError:
            written = 0
        if written != size:
            short.append((place, written))
    return short
