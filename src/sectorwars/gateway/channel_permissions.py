"""Who may listen to which channels, by role. What is not listed is denied."""

from collections.abc import Mapping
from typing import Final

from sectorwars.application.account import AccountRole
from sectorwars.protocol.publication import (
    ACCOUNT_CHANNEL,
    ARIA_CHANNEL,
    PREDICTIONS_CHANNEL,
    PULSE_CHANNEL,
    SIGNALS_CHANNEL,
    TRADES_CHANNEL,
    is_channel_name,
)

_EVERYBODY: Final = frozenset(AccountRole)

Listeners = Mapping[str, frozenset[AccountRole]]
"""The roles that may listen, by the kind of channel."""

LISTENERS: Final[Listeners] = {
    "market": _EVERYBODY,
    "port": _EVERYBODY,
    PULSE_CHANNEL: _EVERYBODY,
    TRADES_CHANNEL: _EVERYBODY,
    PREDICTIONS_CHANNEL: _EVERYBODY,
    ACCOUNT_CHANNEL: _EVERYBODY,
    SIGNALS_CHANNEL: _EVERYBODY,
    ARIA_CHANNEL: _EVERYBODY,
}
"""The only table of them. A private channel is its player's alone, whatever his role."""


def may_listen(role: AccountRole, name: str, listeners: Listeners) -> bool:
    """Tell whether who has a role may listen to the channel that he calls by `name`."""
    kind = name.partition(".")[0]
    return is_channel_name(name) and role in listeners.get(kind, frozenset())
