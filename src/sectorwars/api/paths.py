"""Where on the server what is: the interface, the operators' paths, and the page at all others."""

from typing import Final

API_PREFIX: Final = "/api/v1"
ASSETS_PREFIX: Final = "/assets/"
"""Files of the page whose names hold a hash of their content."""

_SERVER_PREFIXES: Final = ("/api/", "/ws/", "/.well-known/")
_SERVER_PATHS: Final = frozenset(
    {
        "/api",
        "/ws",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/asyncapi",
        "/asyncapi.css",
        "/asyncapi.json",
    }
)


def is_server_path(path: str) -> bool:
    """Tell whether a path is the server's own, not one of the page."""
    return path in _SERVER_PATHS or path.startswith(_SERVER_PREFIXES)
