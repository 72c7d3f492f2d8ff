"""The command line: `sectorwars COMMAND`.

Exit codes: 0 good, 1 a finding, 2 a fault of usage or environment. No traceback is shown for
what can be foreseen.
"""

import importlib
import sys
from typing import Final

import click

from sectorwars.version import VERSION

_COMMANDS: Final[dict[str, str]] = {
    "serve": "Run the server with its page.",
    "verify": "Prove that the log, the tables and the money agree.",
    "admin": "Manage staff, and act as an administrator.",
    "audit": "Search, export and prove the audit trail and the event log.",
    "migrate": "Bring the database to this release's schema.",
    "backup": "Copy a galaxy and its keys to a file.",
    "restore": "Bring a galaxy back from a backup.",
    "doctor": "Check this machine and the data directory.",
    "simulate": "Run the core against seeded faults and judge it.",
    "bots": "Let bots trade on a server.",
    "economy": "Report on the economy of a universe without players.",
    "forecasts": "Report on the forecasts of prices, or train their model.",
}
"""Each command is the function of that name in the module of that name, loaded when asked for."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"sectorwars.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="sectorwars")
def _sectorwars() -> None:
    """Sectorwars 2102, a real-time space-trading platform."""


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        _sectorwars.main(prog_name="sectorwars", standalone_mode=True)
    except KeyboardInterrupt:
        sys.exit(2)
