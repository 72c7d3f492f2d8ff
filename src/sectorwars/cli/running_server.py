"""An administrator's requests to the server that runs in a data directory, over loopback."""

import http.client
import json
import re
import secrets
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Any, Final

import click

from sectorwars.application.account import ID_OR_NAME_PATTERN, Account, Session, SessionId
from sectorwars.application.accounts.tokens import AccessTokens
from sectorwars.application.keys import (
    KEYS_DIRECTORY,
    TOKEN_KEY_FILE,
    KeyFileError,
    load_signing_key,
)
from sectorwars.cli.failure import fail
from sectorwars.clock import SystemClock
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.persistence.data_directory import running_server

_ANSWER_SECONDS_MAX: Final = 30.0
_TOKEN_SECONDS: Final = 60
_TOKEN_ID_BYTES: Final = 16
_PREFIX: Final = "/api/v1/admin"


def require_running(data_dir: Path) -> tuple[str, int]:
    """Return where the server of a data directory listens, or say that it does not and exit."""
    try:
        server = running_server(data_dir)
    except OSError as error:
        fail(f"The lock of {data_dir} cannot be read: {error.strerror or error}.")
    if server is None or server.address is None:
        fail(f"The server of {data_dir} does not run: start it with `sectorwars serve`.")
    host, port = server.address
    return _reachable(host), port


def id_or_name(text: str) -> str:
    """Return an id or a name, which a path can hold as it is, or say that it is none and exit."""
    if not re.fullmatch(ID_OR_NAME_PATTERN, text):
        raise click.UsageError(f"{text!r} is neither an id nor a name.")
    return text


def request(
    data_dir: Path, account: Account, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Ask the running server in an administrator's name; say what it refuses and exit with 2.

    He is spoken for by a token that lasts a minute, signed with the data directory's own key; its
    session is named `cli_...`, as the audit trail shows.
    """
    host, port = require_running(data_dir)
    token = _token(data_dir, account)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_SECONDS_MAX)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, f"{_PREFIX}{path}", sent, headers)
        answer = connection.getresponse()
        said: dict[str, Any] = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        fail(f"The server at {host} port {port} does not answer: {error}.")
    finally:
        connection.close()
    if answer.status != http.client.OK:
        fail(str(said.get("detail", f"The server answered with {answer.status}.")))
    return said


def _token(data_dir: Path, account: Account) -> str:
    path = data_dir / KEYS_DIRECTORY / TOKEN_KEY_FILE
    try:
        key = load_signing_key(path)
    except KeyFileError as error:
        fail(str(error))
    now = SystemClock().now()
    session = Session(
        SessionId(f"cli_{secrets.token_hex(_TOKEN_ID_BYTES)}"),
        account.player_id,
        now,
        UnixMicros(now + _TOKEN_SECONDS * MICROS_PER_SECOND),
    )
    tokens = AccessTokens(key, _TOKEN_SECONDS, _TOKEN_SECONDS)
    token, _ = tokens.issue(account, session, secrets.token_hex(_TOKEN_ID_BYTES), now)
    return token


def _reachable(host: str) -> str:
    """Return an address of this machine at which a server that listens on `host` is reached."""
    address = ip_address(host)
    if not address.is_unspecified:
        return host
    return "::1" if isinstance(address, IPv6Address) else "127.0.0.1"
