"""Bodies of requests, and answers that only HTTP gives."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sectorwars.application.account import (
    EMAIL_LENGTH_MAX,
    USERNAME_LENGTH_MAX,
    USERNAME_LENGTH_MIN,
    USERNAME_PATTERN,
)
from sectorwars.application.password import PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN
from sectorwars.domain.command import PRICE_BOUND_MAX, QUANTITY_MAX
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.ids import COMMAND_ID_LENGTH_MAX
from sectorwars.protocol.shapes import MarketRealtime, ShipState

COMMAND_ID_PATTERN: Final = r"^[\x21-\x7e]+$"
_NAME_LENGTH_MAX: Final = 64
_TOKEN_LENGTH_MAX: Final = 128

_COMMODITY_NAMES: Final[dict[str, Any]] = {"enum": [good.value for good in COMMODITIES]}
# Told to the reader of the documentation; judged by the application, which words it better.
_USERNAME_RULE: Final[dict[str, Any]] = {
    "minLength": USERNAME_LENGTH_MIN,
    "maxLength": USERNAME_LENGTH_MAX,
    "pattern": USERNAME_PATTERN,
}
_PASSWORD_RULE: Final[dict[str, Any]] = {
    "minLength": PASSWORD_LENGTH_MIN,
    "maxLength": PASSWORD_LENGTH_MAX,
}
_EMAIL_RULE: Final[dict[str, Any]] = {"format": "email", "maxLength": EMAIL_LENGTH_MAX}

CommandIdText = Annotated[
    str, Field(min_length=1, max_length=COMMAND_ID_LENGTH_MAX, pattern=COMMAND_ID_PATTERN)
]
CommodityName = Annotated[
    str, Field(max_length=_NAME_LENGTH_MAX, json_schema_extra=_COMMODITY_NAMES)
]
Quantity = Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
PriceBound = Annotated[int, Field(ge=1, le=PRICE_BOUND_MAX)]


class _Body(BaseModel):
    """A request's body: exact types, and no member that nobody reads."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Registration(_Body):
    """Who wants to play."""

    username: Annotated[str, Field(json_schema_extra=_USERNAME_RULE)]
    password: Annotated[str, Field(json_schema_extra=_PASSWORD_RULE)]
    email: Annotated[str | None, Field(json_schema_extra=_EMAIL_RULE)] = None


class Credentials(_Body):
    """A name and its password."""

    username: str
    password: Annotated[str, Field(max_length=PASSWORD_LENGTH_MAX)]


class RefreshRequest(_Body):
    """The refresh token of the latest answer."""

    refresh_token: Annotated[str, Field(max_length=_TOKEN_LENGTH_MAX)]


class CommandRequest(_Body):
    """A command without members of its own; the id may come in `Idempotency-Key` instead."""

    command_id: CommandIdText | None = None


class DockRequest(CommandRequest):
    """Where to dock."""

    port_id: Annotated[str, Field(max_length=_NAME_LENGTH_MAX)]


class _Order(CommandRequest):
    commodity: CommodityName
    quantity: Quantity
    quote_id: Annotated[str | None, Field(max_length=_TOKEN_LENGTH_MAX)] = None


class BuyOrder(_Order):
    """What to buy; `max_price` is the most credits for each single unit."""

    max_price: PriceBound | None = None


class SellOrder(_Order):
    """What to sell; `min_price` is the least credits for each single unit."""

    min_price: PriceBound | None = None


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """The tokens of a signed-in player; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"]
    expires_in: int
    player_id: str
    username: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as its owner sees it."""

    player_id: str
    username: str
    email: str | None
    role: str
    created_at: str
    session_expires_at: str


@dataclass(frozen=True, slots=True)
class Fleet:
    """A player's ships."""

    ships: list[ShipState]


@dataclass(frozen=True, slots=True)
class MarketOverview:
    """The indices of all goods, of one moment."""

    goods: list[MarketRealtime]


@dataclass(frozen=True, slots=True)
class Health:
    """The server is alive."""

    status: Literal["ok"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """The server takes commands."""

    status: Literal["ready"]
