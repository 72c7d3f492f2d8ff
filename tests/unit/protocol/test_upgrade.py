import json
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.protocol.upgrade import (
    OriginPolicy,
    UpgradeRefusal,
    UpgradeRequest,
    accept_response,
    read_head,
    read_upgrade,
    refusal_response,
)

# The key and the answer to it are the example of RFC 6455, 1.3.
HEADERS = {
    "Host": "galaxy.example:8000",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
LISTED = OriginPolicy(frozenset({"https://friend.example"}))


def head(target: str = "/ws/realtime", method: str = "GET", **changed: str | None) -> bytes:
    headers = {**HEADERS, **{name.replace("_", "-"): value for name, value in changed.items()}}
    lines = [f"{method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join(lines).encode()


def accepted(data: bytes) -> UpgradeRequest:
    request = read_upgrade(read_head(data), LISTED, compression=True)
    assert isinstance(request, UpgradeRequest)
    return request


def refused(data: bytes) -> tuple[HTTPStatus, str]:
    refusal = read_upgrade(read_head(data), LISTED, compression=True)
    assert isinstance(refusal, UpgradeRefusal)
    return refusal.status, refusal.code


def test_handshake_of_the_rfc() -> None:
    response = accept_response(accepted(head())).decode()
    assert response.startswith("HTTP/1.1 101 Switching Protocols\r\n")
    assert "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in response
    assert response.endswith("\r\n\r\n")


@pytest.mark.parametrize(
    ("target", "player_id"),
    [
        ("/ws/realtime", None),
        ("/ws/realtime?token=never", None),
        ("/ws/pl_0123456789abcdef", "pl_0123456789abcdef"),
    ],
)
def test_path_names_the_player(target: str, player_id: str | None) -> None:
    assert accepted(head(target)).player_id == player_id


@pytest.mark.parametrize(
    "target", ["/", "/ws", "/ws/", "/ws/a/b", "/api/ws/realtime", "/ws/" + "x" * 129]
)
def test_other_paths_are_not_found(target: str) -> None:
    assert refused(head(target)) == (HTTPStatus.NOT_FOUND, "not_found")


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "http://galaxy.example:8000",
        "https://galaxy.example:8000",
        "http://GALAXY.example:8000",
        "https://friend.example",
    ],
)
def test_own_origin_listed_ones_and_none_are_admitted(origin: str | None) -> None:
    accepted(head(Origin=origin))


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://galaxy.example",
        "http://galaxy.example:8001",
        "http://galaxy.example:8000.evil.example",
        "https://friend.example.evil.example",
        "file://galaxy.example:8000",
        "null",
        "",
        "http://[",
        "http://galaxy.example:8000]",
    ],
)
def test_foreign_origins_are_forbidden(origin: str) -> None:
    assert refused(head(Origin=origin)) == (HTTPStatus.FORBIDDEN, "origin_forbidden")


def test_origin_without_a_host_to_compare_is_forbidden() -> None:
    assert refused(head(Origin="http://galaxy.example:8000", Host=None))[0] == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "data",
    [
        head(method="POST"),
        head(Sec_WebSocket_Version="8"),
        head(Sec_WebSocket_Key=None),
        head(Sec_WebSocket_Key="c2hvcnQ="),
        head(Sec_WebSocket_Key="not base64"),
    ],
)
def test_handshake_that_is_none_is_a_bad_request(data: bytes) -> None:
    assert refused(data) == (HTTPStatus.BAD_REQUEST, "invalid_upgrade")


@pytest.mark.parametrize(
    ("authorization", "credentials"),
    [(None, None), ("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None)],
)
def test_header_may_bring_the_token(authorization: str | None, credentials: str | None) -> None:
    assert accepted(head(Authorization=authorization)).token == credentials


def test_repeated_headers_are_joined() -> None:
    data = head() + b"\r\nX-Forwarded-For: 1.1.1.1\r\nx-forwarded-for: 2.2.2.2"
    assert read_head(data).headers["x-forwarded-for"] == "1.1.1.1,2.2.2.2"


def test_refusal_is_problem_details() -> None:
    refusal = UpgradeRefusal(
        HTTPStatus.SERVICE_UNAVAILABLE, "server_full", "Full.", "later", "max_connections=1", 0, 5
    )
    top, _, body = refusal_response(refusal).decode().partition("\r\n\r\n")
    assert top.startswith("HTTP/1.1 503 Service Unavailable\r\n")
    assert "\r\nRetry-After: 5" in top
    assert f"\r\nContent-Length: {len(body)}" in top
    problem = json.loads(body)
    assert (problem["code"], problem["status"], problem["retry"]) == ("server_full", 503, "later")
    assert (problem["limit"], problem["retry_after_ms"]) == ("max_connections=1", 5_000)
    assert problem["remaining"] == 0


def test_bad_request_names_the_version() -> None:
    refusal = UpgradeRefusal(HTTPStatus.BAD_REQUEST, "invalid_upgrade", "No.")
    assert b"\r\nSec-WebSocket-Version: 13\r\n" in refusal_response(refusal)


VALUES = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40)
JUDGED = ("Origin", "Host", "Sec-WebSocket-Key", "Sec-WebSocket-Extensions", "Authorization")


@given(
    target=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40),
    headers=st.dictionaries(st.sampled_from(JUDGED), VALUES | st.just("http://[::1"), max_size=5),
)
def test_any_request_is_judged(target: str, headers: dict[str, str]) -> None:
    lines = [f"GET {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in {**HEADERS, **headers}.items()]
    data = "\r\n".join(lines).encode("latin-1")
    judged = read_upgrade(read_head(data), LISTED, compression=True)
    if isinstance(judged, UpgradeRefusal):
        assert judged.status in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST}
    else:
        assert accept_response(judged).endswith(b"\r\n\r\n")
