"""Whose address counts: the peer's, or the one that a trusted proxy says it forwards for."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_LOCAL = "local"
"""Stands for peers without an address, on a Unix socket."""
_IPV6_SUBSCRIBER_BITS = 64
"""One subscriber has a whole /64, so limits per address count that as one."""


IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network


def client_address(
    peer: str | None, forwarded_for: str | None, trusted_proxies: Sequence[IpNetwork]
) -> str:
    """Return the address by which a client's limits are counted; see `client_ip`."""
    return counted(client_ip(peer, forwarded_for, trusted_proxies))


def client_ip(
    peer: str | None, forwarded_for: str | None, trusted_proxies: Sequence[IpNetwork]
) -> IpAddress | None:
    """Return the client's address, None for a peer on a Unix socket.

    `forwarded_for` is the value of X-Forwarded-For. It is believed from right to left, as long as
    each hop is a trusted proxy: everything further left may be made up by the client.
    """
    address = _parse(peer)
    hops = [hop.strip() for hop in (forwarded_for or "").split(",")]
    while hops and address is not None and is_trusted(address, trusted_proxies):
        forwarded = _parse(hops.pop())
        if forwarded is None:
            break
        address = forwarded
    return address


def is_local(
    peer: str | None, forwarded_for: Sequence[str], trusted_proxies: Sequence[IpNetwork]
) -> bool:
    """Tell whether a client is on this machine.

    One that a proxy here forwards for, though nobody trusts it to say for whom, is not.
    """
    client = client_ip(peer, ",".join(forwarded_for), trusted_proxies)
    if client is None:
        return not forwarded_for
    socket_ip = client_ip(peer, None, ())
    believed = socket_ip is None or is_trusted(socket_ip, trusted_proxies)
    return client.is_loopback and (believed or not forwarded_for)


def is_trusted(address: IpAddress, trusted_proxies: Sequence[IpNetwork]) -> bool:
    """Tell whether an address is a trusted proxy's."""
    return any(address in network for network in trusted_proxies)


def counted(address: IpAddress | None) -> str:
    """Return what limits are counted by: an IPv4 address, an IPv6 network, or `local`."""
    if address is None:
        return _LOCAL
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), _IPV6_SUBSCRIBER_BITS), strict=False))


def _parse(text: str | None) -> IpAddress | None:
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
