"""The socket that a server listens on."""

import errno
import socket

from sectorwars.bootstrap.start_error import StartError


def listen(host: str, port: int) -> socket.socket:
    """Bind the address before anything else, so that a port in use is found out at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
