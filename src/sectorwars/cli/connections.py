"""`sectorwars admin connections` and `disconnect`: the WebSockets of a running server."""

import json
from pathlib import Path
from typing import Any, Final

import click

from sectorwars.application.operators.permissions import Permission
from sectorwars.cli.acting import as_option, require_acting
from sectorwars.cli.database import data_dir_option, database_url_option
from sectorwars.cli.options import json_option
from sectorwars.cli.running_server import id_or_name, request, require_running

_PATH: Final = "/connections"
_NOBODY: Final = "nobody yet"


@click.command()
@click.argument("connection_id", required=False)
@click.option("--player", metavar="NAME", help="Only those of a player, by his name or id.")
@as_option
@data_dir_option
@database_url_option
@json_option
def connections(
    connection_id: str | None,
    player: str | None,
    acting: str,
    data_dir: Path,
    database_url: str | None,
    as_json: bool,
) -> None:
    """List the connections of the running server, or explain one, open or closed lately."""
    if connection_id is not None and player is not None:
        raise click.UsageError("Name a connection or a player.")
    named = connection_id or player
    path = _PATH if connection_id is None else f"{_PATH}/{id_or_name(connection_id)}"
    query = "" if player is None else f"?player={id_or_name(player)}"
    require_running(data_dir)
    account = require_acting(data_dir, database_url, acting, Permission.READ_CONNECTIONS)
    answer = request(data_dir, account, "GET", f"{path}{query}")
    if as_json:
        click.echo(json.dumps(answer))
    elif connection_id is None:
        _print_page(answer, named)
    else:
        _print_explanation(answer)


@click.command()
@click.argument("connection_id")
@click.option("--reason", required=True, help="Why, for the audit trail.")
@as_option
@data_dir_option
@database_url_option
@json_option
def disconnect(
    connection_id: str,
    reason: str,
    acting: str,
    data_dir: Path,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Close a connection; its client may come back at once."""
    path = f"{_PATH}/{id_or_name(connection_id)}/close"
    require_running(data_dir)
    account = require_acting(data_dir, database_url, acting, Permission.CLOSE_CONNECTIONS)
    answer = request(data_dir, account, "POST", path, {"reason": reason})
    click.echo(json.dumps(answer) if as_json else f"{answer['connection_id']}: closed")


def _print_page(page: dict[str, Any], player: str | None) -> None:
    whose = "" if player is None else f" of {player}"
    shown = page["connections"]
    gateways = ", ".join(page["gateways"])
    click.echo(f"gateway {gateways}: {page['open']} open, shown{whose}: {len(shown)}")
    if page["silent"]:
        click.echo(f"no answer from gateway {', '.join(page['silent'])}")
    for line in shown:
        click.echo(
            f"{line['connection_id']:<16} {line['dialect']:<10} {line['player_id'] or _NOBODY:<22}"
            f" {line['channels']:>3} channels  lag {line['lag_ms']} ms"
            f"  queued {line['queued_frames']}  refused {line['refused']}"
            f"  round trip {_milliseconds(line['round_trip_ms'])}"
        )
    if page["left_out"]:
        click.echo(f"and {page['left_out']} more; --player shows those of one")
    for line in page["closed"]:
        click.echo(f"{line['connection_id']:<16} {_ending(line)}")


def _print_explanation(whole: dict[str, Any]) -> None:
    line = whole["open"] or whole["closed"]
    rows = [
        ("connection", f"{line['connection_id']} at gateway {whole['gateway']}"),
        ("player", line["player_id"] or _NOBODY),
        ("session", whole["session"] or "none"),
        ("dialect", line["dialect"]),
        ("address", line["address"]),
        ("opened", line["opened_at"]),
        ("authenticated", whole["authenticated_at"] or "not yet"),
        ("messages received", whole["frames_received"]),
        ("frames left out", line["conflated"]),
    ]
    if whole["open"] is None:
        rows.append(("ended", _ending(line)))
    else:
        rows += [
            ("last frame", line["last_frame_at"]),
            ("waiting", f"{line['queued_frames']} frames, {line['queued_bytes']} bytes"),
            ("takes nothing for", f"{line['lag_ms']} ms"),
            ("round trip", _milliseconds(line["round_trip_ms"])),
        ]
    rows += [
        (
            channel["channel"],
            f"offset {channel['offset']} of {channel['epoch']}"
            + (", in deltas" if channel["deltas"] else ""),
        )
        for channel in whole["followed"]
    ]
    rows += [
        (f"resumed {channel['channel']}", f"{channel['outcome']}, {channel['missed']} missed")
        for channel in whole["recovery"] or ()
    ]
    rows += [(f"refused {code}", f"{times} times") for code, times in whole["refusals"].items()]
    rows += [
        (f"refused at {refused['at']}", f"{refused['code']} {refused['command_id'] or ''}".strip())
        for refused in whole["recent_refusals"]
    ]
    for name, value in rows:
        click.echo(f"{name:<28} {value}")


def _ending(line: dict[str, Any]) -> str:
    code = "no code" if line["code"] is None else str(line["code"])
    reason = f", {line['reason']}" if line["reason"] else ""
    return f"closed by the {line['closed_by']} at {line['closed_at']} ({code}{reason})"


def _milliseconds(value: float | None) -> str:
    return "not known" if value is None else f"{value} ms"
