"""`sectorwars admin halt`, `reduce`, `resume` and `caps`: the risk gate of a running server."""

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import click

from sectorwars.application.operators.permissions import Permission
from sectorwars.cli.acting import as_option, require_acting
from sectorwars.cli.database import data_dir_option, database_url_option
from sectorwars.cli.options import json_option
from sectorwars.cli.running_server import id_or_name, request, require_running
from sectorwars.domain.risk import TradeCaps, TradingScope, TradingState

_NO_CAP: Final = "none"
_CAPS: Final = tuple(field.name for field in fields(TradeCaps))

_reason_option = click.option(
    "--reason", required=True, help="Why; those whom a state concerns are shown it."
)
_player_option = click.option(
    "--player", metavar="NAME", help="A player's own caps, by his name or id; else everybody's."
)


class _Cap(click.ParamType[int | str]):
    """A whole number from 0, or none."""

    name = "N|none"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        text = str(value)
        if text == _NO_CAP:
            return text
        if not (text.isascii() and text.isdigit()):
            self.fail(f"{text!r} is neither a whole number from 0 nor none", param, ctx)
        return int(text)


def _on_scope(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the arguments that say what is halted, why, and by whom."""
    for option in (
        json_option,
        database_url_option,
        data_dir_option,
        as_option,
        _reason_option,
        click.argument("subject", required=False),
        click.argument("scope", type=click.Choice([scope.value for scope in TradingScope])),
    ):
        command = option(command)
    return command


@click.command()
@_on_scope
def halt(**asked: Any) -> None:
    """Halt trading: orders can be cancelled, and that is all.

    SCOPE is game, port or player; SUBJECT is the port's id, or the player's id or name.
    """
    _set_state(TradingState.HALTED, **asked)


@click.command()
@_on_scope
def reduce(**asked: Any) -> None:
    """Restrict trading to sales and cancels.

    SCOPE is game, port or player; SUBJECT is the port's id, or the player's id or name.
    """
    _set_state(TradingState.REDUCING, **asked)


@click.command()
@_on_scope
def resume(**asked: Any) -> None:
    """Open trading again.

    SCOPE is game, port or player; SUBJECT is the port's id, or the player's id or name.
    """
    _set_state(TradingState.ACTIVE, **asked)


@click.group()
def caps() -> None:
    """Show or set the caps on what players trade."""


@caps.command()
@_player_option
@as_option
@data_dir_option
@database_url_option
@json_option
def show(
    player: str | None, acting: str, data_dir: Path, database_url: str | None, as_json: bool
) -> None:
    """Show the caps set for everybody, or for a player himself."""
    require_running(data_dir)
    account = require_acting(data_dir, database_url, acting, Permission.READ_TRADING_CONTROLS)
    _print_caps(request(data_dir, account, "GET", _caps_path(player)), as_json)


@caps.command(name="set")
@_player_option
@_reason_option
@as_option
@data_dir_option
@database_url_option
@json_option
def set_caps(
    player: str | None,
    reason: str,
    acting: str,
    data_dir: Path,
    database_url: str | None,
    as_json: bool,
    **changed: int | str | None,
) -> None:
    """Set the caps that are named, and leave the others as they are."""
    named = {name: cap for name, cap in changed.items() if cap is not None}
    if not named:
        raise click.UsageError("Name at least one cap.")
    require_running(data_dir)
    account = require_acting(data_dir, database_url, acting, Permission.SET_TRADE_CAPS)
    path = _caps_path(player)
    wanted = request(data_dir, account, "GET", path) | {
        name: None if cap == _NO_CAP else cap for name, cap in named.items()
    }
    receipt = request(data_dir, account, "PUT", path, {"caps": wanted, "reason": reason})
    if as_json:
        click.echo(json.dumps(receipt))
    else:
        _print_caps(receipt["after"], as_json=False)


for _name in _CAPS:
    set_caps = click.option(
        f"--{_name.replace('_', '-')}", _name, type=_Cap(), help="A whole number from 0, or none."
    )(set_caps)


def _set_state(
    state: TradingState,
    scope: str,
    subject: str | None,
    reason: str,
    acting: str,
    data_dir: Path,
    database_url: str | None,
    as_json: bool,
) -> None:
    of_player = scope == TradingScope.PLAYER
    path = f"/trading-state{_subject_path(TradingScope(scope), subject)}"
    require_running(data_dir)
    account = require_acting(
        data_dir,
        database_url,
        acting,
        Permission.HALT_PLAYERS if of_player else Permission.HALT_MARKETS,
    )
    receipt = request(data_dir, account, "PUT", path, {"state": state.value, "reason": reason})
    if as_json:
        click.echo(json.dumps(receipt))
    else:
        what = " ".join(part for part in (scope, subject) if part)
        click.echo(f"{what}: {receipt['before']} -> {receipt['after']}")


def _subject_path(scope: TradingScope, subject: str | None) -> str:
    if (subject is None) != (scope is TradingScope.GAME):
        raise click.UsageError("Name a port or a player; the game has no name.")
    return "" if subject is None else f"/{scope.value}s/{id_or_name(subject)}"


def _caps_path(player: str | None) -> str:
    return "/trade-caps" if player is None else f"/trade-caps/players/{id_or_name(player)}"


def _print_caps(caps: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(caps))
        return
    for name in _CAPS:
        click.echo(f"{name:<24} {_NO_CAP if caps[name] is None else caps[name]}")
