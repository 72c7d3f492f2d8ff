"""`sectorwars bots`: traders who let a lone newcomer meet a busy galaxy."""

import asyncio
import contextlib
import itertools
import json
import os
import secrets
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, Final

import click

from sectorwars.application.account import Account, AccountRole
from sectorwars.application.audit.trail import AddressPseudonyms, Operator, OperatorAudit
from sectorwars.application.keys import (
    KEYS_DIRECTORY,
    SERVICE_KEY_FILE,
    KeyFileError,
    load_secret,
)
from sectorwars.application.operators.account_administration import AccountAdministration
from sectorwars.application.operators.permissions import Permission
from sectorwars.cli.acting import require_acting
from sectorwars.cli.bot_accounts import BotAccount, BotAccounts, BotAccountsError
from sectorwars.cli.bot_strategies import (
    PAUSE_SECONDS,
    Step,
    act_on_impulse,
    follow_route,
    make_market,
    take_first_cargo,
)
from sectorwars.cli.database import data_dir_option, database_url_option, on_database
from sectorwars.cli.failure import fail
from sectorwars.clock import SystemClock
from sectorwars.domain.rejection import Refusal
from sectorwars.persistence.kept_files import BOT_ACCOUNTS_FILE
from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.audit_trail import PostgresAuditTrail
from sectorwars.persistence.postgres.connection import Pool
from sectorwars.sdk import (
    AccountChange,
    Client,
    ClientError,
    RefusedError,
    UnavailableError,
    UnreachableError,
)
from sectorwars.sdk.backoff import Backoff
from sectorwars.sdk.rest import Rest
from sectorwars.sdk.sign_in import Credentials, SignIn

_COUNT_MAX: Final = 500
_ENROLLED_AT_ONCE: Final = 4
"""How many bots a server is asked to register side by side: its hashing is the bound."""
_PROGRESS_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 120.0
"""How long a step may take; a voyage through the galaxy is the longest."""

_STEPS: Final[dict[str, Step]] = {
    "route": follow_route,
    "maker": make_market,
    "impulse": act_on_impulse,
}
_MIXTURE: Final = ("route",) * 7 + ("maker",) * 2 + ("impulse",)
"""Of ten bots of a mixed crowd."""


@dataclass(slots=True)
class _Bot:
    account: BotAccount
    strategy: str
    step: Step
    random: Random
    trades: int = 0
    reconnects: int = 0
    profit_credits: int | None = None
    failure: str | None = None


@dataclass(slots=True)
class _Crowd:
    url: str
    accounts: BotAccounts
    promotion: "_Promotion | None"
    service_key: bytes | None
    enrolling: asyncio.Semaphore
    bots: list[_Bot] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    connected: int = 0


@dataclass(frozen=True, slots=True)
class _Promotion:
    """Gives bots the role `service`, in an administrator's name."""

    data_dir: Path
    database_url: str | None
    operator: Operator

    def promote(self, username: str) -> None:
        async def change(pool: Pool) -> Account | Refusal:
            audit = OperatorAudit(PostgresAuditTrail(pool), AddressPseudonyms(secrets.token_bytes))
            administration = AccountAdministration(PostgresAccountStore(pool), audit)
            return await administration.change_role(
                self.operator, username, AccountRole.SERVICE, SystemClock().now()
            )

        outcome = on_database(self.data_dir, self.database_url, change)
        if isinstance(outcome, Refusal):
            fail(f"{username}: {outcome.detail}")


@click.command()
@click.option(
    "--count", type=click.IntRange(1, _COUNT_MAX), default=10, show_default=True, help="How many."
)
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="The server.")
@click.option(
    "--seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after so long by itself."
)
@click.option(
    "--strategy",
    type=click.Choice(["mixed", *_STEPS]),
    default="mixed",
    show_default=True,
    help="Seven routes, two market makers and an impulsive one of ten, or all the same.",
)
@click.option(
    "--accounts",
    "accounts_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file of the bots' accounts.  [default: bots.json in the data directory]",
)
@click.option(
    "--as",
    "acting",
    metavar="ADMIN",
    help="Give older accounts of bots the role `service` in this administrator's name, so that "
    "their connections do not count by address.",
)
@click.option(
    "--service-key",
    "service_key_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The galaxy's service key: by it bots register and sign in without the limits by "
    "address.  [default: keys/service.key in the data directory, where it can be read]",
)
@data_dir_option
@database_url_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
def bots(
    count: int,
    url: str,
    seconds: float | None,
    strategy: str,
    accounts_file: Path | None,
    acting: str | None,
    service_key_file: Path | None,
    data_dir: Path,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Let bots trade until they are told to stop (Ctrl-C or SIGTERM)."""
    promotion = None
    if acting is not None:
        admin = require_acting(data_dir, database_url, acting, Permission.CHANGE_ROLES)
        promotion = _Promotion(data_dir, database_url, Operator(admin.player_id))
    try:
        Rest(url)
        accounts = BotAccounts(accounts_file or data_dir / BOT_ACCOUNTS_FILE, url)
        while len(accounts.accounts) < count:
            name = f"bot_{secrets.token_hex(6)}"
            accounts.accounts.append(BotAccount(name, secrets.token_urlsafe(24)))
        accounts.save()
        service_key = _service_key(service_key_file, data_dir)
        at_once = 1 if service_key is None else _ENROLLED_AT_ONCE
        crowd = _Crowd(url, accounts, promotion, service_key, asyncio.Semaphore(at_once))
        began = monotonic()
        asyncio.run(_run(crowd, count, strategy, seconds))
        accounts.save()
    except (ValueError, BotAccountsError, KeyFileError, UnreachableError) as error:
        fail(str(error))
    summary = _summary(crowd, monotonic() - began)
    click.echo(json.dumps(summary) if as_json else _shown(summary))
    sys.exit(1 if all(bot.failure for bot in crowd.bots) else 0)


def _service_key(named: Path | None, data_dir: Path) -> bytes | None:
    path = named or data_dir / KEYS_DIRECTORY / SERVICE_KEY_FILE
    if named is None and not os.access(path, os.R_OK):
        return None
    return load_secret(path, make=False)


async def _run(crowd: _Crowd, count: int, strategy: str, seconds: float | None) -> None:
    await Rest(crowd.url).jwks()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    for index, account in enumerate(crowd.accounts.accounts[:count]):
        name = _MIXTURE[index % len(_MIXTURE)] if strategy == "mixed" else strategy
        # What bots do is no secret, and the same name always does the same.
        random = Random(account.username)  # noqa: S311
        crowd.bots.append(_Bot(account, name, _STEPS[name], random))
    tasks = [asyncio.create_task(_live(crowd, bot)) for bot in crowd.bots]
    progress = asyncio.create_task(_show_progress(crowd))
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stop.wait()
    finally:
        for task in (*tasks, progress):
            task.cancel()
        await asyncio.gather(*tasks, progress, return_exceptions=True)
        click.echo(err=True)


async def _live(crowd: _Crowd, bot: _Bot) -> None:
    try:
        await _enrol(crowd, bot)
        account = bot.account
        async with Client(
            crowd.url,
            account.username,
            account.password,
            refresh_token=account.refresh_token,
            service_key=crowd.service_key,
        ) as client:
            crowd.connected += 1
            counting = asyncio.create_task(_count_trades(bot, client))
            try:
                await _trade(crowd, bot, client)
            finally:
                counting.cancel()
                await asyncio.gather(counting, return_exceptions=True)
                crowd.connected -= 1
                bot.reconnects = client.reconnects
                account.refresh_token = client.refresh_token
    except ClientError as error:
        bot.failure = str(error)
        if isinstance(error, RefusedError):
            crowd.refusals[error.code] += 1


async def _enrol(crowd: _Crowd, bot: _Bot) -> None:
    """Register an account that is new, as fast as the server takes sign-ins."""
    account = bot.account
    backoff = Backoff(bot.random.random)
    credentials = Credentials(account.username, account.password, crowd.service_key)
    sign_in = SignIn(Rest(crowd.url), credentials, SystemClock())
    # One at a time where sign-ins are limited by address.
    async with crowd.enrolling:
        while account.refresh_token is None:
            retry_after_ms: int | None = None
            try:
                await sign_in.register()
                account.refresh_token = sign_in.refresh_token
                account.is_service |= crowd.service_key is not None
            except UnreachableError:
                crowd.refusals["unreachable"] += 1
            except UnavailableError as error:
                crowd.refusals[error.code] += 1
                retry_after_ms = error.retry_after_ms
            if account.refresh_token is None:
                await asyncio.sleep(backoff.next_seconds(retry_after_ms))
    if crowd.promotion is not None and not account.is_service:
        await asyncio.to_thread(crowd.promotion.promote, account.username)
        account.is_service = True
    crowd.accounts.save()


async def _trade(crowd: _Crowd, bot: _Bot, client: Client) -> None:
    before = (await client.state()).realised_profit_credits
    bot.profit_credits = 0
    for step in itertools.chain((take_first_cargo,), itertools.repeat(bot.step)):
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await step(client, bot.random)
                after = (await client.state()).realised_profit_credits
            bot.profit_credits = after - before
        except RefusedError as error:
            # The galaxy has moved on; the next step looks anew.
            crowd.refusals[error.code] += 1
        except TimeoutError:
            crowd.refusals["no_answer_in_time"] += 1
        await asyncio.sleep(bot.random.uniform(*PAUSE_SECONDS))


async def _count_trades(bot: _Bot, client: Client) -> None:
    """Count by the account's events, which tell of fills by others too."""
    await client.subscribe("account")
    async for event in client.events():
        if isinstance(event, AccountChange) and event.update.trade is not None:
            bot.trades += 1


async def _show_progress(crowd: _Crowd) -> None:
    began = monotonic()
    while True:
        trades = sum(bot.trades for bot in crowd.bots)
        rate = trades / max(1.0, monotonic() - began)
        line = f"\r{crowd.connected} of {len(crowd.bots)} bots connected, {trades} trades"
        refused = sum(crowd.refusals.values())
        new = sum(bot.account.refresh_token is None for bot in crowd.bots)
        waiting = f", {new} wait to register as the server allows" if new else ""
        click.echo(f"{line} ({rate:.1f}/s), {refused} refusals{waiting} ", err=True, nl=False)
        await asyncio.sleep(_PROGRESS_SECONDS)


def _summary(crowd: _Crowd, seconds: float) -> dict[str, Any]:
    trades = sum(bot.trades for bot in crowd.bots)
    return {
        "seconds": round(seconds, 1),
        "trades": trades,
        "trades_per_second": round(trades / seconds, 2),
        "reconnects": sum(bot.reconnects for bot in crowd.bots),
        "refusals": dict(crowd.refusals.most_common()),
        "bots": [
            {
                "username": bot.account.username,
                "strategy": bot.strategy,
                "trades": bot.trades,
                "profit_credits": bot.profit_credits,
                "failure": bot.failure,
            }
            for bot in crowd.bots
        ],
    }


def _shown(summary: dict[str, Any]) -> str:
    lines = [
        f"{bot['username']}  {bot['strategy']:<7} {bot['trades']:>6} trades  "
        + (bot["failure"] or f"{_profit(bot['profit_credits']):>12} credits")
        for bot in summary["bots"]
    ]
    refusals = ", ".join(f"{code} {times}" for code, times in summary["refusals"].items())
    lines.append(
        f"{summary['trades']} trades in {summary['seconds']} s "
        f"({summary['trades_per_second']}/s), {summary['reconnects']} reconnects"
    )
    lines.append(f"refused: {refusals or 'nothing'}")
    return "\n".join(lines)


def _profit(credits_made: int | None) -> str:
    return "not started" if credits_made is None else f"{credits_made:+,}"
