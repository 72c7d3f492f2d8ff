from ipaddress import ip_network

import pytest

from sectorwars.gateway.client_address import ClientAddress, client_address

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def seen(
    peer: str | None, forwarded: str = "", proto: str = "", *, tls: bool = False
) -> ClientAddress:
    headers = {"x-forwarded-for": forwarded, "x-forwarded-proto": proto}
    return client_address(peer, tls=tls, headers=headers, trusted_proxies=PROXIES)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "nonsense, 10.0.0.2", "10.0.0.2"),
        ("fd00::1", "2001:db8::1", "2001:db8::/64"),
        (None, "198.51.100.7", "local"),
    ],
)
def test_only_what_trusted_proxies_wrote_is_believed(
    peer: str | None, forwarded: str, address: str
) -> None:
    assert seen(peer, forwarded).address == address


@pytest.mark.parametrize(
    ("peer", "forwarded", "proto", "tls", "confidential"),
    [
        ("192.0.2.1", "", "", False, False),
        ("192.0.2.1", "", "https", False, False),
        ("192.0.2.1", "", "", True, True),
        ("127.0.0.1", "", "", False, True),
        ("::1", "", "", False, True),
        (None, "", "", False, True),
        ("10.0.0.1", "198.51.100.7", "https", False, True),
        ("10.0.0.1", "198.51.100.7", "http", False, False),
        ("10.0.0.1", "198.51.100.7", "https, http", False, False),
    ],
)
def test_confidential_is_tls_to_the_client_or_a_peer_on_this_machine(
    peer: str | None, forwarded: str, proto: str, tls: bool, confidential: bool
) -> None:
    assert seen(peer, forwarded, proto, tls=tls).confidential is confidential
