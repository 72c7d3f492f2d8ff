"""Where a connection really comes from, and whether anybody can listen in on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

LOCAL_SOCKET = "local"
"""The address of a peer on a Unix socket."""


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
    trusted_proxies: Sequence[IPv4Network | IPv6Network],
) -> ClientAddress:
    """Find the client behind trusted proxies.

    `peer` is the socket's other end, None on a Unix socket. Only a trusted proxy's headers are
    believed, and of `X-Forwarded-For` only the part that trusted proxies wrote: the rightmost
    address that is not one of theirs.
    """
    if peer is None:
        return ClientAddress(LOCAL_SOCKET, confidential=True)
    if not _is_trusted(peer, trusted_proxies):
        return ClientAddress(peer, tls or ip_address(peer).is_loopback)
    client = peer
    for hop in reversed(headers.get("x-forwarded-for", "").split(",")):
        address = hop.strip()
        if not _is_address(address):
            break
        client = address
        if not _is_trusted(address, trusted_proxies):
            break
    forwarded_tls = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip() == "https"
    return ClientAddress(client, tls or forwarded_tls or ip_address(client).is_loopback)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    parsed = ip_address(address)
    return any(parsed in network for network in networks)
