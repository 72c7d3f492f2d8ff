"""Every request that is a command means just what it says, or is refused."""

from typing import Any

import pytest

from sectorwars.domain.command import (
    CancelOrder,
    CancelOrders,
    Execution,
    PlaceOrder,
    RequestQuote,
    SetDisconnectPause,
    SwitchAutomation,
    Trade,
)
from sectorwars.domain.ids import OrderId, PortId, QuoteId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.native_commands import COMMAND_REQUESTS, answer_type, read_command

ORE = {"command_id": "c-1", "side": "buy", "commodity": "ore", "quantity": 5}

MEANINGS: list[tuple[str, dict[str, Any], Any, str]] = [
    (
        "execute_trade",
        {**ORE, "max_price": 70, "fill": "partial", "quote_id": "q-1"},
        Trade(Side.BUY, "ore", 5, 70, execution=Execution.PARTIAL, quote_id=QuoteId("q-1")),
        "trade_executed",
    ),
    (
        "execute_trade",
        {**ORE, "side": "sell", "min_price": 9},
        Trade(Side.SELL, "ore", 5, 9),
        "trade_executed",
    ),
    ("request_quote", ORE, RequestQuote(Side.BUY, "ore", 5), "quote_issued"),
    (
        "place_order",
        {**ORE, "limit_price": 60},
        PlaceOrder(Side.BUY, "ore", 5, 60, 86_400),
        "order_placed",
    ),
    (
        "place_order",
        {**ORE, "limit_price": 60, "good_for_seconds": 9, "cancel_on_disconnect": True},
        PlaceOrder(Side.BUY, "ore", 5, 60, 9, cancel_on_disconnect=True),
        "order_placed",
    ),
    (
        "cancel_order",
        {"command_id": "c-1", "order_id": "o-1"},
        CancelOrder(OrderId("o-1")),
        "orders_cancelled",
    ),
    ("cancel_orders", {"command_id": "c-1"}, CancelOrders(), "orders_cancelled"),
    (
        "cancel_orders",
        {"command_id": "c-1", "port_id": "p0001"},
        CancelOrders(PortId("p0001")),
        "orders_cancelled",
    ),
    (
        "automation_toggle",
        {"command_id": "c-1", "active": False},
        SwitchAutomation(active=False),
        "automation_update",
    ),
    (
        "set_disconnect_pause",
        {"command_id": "c-1", "active": True},
        SetDisconnectPause(active=True),
        "disconnect_pause_set",
    ),
]


@pytest.mark.parametrize(("kind", "data", "command", "answer"), MEANINGS)
def test_a_request_means_a_command(
    kind: str, data: dict[str, Any], command: Any, answer: str
) -> None:
    assert read_command(kind, data) == ("c-1", command)
    assert answer_type(command) == answer


def test_every_kind_of_command_is_tried_here() -> None:
    assert {kind for kind, *_ in MEANINGS} == COMMAND_REQUESTS


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("execute_trade", {"min_price": 5}, "invalid_price_bound"),
        ("execute_trade", {"side": "sell", "max_price": 5}, "invalid_price_bound"),
        ("execute_trade", {"fill": "some"}, "invalid_request"),
        ("execute_trade", {"quote_id": 7}, "invalid_request"),
        ("request_quote", {"side": "hold"}, "invalid_request"),
        ("request_quote", {"quantity": 2**53}, "invalid_quantity"),
        ("request_quote", {"quantity": 1.5}, "invalid_quantity"),
        ("request_quote", {"quantity": "5"}, "invalid_quantity"),
        ("request_quote", {"commodity": "o" * 65}, "invalid_request"),
        ("request_quote", {"command_id": "c 1"}, "invalid_request"),
        ("place_order", {}, "invalid_price_bound"),
        ("place_order", {"limit_price": -(2**53)}, "invalid_price_bound"),
        ("place_order", {"limit_price": True}, "invalid_price_bound"),
        ("place_order", {"limit_price": 60, "good_for_seconds": 1.5}, "invalid_order_life"),
        ("place_order", {"limit_price": 60, "cancel_on_disconnect": 1}, "invalid_request"),
        ("cancel_order", {}, "invalid_request"),
        ("cancel_order", {"order_id": ""}, "invalid_request"),
        ("cancel_orders", {"port_id": 5}, "invalid_request"),
        ("cancel_orders", {"port_id": "p" * 65}, "invalid_request"),
    ],
)
def test_a_request_with_a_wrong_member_is_refused(
    kind: str, change: dict[str, Any], code: str
) -> None:
    refusal = read_command(kind, {**ORE, **change})
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert refusal.detail
