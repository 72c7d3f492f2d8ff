"""How a command ends when its environment is at fault: one plain sentence, exit code 2."""

import sys
from typing import NoReturn

import click


def fail(sentence: str) -> NoReturn:
    """Say what is wrong and exit with 2."""
    click.echo(f"sectorwars: {sentence}", err=True)
    sys.exit(2)
