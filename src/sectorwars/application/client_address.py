"""Whose address counts: the peer's, or the one that a trusted proxy says it forwards for."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_LOCAL = "local"
"""Stands for peers without an address, on a Unix socket."""
_IPV6_SUBSCRIBER_BITS = 64
"""One subscriber has a whole /64, so limits per address count that as one."""


def client_address(
    peer: str | None,
    forwarded_for: str | None,
    trusted_proxies: Sequence[IPv4Network | IPv6Network],
) -> str:
    """Return the address by which a client's limits are counted.

    `forwarded_for` is the value of X-Forwarded-For. It is believed from right to left, as long as
    each hop is a trusted proxy: everything further left may be made up by the client.
    """
    address = _parse(peer)
    if address is None:
        return _LOCAL
    hops = [hop.strip() for hop in (forwarded_for or "").split(",")]
    while hops and any(address in network for network in trusted_proxies):
        forwarded = _parse(hops.pop())
        if forwarded is None:
            break
        address = forwarded
    return _counted(address)


def _parse(text: str | None) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _counted(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), _IPV6_SUBSCRIBER_BITS), strict=False))
