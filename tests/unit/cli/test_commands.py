"""The commands of the command line, as `sectorwars --help` lists them."""

from __future__ import annotations

import click
import pytest

from sectorwars import cli


@pytest.mark.parametrize("name", cli._COMMANDS)
def test_each_listed_command_is_there(name: str) -> None:
    group = cli._sectorwars

    command = group.get_command(click.Context(group), name)

    assert command is not None
    assert command.name == name
