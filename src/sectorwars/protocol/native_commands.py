"""Commands of the native dialect: which request means which, and how each is answered."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, assert_never

from sectorwars.domain.command import (
    CancelOrder,
    CancelOrders,
    Command,
    Execution,
    PlaceOrder,
    RequestQuote,
    SetDisconnectPause,
    SwitchAutomation,
    Trade,
)
from sectorwars.domain.ids import CommandId, OrderId, PortId, QuoteId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Refusal, RejectionCode, Retry
from sectorwars.protocol.codec import read_shape
from sectorwars.protocol.messages import (
    AutomationToggleData,
    CancelOrderData,
    CancelOrdersData,
    CommandData,
    ExecuteTradeData,
    PlaceOrderData,
    RequestQuoteData,
    SetDisconnectPauseData,
)

SessionCommand = (
    Trade
    | RequestQuote
    | PlaceOrder
    | CancelOrder
    | CancelOrders
    | SwitchAutomation
    | SetDisconnectPause
)
"""What a player may ask for over a native connection."""

_SHAPES: Final[Mapping[str, type[CommandData]]] = {
    "execute_trade": ExecuteTradeData,
    "request_quote": RequestQuoteData,
    "place_order": PlaceOrderData,
    "cancel_order": CancelOrderData,
    "cancel_orders": CancelOrdersData,
    "automation_toggle": AutomationToggleData,
    "set_disconnect_pause": SetDisconnectPauseData,
}
COMMAND_REQUESTS: Final = frozenset(_SHAPES)
"""The types of requests that are commands."""
_ANSWERS: Final[dict[type[Command], str]] = {
    Trade: "trade_executed",
    RequestQuote: "quote_issued",
    PlaceOrder: "order_placed",
    CancelOrder: "orders_cancelled",
    CancelOrders: "orders_cancelled",
    SwitchAutomation: "automation_update",
    SetDisconnectPause: "disconnect_pause_set",
}


class NamedCommand(NamedTuple):
    """A command and the id that its caller made for it."""

    command_id: CommandId
    command: SessionCommand


def read_command(kind: str, members: dict[str, Any]) -> NamedCommand | Refusal:
    """Read the data of a request whose type is one of COMMAND_REQUESTS."""
    data = read_shape(members, _SHAPES[kind])
    if isinstance(data, Refusal):
        return data
    command = _command(data)
    if isinstance(command, Refusal):
        return command
    return NamedCommand(CommandId(data.command_id), command)


def answer_type(command: Command) -> str:
    """Return the type of the frame that brings the receipt of an executed command."""
    return _ANSWERS[type(command)]


def _command(data: CommandData) -> SessionCommand | Refusal:
    match data:
        case ExecuteTradeData():
            return _trade(data)
        case RequestQuoteData():
            return RequestQuote(Side(data.side), data.commodity, data.quantity)
        case PlaceOrderData():
            return PlaceOrder(
                Side(data.side),
                data.commodity,
                data.quantity,
                data.limit_price,
                data.good_for_seconds,
                data.cancel_on_disconnect,
            )
        case CancelOrderData():
            return CancelOrder(OrderId(data.order_id))
        case CancelOrdersData():
            return CancelOrders(None if data.port_id is None else PortId(data.port_id))
        case AutomationToggleData():
            return SwitchAutomation(data.active)
        case SetDisconnectPauseData():
            return SetDisconnectPause(data.active)
        case _:
            assert_never(data)


def _trade(data: ExecuteTradeData) -> Trade | Refusal:
    side = Side(data.side)
    bound, foreign = (
        (data.max_price, data.min_price) if side is Side.BUY else (data.min_price, data.max_price)
    )
    if foreign is not None:
        return Refusal(
            RejectionCode.INVALID_PRICE_BOUND,
            Retry.NEVER,
            "max_price is for buying, min_price for selling.",
        )
    return Trade(
        side,
        data.commodity,
        data.quantity,
        bound,
        execution=Execution(data.fill),
        quote_id=None if data.quote_id is None else QuoteId(data.quote_id),
    )
