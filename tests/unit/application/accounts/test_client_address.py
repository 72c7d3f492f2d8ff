"""Whose address counts."""

from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest

from sectorwars.application.accounts.client_address import client_address, is_local

PROXIES: list[IPv4Network | IPv6Network] = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "expected"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        # A stranger may say what he likes.
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        # Only what trusted proxies appended counts.
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("fd00::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", None, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", None, "203.0.113.7"),
        (None, None, "local"),
        ("testclient", None, "local"),
    ],
)
def test_client_address(peer: str | None, forwarded_for: str | None, expected: str) -> None:
    assert client_address(peer, forwarded_for, PROXIES) == expected


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "expected"),
    [
        ("127.0.0.1", [], True),
        ("::1", [], True),
        (None, [], True),
        ("203.0.113.7", [], False),
        ("203.0.113.7", ["127.0.0.1"], False),
        # A proxy on this machine that nobody trusts: whom it forwards for is not known.
        ("127.0.0.1", ["127.0.0.1"], False),
        (None, ["127.0.0.1"], False),
        ("10.0.0.1", ["127.0.0.1"], True),
        ("10.0.0.1", ["127.0.0.1", "203.0.113.7"], False),
        ("10.0.0.1", [], False),
    ],
)
def test_who_is_on_this_machine(peer: str | None, forwarded_for: list[str], expected: bool) -> None:
    assert is_local(peer, forwarded_for, PROXIES) is expected
