"""`sectorwars serve`: run the server with its page."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from sectorwars.bootstrap import StartError, run
from sectorwars.cli.failure import fail
from sectorwars.settings import PREFIX, Settings, UnknownSettingError, check_names

_OPTIONS = (
    ("data_dir", "DIR", Path),
    ("host", "ADDRESS", str),
    ("port", "N", int),
    ("database_url", "URL", str),
    ("redis_url", "URL", str),
    ("role", "ROLE", str),
    ("gateways", "N", int),
    ("universe_seed", "N", int),
    ("universe_sectors", "N", int),
    ("universe_prehistory", "HOURS", int),
    ("time_scale", "N", int),
    ("log_level", "LEVEL", str),
    ("log_format", "FORMAT", str),
)


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    for name, metavar, kind in reversed(_OPTIONS):
        described = Settings.model_fields[name]
        command = click.option(
            f"--{name.replace('_', '-')}",
            name,
            metavar=metavar,
            type=kind,
            help=f"{described.description} [setting: {PREFIX}{name.upper()}, "
            f"default: {described.default}]",
        )(command)
    return command


@click.command()
@_with_options
def serve(**options: Any) -> None:
    """Run the server until it is told to stop (Ctrl-C or SIGTERM)."""
    try:
        check_names(os.environ)
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
    except UnknownSettingError as error:
        fail(str(error))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        fail(f"The setting {name} cannot be {first['input']!r}: {first['msg']}.")
    try:
        sys.exit(run(settings))
    except StartError as error:
        fail(str(error))
