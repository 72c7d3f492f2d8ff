"""The Python client at a real server, by bad ways and over restarts."""

from __future__ import annotations

import asyncio
import re
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.sdk.cutting_proxy import cutting_proxy
from tests.integration.sdk.event_log import both_had, logged
from tests.integration.server.players import PASSWORD
from tests.integration.server.process import Server, run_command

from sectorwars.protocol.shapes.signal import PredictionSignal, Stateless
from sectorwars.protocol.shapes.trade import TradeReceipt
from sectorwars.sdk import (
    AccountChange,
    AutomationStepped,
    Client,
    ForecastsIssued,
    InvalidRequestError,
    MarketChange,
    OwnTrade,
    PortChange,
    RejectedError,
    Snapshot,
    UnreachableError,
)

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

DOCUMENT = Path(__file__).parents[3] / "docs" / "SDK.md"
TRADES = 40
AT_ONCE = 4
CUTS = 5


def newcomer(url: str, **options: Any) -> Client:
    return Client(url, f"s_{secrets.token_hex(8)}", PASSWORD, register=True, **options)


async def cheapest_good(client: Client) -> str:
    port_id = (await client.state()).docked_port_id
    assert port_id is not None
    goods = [good for good in (await client.market(port_id)).goods if good.sells and good.buys]
    return min(goods, key=lambda good: good.ask_price or 10**9).commodity


async def buy_one_by_one(client: Client, good: str) -> list[TradeReceipt]:
    """Buy with some commands under way at a time."""
    receipts: list[TradeReceipt] = []
    for _ in range(TRADES // AT_ONCE):
        receipts += await asyncio.gather(*(client.buy(good, 1) for _ in range(AT_ONCE)))
    return receipts


async def assert_done_once(client: Client, good: str, receipts: list[TradeReceipt]) -> None:
    assert len({receipt.trade.trade_id for receipt in receipts}) == len(receipts)
    assert (await client.state()).ship["cargo"] == {good: len(receipts)}


def assert_verified(server: Server) -> None:
    done = run_command("verify", "--data-dir", str(server.data_dir))
    assert done.returncode == 0, done.stdout


async def test_sockets_that_break_off_lose_no_trade_and_repeat_none(server: Server) -> None:
    async with cutting_proxy(server.port, cuts=CUTS) as proxy, newcomer(proxy.url) as client:
        await client.subscribe("account")
        good = await cheapest_good(client)
        receipts: list[TradeReceipt] = []
        while client.reconnects < CUTS:
            receipts += await asyncio.gather(*(client.buy(good, 1) for _ in range(AT_ONCE)))
        await assert_done_once(client, good, receipts)
        traded: list[str] = []
        async for event in client.events():
            # Nothing of the player's own was left out, whatever was cut.
            assert event.skipped == 0
            if isinstance(event, AccountChange) and event.update.trade is not None:
                traded.append(event.update.trade.trade_id)
            if len(traded) == len(receipts):
                break
        assert sorted(traded) == sorted(receipt.trade.trade_id for receipt in receipts)
    assert_verified(server)


async def test_signals_tell_each_trade_once_over_sockets_that_break_off(server: Server) -> None:
    async with cutting_proxy(server.port, cuts=CUTS) as proxy, newcomer(proxy.url) as client:
        await client.subscribe("signals", "account", "aria", "predictions")
        good = await cheapest_good(client)
        receipts: list[TradeReceipt] = []
        while client.reconnects < CUTS:
            receipts += await asyncio.gather(*(client.buy(good, 1) for _ in range(AT_ONCE)))
        await client.set_disconnect_pause(active=True, command_id="choice")
        told: dict[str, list[str]] = {"signals": [], "account": []}
        steps: list[str | None] = []
        begun: dict[str, object] = {}
        async for event in client.events():
            if isinstance(event, Snapshot):
                begun.setdefault(event.channel, type(event.state))
            elif event.channel == "signals":
                assert event.skipped == 0
            if isinstance(event, ForecastsIssued):
                # It takes the place of a snapshot that was not read yet.
                begun.setdefault(event.channel, type(event.signal))
            elif isinstance(event, OwnTrade):
                told["signals"].append(event.signal.trade.trade_id)
            elif isinstance(event, AccountChange) and event.update.trade is not None:
                told["account"].append(event.update.trade.trade_id)
            elif isinstance(event, AutomationStepped):
                steps.append(event.signal.command_id)
            if steps and len(told["account"]) == len(receipts):
                break
        traded = sorted(receipt.trade.trade_id for receipt in receipts)
        assert sorted(told["signals"]) == sorted(told["account"]) == traded
        assert steps == ["choice"]
        assert begun["signals"] is begun["aria"] is Stateless
        assert begun["predictions"] is PredictionSignal
    assert_verified(server)


async def buy_and_sell(client: Client, good: str) -> None:
    await client.buy(good, 1)
    await client.sell(good, 1)


def deltas_published(server: Server) -> float:
    [value] = re.findall(
        r"^sectorwars_websocket_deltas_published_total (\S+)",
        httpx.get(f"{server.url}/metrics").text,
        re.M,
    )
    return float(value)


async def test_deltas_give_the_same_events_by_bad_ways_and_over_a_restart(server: Server) -> None:
    before = deltas_published(server)
    async with (
        cutting_proxy(server.port, cuts=2) as proxy,
        newcomer(proxy.url) as client,
        newcomer(server.url, deltas=False) as plain,
    ):
        good = await cheapest_good(client)
        port_id = (await client.state()).docked_port_id
        async with logged(client, plain) as (by_deltas, in_whole):
            for each in (client, plain):
                await each.subscribe(f"market.{good}", f"port.{port_id}", "pulse")
            while client.reconnects < 2 or len(by_deltas.events) < 20:
                await buy_and_sell(client, good)
            assert deltas_published(server) > before
            server.kill()
            await asyncio.to_thread(server.start)
            # Counted from the start.
            while deltas_published(server) < 5:
                await buy_and_sell(client, good)
        assert client.delta_mismatches == 0
        assert len({epoch for _, epoch, _ in both_had(by_deltas, in_whole)}) >= 2
    assert_verified(server)


async def test_a_server_that_dies_and_comes_back_does_each_trade_once(server: Server) -> None:
    async with newcomer(server.url) as client:
        good = await cheapest_good(client)
        await client.subscribe("account", f"market.{good}")
        buying = asyncio.create_task(buy_one_by_one(client, good))
        async for event in client.events():
            if isinstance(event, AccountChange) and event.update.trade is not None:
                break
        server.kill()
        assert not buying.done()
        await asyncio.to_thread(server.start)
        await assert_done_once(client, good, await buying)
        assert client.reconnects >= 1
        async for event in client.events():
            if isinstance(event, MarketChange | Snapshot):
                break
    assert_verified(server)


async def test_tokens_are_renewed_in_band_without_losing_the_stream(server: Server) -> None:
    async with newcomer(server.url) as client:
        first = client.refresh_token
        await client.subscribe("market.ore")
        ticks = 0
        async for event in client.events():
            ticks += isinstance(event, MarketChange)
            # More than a token's life.
            if ticks == 12:
                break
        assert client.refresh_token != first
        await client.state()
        assert client.reconnects == 0
        left = client.refresh_token
        username = (await client.state()).username
    async with Client(server.url, username, "not his password", refresh_token=left) as again:
        assert (await again.state()).username == username


async def test_quotes_orders_books_and_fates(server: Server) -> None:
    async with newcomer(server.url) as client:
        good = await cheapest_good(client)
        quote = (await client.quote("buy", good, 2)).quote
        bought = await client.buy(good, 2, quote_id=quote.quote_id, command_id="mine")
        assert bought.trade.total_credits == quote.total_credits
        assert await client.buy(good, 2, quote_id=quote.quote_id, command_id="mine") == bought
        fate = await client.fate("mine")
        assert (fate.status, fate.receipt is not None) == ("executed", True)
        assert (await client.fate("other")).status == "never_seen"
        low = quote.total_credits // 2 - 2
        order = (await client.place_order("buy", good, 1, low)).order
        await client.subscribe(f"port.{quote.port_id}")
        async for event in client.events():
            if isinstance(event, Snapshot | PortChange):
                break
        book = await client.book(quote.port_id, good)
        assert [(level.price_credits, level.quantity) for level in book.buys] == [(low, 1)]
        [closed] = (await client.cancel_order(order.order_id)).closed
        assert closed.reason == "cancelled"
        assert (await client.open_orders()).items == []


async def test_the_choice_to_pause_rules_is_made_once_under_its_id(server: Server) -> None:
    async with newcomer(server.url) as client:
        first = await client.set_disconnect_pause(active=True, command_id="choice")
        assert first.active
        assert await client.set_disconnect_pause(active=True, command_id="choice") == first
        assert (await client.state()).trading_state.state == "active"


async def test_who_leaves_closes_as_if_all_were_well(server: Server) -> None:
    async with newcomer(server.url) as client:
        player_id = (await client.state()).player_id
    server.wait_for_log(f"player_id={player_id} refused=0 seconds=")
    [closing] = re.findall(rf"connection_closed .*{player_id}", server.log.read_text())
    assert "closed_by=client code=1000" in closing


async def test_refusals_are_typed(server: Server) -> None:
    async with newcomer(server.url) as client:
        good = await cheapest_good(client)
        with pytest.raises(RejectedError) as rejected:
            await client.sell(good, 1)
        assert (rejected.value.code, rejected.value.number) == ("insufficient_cargo", 503)
        with pytest.raises(InvalidRequestError, match=r"market\.nothing"):
            await client.subscribe("market.nothing")
        port_id = (await client.state()).docked_port_id
        assert port_id is not None
        with pytest.raises(RejectedError, match="already_docked"):
            await client.dock(port_id)


async def test_wrong_passwords_and_absent_servers_are_told_at_once(server: Server) -> None:
    with pytest.raises(InvalidRequestError, match="invalid_credentials"):
        async with Client(server.url, "nobody_at_all", "wrong password"):
            pass
    with pytest.raises(UnreachableError):
        async with Client("http://127.0.0.1:1", "nobody", "wrong password"):
            pass


async def test_the_documents_bot_trades(server: Server) -> None:
    [code] = re.findall(r"^    # bot\.py\n((?:    .*\n|\n)+)", DOCUMENT.read_text(), re.M)
    lines = [line.removeprefix("    ") for line in code.strip().splitlines()]
    assert len(lines) <= 20
    names: dict[str, Any] = {"__name__": "bot"}
    exec("\n".join(lines), names)  # noqa: S102 - the code that the document shows
    profit = await names["trade"](server.url, f"s_{secrets.token_hex(8)}", PASSWORD)
    assert isinstance(profit, int)
    assert profit < 0, "who buys and sells back loses"
