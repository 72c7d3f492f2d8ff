"""The sockets that a server listens on."""

import errno
import socket

from sectorwars.bootstrap.start_error import StartError


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Bind the address before anything else, so that a port in use is found out at once.

    With `shared`, other sockets of this account that are bound so too may have the same address;
    those of them that listen get their part of the connections.

    Raises:
        StartError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {port} on {host} is in use: stop what uses it, or choose another "
                "with --port."
            ) from error
        raise StartError(f"The server cannot listen on {host} port {port}: {error}.") from error
    return listener


def reserve(host: str, port: int) -> socket.socket:
    """Take an address that nobody has, to share it; the socket itself never listens.

    Raises:
        StartError: the address cannot be had.
    """
    with listen(host, port) as probe:
        port = probe.getsockname()[1]
    return listen(host, port, shared=True)
