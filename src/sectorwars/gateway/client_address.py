"""Where a connection really comes from, and whether anybody can listen in on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sectorwars.application.accounts.client_address import IpNetwork, client_ip, counted, is_trusted


@dataclass(frozen=True, slots=True)
class ClientAddress:
    """An address to count connections by; `confidential` is TLS, or a peer on this machine."""

    address: str
    confidential: bool


def client_address(
    peer: str | None,
    *,
    tls: bool,
    headers: dict[str, str],
    trusted_proxies: Sequence[IpNetwork],
) -> ClientAddress:
    """Find the client behind trusted proxies.

    `peer` is the socket's other end, None on a Unix socket. Only a trusted proxy's headers are
    believed.
    """
    socket_ip = client_ip(peer, None, ())
    client = client_ip(peer, headers.get("x-forwarded-for"), trusted_proxies)
    if socket_ip is None or client is None:
        return ClientAddress(counted(None), confidential=True)
    forwarded_tls = (
        is_trusted(socket_ip, trusted_proxies)
        and headers.get("x-forwarded-proto", "").rpartition(",")[2].strip() == "https"
    )
    return ClientAddress(counted(client), tls or forwarded_tls or client.is_loopback)
