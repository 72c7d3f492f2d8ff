"""Command ids whose beginning says who sent the command; nobody else may use it."""

from typing import Final

from sectorwars.domain.command import Origin
from sectorwars.domain.ids import CommandId

ARIA_PREFIX: Final = "aria-"
RULE_PREFIX: Final = "rule-"
_OWNERS: Final = {ARIA_PREFIX: Origin.ARIA, RULE_PREFIX: Origin.RULE}
_PREFIXES: Final = tuple(_OWNERS)


def is_reserved(command_id: CommandId, origin: Origin) -> bool:
    """Tell whether a command by that door must not have that id."""
    return command_id.startswith(_PREFIXES) and not any(
        command_id.startswith(prefix) and origin is owner for prefix, owner in _OWNERS.items()
    )
