"""Registering, signing in, staying signed in and signing out over REST."""

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.integration.api.stack import PASSWORD, SIGN_INS_PER_MINUTE, Player, Stack

from sectorwars.application.account import SessionId

GRANT_MEMBERS = {
    "access_token",
    "refresh_token",
    "token_type",
    "expires_in",
    "player_id",
    "username",
}


async def test_registering_and_signing_in_give_the_promised_members(stack: Stack) -> None:
    player = await stack.register("Alice")
    assert set(player.grant) == GRANT_MEMBERS
    assert player.grant["token_type"] == "bearer"
    assert player.grant["expires_in"] == 900
    credentials = {"username": "aLICE", "password": PASSWORD}
    answer = await stack.http.post("/api/v1/auth/login", json=credentials)
    assert answer.status_code == 200
    grant = answer.json()
    assert set(grant) == GRANT_MEMBERS
    assert (grant["player_id"], grant["username"]) == (player.grant["player_id"], "Alice")
    me = (await Player(stack.http, grant).get("/auth/me")).json()
    assert (me["username"], me["role"], me["email"]) == ("Alice", "player", None)
    assert me["created_at"].endswith("Z")


async def test_a_taken_name_is_refused_in_any_case(stack: Stack) -> None:
    await stack.register("alice")
    body = {"username": "ALICE", "password": PASSWORD}
    answer = await stack.http.post("/api/v1/auth/register", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "username_taken")
    assert answer.json()["errors"][0]["field"] == "username"


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"username": "al"}, "invalid_username", "username"),
        ({"username": "a" * 33}, "invalid_username", "username"),
        ({"username": "al ice"}, "invalid_username", "username"),
        ({"username": "alice\n"}, "invalid_username", "username"),
        ({"username": "älice"}, "invalid_username", "username"),
        ({"password": "seven77"}, "password_too_weak", "password"),
        ({"password": "p" * 129}, "password_too_weak", "password"),
        ({"password": "Password123"}, "password_too_weak", "password"),
        ({"password": "Newcomer1"}, "password_too_weak", "password"),
        ({"email": "nobody"}, "invalid_email", "email"),
        ({"email": "a@b"}, "invalid_email", "email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "invalid_email", "email"),
        ({"email": 7}, "invalid_request", "email"),
        ({"role": "admin"}, "invalid_request", "role"),
        ({"username": None}, "invalid_request", "username"),
    ],
)
async def test_bad_registrations_are_refused_by_field(
    stack: Stack, change: dict[str, object], code: str, field: str
) -> None:
    body = {"username": "Newcomer1", "password": PASSWORD, **change}
    answer = await stack.http.post("/api/v1/auth/register", json=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, code)
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(stack: Stack) -> None:
    await stack.register("alice")
    answers = [
        await stack.http.post("/api/v1/auth/login", json={"username": name, "password": "wrong pw"})
        for name in ("alice", "nobody", "no such name!", "nul\0")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["code"] == "invalid_credentials"
    assert answers[0].headers["www-authenticate"].startswith("Bearer")


async def test_sign_ins_are_limited_by_address_and_minute(stack: Stack) -> None:
    credentials = {"username": "nobody", "password": "wrong password"}
    for _ in range(SIGN_INS_PER_MINUTE):
        answer = await stack.http.post("/api/v1/auth/login", json=credentials)
        assert answer.status_code == 401
    limited = await stack.http.post("/api/v1/auth/login", json=credentials)
    assert limited.status_code == 429
    problem = limited.json()
    assert (problem["code"], problem["retry"]) == ("auth_rate_limited", "later")
    assert problem["limit"] == f"auth_rate_limit={SIGN_INS_PER_MINUTE}/min"
    assert problem["remaining"] == 0
    assert 1 <= int(limited.headers["retry-after"]) <= 60
    stack.clock.ahead_seconds += 61
    again = await stack.http.post("/api/v1/auth/login", json=credentials)
    assert (again.status_code, again.json()["code"]) == (401, "invalid_credentials")


async def test_a_refresh_token_works_once_and_its_reuse_ends_the_session(stack: Stack) -> None:
    player = await stack.register()
    ended: list[SessionId] = []
    stack.authenticator.on_revoked(ended.append)
    first = {"refresh_token": player.grant["refresh_token"]}
    answer = await stack.http.post("/api/v1/auth/refresh", json=first)
    assert answer.status_code == 200
    renewed = Player(stack.http, answer.json())
    assert renewed.grant["refresh_token"] != player.grant["refresh_token"]
    assert (await renewed.get("/player/state")).status_code == 200

    reuse = await stack.http.post("/api/v1/auth/refresh", json=first)
    assert (reuse.status_code, reuse.json()["code"]) == (401, "refresh_token_reused")
    assert len(ended) == 1
    for holder in (player, renewed):
        refused = await holder.get("/player/state")
        assert (refused.status_code, refused.json()["code"]) == (401, "session_revoked")
    latest = {"refresh_token": renewed.grant["refresh_token"]}
    dead = await stack.http.post("/api/v1/auth/refresh", json=latest)
    assert (dead.status_code, dead.json()["code"]) == (401, "refresh_token_invalid")


async def test_signing_out_ends_the_session_and_no_other(stack: Stack) -> None:
    player = await stack.register()
    credentials = {"username": "alice", "password": PASSWORD}
    other = Player(
        stack.http, (await stack.http.post("/api/v1/auth/login", json=credentials)).json()
    )
    ended: list[SessionId] = []
    stack.authenticator.on_revoked(ended.append)
    assert (await player.post("/auth/logout")).status_code == 204
    assert len(ended) == 1
    refused = await player.get("/player/state")
    assert (refused.status_code, refused.json()["code"]) == (401, "session_revoked")
    dead = await stack.http.post(
        "/api/v1/auth/refresh", json={"refresh_token": player.grant["refresh_token"]}
    )
    assert dead.json()["code"] == "refresh_token_invalid"
    assert (await other.get("/player/state")).status_code == 200


async def test_a_session_ends_after_a_day_however_often_it_is_refreshed(stack: Stack) -> None:
    grant = (await stack.register()).grant
    stack.clock.ahead_seconds += 86_400 - 60
    answer = await stack.http.post(
        "/api/v1/auth/refresh", json={"refresh_token": grant["refresh_token"]}
    )
    assert answer.status_code == 200
    assert answer.json()["expires_in"] <= 60
    stack.clock.ahead_seconds += 61
    over = await stack.http.post(
        "/api/v1/auth/refresh", json={"refresh_token": answer.json()["refresh_token"]}
    )
    assert over.json()["code"] == "refresh_token_invalid"


async def test_tokens_that_are_not_good_are_refused_by_code(stack: Stack) -> None:
    player = await stack.register()
    token = player.grant["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    kid = {"kid": stack.token_key.kid}
    header, payload, signature = token.split(".")
    stranger = Ed25519PrivateKey.generate()
    forgeries = {
        "nonsense": "nonsense",
        "alg none": jwt.encode(claims, None, algorithm="none", headers=kid),
        "another key": jwt.encode(claims, stranger, algorithm="EdDSA", headers=kid),
        "symmetric": jwt.encode(claims, "x" * 32, algorithm="HS256", headers=kid),
        "another kid": jwt.encode(
            claims, stack.token_key.private, algorithm="EdDSA", headers={"kid": "other"}
        ),
        "another audience": jwt.encode(
            {**claims, "aud": "else"}, stack.token_key.private, algorithm="EdDSA", headers=kid
        ),
        "no session": jwt.encode(
            {name: value for name, value in claims.items() if name != "sid"},
            stack.token_key.private,
            algorithm="EdDSA",
            headers=kid,
        ),
        "changed payload": f"{header}.{payload[:-4]}AAAA.{signature}",
        "no signature": f"{header}.{payload}.",
        "very long": "a" * 5_000,
    }
    for name, forged in forgeries.items():
        headers = {"Authorization": f"Bearer {forged}"}
        answer = await stack.http.get("/api/v1/player/state", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid"), name
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Basic YTpi"}):
        answer = await stack.http.get("/api/v1/player/state", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
    stack.clock.ahead_seconds += 901
    expired = await player.get("/player/state")
    assert (expired.status_code, expired.json()["code"]) == (401, "token_expired")
