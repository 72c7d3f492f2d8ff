"""A player's client: everything a bot needs, typed."""

import asyncio
import random as system_random
import secrets
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

import msgspec

from sectorwars.clock import SystemClock
from sectorwars.domain.order import ORDER_LIFE_SECONDS_DEFAULT
from sectorwars.protocol.messages import ResumedCommand
from sectorwars.protocol.shapes.account import PlayerState
from sectorwars.protocol.shapes.advice import OptimizedRoute, Recommendations
from sectorwars.protocol.shapes.automation import DisconnectPauseReceipt
from sectorwars.protocol.shapes.galaxy import GalaxyMap
from sectorwars.protocol.shapes.journey import (
    AvailableMoves,
    DockReceipt,
    JourneyReceipt,
    UndockReceipt,
)
from sectorwars.protocol.shapes.market import MarketRealtime, PortMarket
from sectorwars.protocol.shapes.order import (
    CancelReceipt,
    OrderBookView,
    OrderHistory,
    OrderReceipt,
    QuoteReceipt,
)
from sectorwars.protocol.shapes.trade import Side, TradeReceipt
from sectorwars.sdk.backoff import Backoff
from sectorwars.sdk.connection import Connection
from sectorwars.sdk.errors import InvalidRequestError, UnavailableError, UnreachableError
from sectorwars.sdk.event import Event
from sectorwars.sdk.keyring import Keyring
from sectorwars.sdk.rest import Rest
from sectorwars.sdk.session import ClientSession
from sectorwars.sdk.sign_in import Credentials, SignIn

Shape = TypeVar("Shape")

_ID_BYTES: Final = 16


class Client:
    """A signed-in player. Use it as `async with Client(...) as client`.

    What asks the server for something waits until the server has decided, over lost connections
    and restarts; bound it with `asyncio.timeout`. A command whose wait was cut short may be
    executed: `fate` tells. Trades, quotes and orders take a `command_id`, or make their own.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        register: bool = False,
        refresh_token: str | None = None,
        service_key: bytes | None = None,
        deltas: bool = True,
        random: Callable[[], float] = system_random.random,
    ) -> None:
        """Play as `username` on the server at `url`, such as `http://127.0.0.1:8000`.

        Args:
            url: where the server is; a session key is given over https or loopback only.
            username: the player's name.
            password: his password.
            register: whether to open the account where it does not exist.
            refresh_token: what an earlier client left, so that its sign-in goes on.
            service_key: the galaxy's, where its operator has given it: many may then sign in from
                one address. It is not sent; a proof is that it is known.
            deltas: whether prices, ports and the pulse may come as what has changed, in half of the
                bytes; the events are the same.
            random: numbers in [0, 1), for the waits between attempts.

        Raises:
            ValueError: the URL names no server.
        """
        self._clock = SystemClock()
        self._random = random
        self._register = register
        self._rest = Rest(url)
        self._sign_in = SignIn(
            self._rest, Credentials(username, password, service_key), self._clock, refresh_token
        )
        self._keyring = Keyring()
        self._session = ClientSession(f"sdk-{_new_id()}", self._keyring, random, deltas=deltas)
        self._connection: Connection | None = None

    async def __aenter__(self) -> Self:
        """Sign in and connect.

        Raises:
            UnreachableError: the server does not answer.
            RefusedError: it does not let the player in.
        """
        if self._register:
            await self._sign_in.register()
        self._connection = Connection(
            self._rest, self._sign_in, self._session, self._clock, self._random
        )
        await self._connection.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Disconnect."""
        await self._connected().close()

    @property
    def refresh_token(self) -> str | None:
        """Return what continues this sign-in later, for one use; None where nothing does."""
        return self._sign_in.refresh_token

    @property
    def reconnects(self) -> int:
        """Return how often the connection was made anew."""
        return self._connected().reconnects

    @property
    def delta_mismatches(self) -> int:
        """Return how many deltas did not fit, so that their channels had to be read anew."""
        return self._session.delta_mismatches

    @property
    def is_stale(self) -> bool:
        """Tell whether prices may be old: nobody is connected, or the server hears no engine."""
        return self._session.is_stale or not self._session.is_admitted

    def events(self) -> AsyncIterator[Event]:
        """Give the events of all subscribed channels, as they come.

        Raises:
            ClientError: the connection has ended for good.
        """
        return self._connected().events()

    async def subscribe(self, *channels: str) -> None:
        """Subscribe to channels, such as `market.ore` or `account`: all of them, or none.

        Each begins with a `Snapshot` among the events, or with a newer state where that came before
        it was read; it is kept over lost connections.

        Raises:
            RefusedError: there is no such channel, or they are too many.
        """
        data = self._session.subscription(channels)
        await self._connected().ask(_new_id(), "subscribe", data)

    async def unsubscribe(self, *channels: str) -> None:
        """Let go of channels."""
        self._session.forgo(channels)
        await self._connected().ask(_new_id(), "unsubscribe", {"channels": list(channels)})

    async def buy(
        self,
        commodity: str,
        quantity: int,
        *,
        max_price: int | None = None,
        fill: Literal["all", "partial"] = "all",
        quote_id: str | None = None,
        command_id: str | None = None,
    ) -> TradeReceipt:
        """Buy where the ship is docked, at most `max_price` credits for each single unit.

        Raises:
            RefusedError: the trade was refused; its `code` says why.
        """
        data = {"side": "buy", "max_price": max_price, "fill": fill, "quote_id": quote_id}
        return await self._trade(commodity, quantity, data, command_id)

    async def sell(
        self,
        commodity: str,
        quantity: int,
        *,
        min_price: int | None = None,
        fill: Literal["all", "partial"] = "all",
        quote_id: str | None = None,
        command_id: str | None = None,
    ) -> TradeReceipt:
        """Sell where the ship is docked, at least `min_price` credits for each single unit.

        Raises:
            RefusedError: the trade was refused; its `code` says why.
        """
        data = {"side": "sell", "min_price": min_price, "fill": fill, "quote_id": quote_id}
        return await self._trade(commodity, quantity, data, command_id)

    async def quote(
        self, side: Side, commodity: str, quantity: int, *, command_id: str | None = None
    ) -> QuoteReceipt:
        """Ask the port for exact prices, kept for some seconds; its signature is checked.

        Raises:
            RefusedError: no quote was given.
            ForgedFrameError: the quote does not bear the server's signature.
        """
        data = {"side": side, "commodity": commodity, "quantity": quantity}
        receipt = await self._command("request_quote", data, command_id, QuoteReceipt)
        self._keyring.check_over(receipt.quote, receipt.kid, receipt.signature)
        return receipt

    async def place_order(
        self,
        side: Side,
        commodity: str,
        quantity: int,
        limit_price: int,
        *,
        good_for_seconds: int = ORDER_LIFE_SECONDS_DEFAULT,
        cancel_on_disconnect: bool = False,
        command_id: str | None = None,
    ) -> OrderReceipt:
        """Rest a limit order at the port where the ship is docked.

        Raises:
            RefusedError: the order was refused.
        """
        data = {
            "side": side,
            "commodity": commodity,
            "quantity": quantity,
            "limit_price": limit_price,
            "good_for_seconds": good_for_seconds,
            "cancel_on_disconnect": cancel_on_disconnect,
        }
        return await self._command("place_order", data, command_id, OrderReceipt)

    async def cancel_order(self, order_id: str, *, command_id: str | None = None) -> CancelReceipt:
        """Cancel an open order of the player.

        Raises:
            RefusedError: there is no such open order.
        """
        return await self._command(
            "cancel_order", {"order_id": order_id}, command_id, CancelReceipt
        )

    async def cancel_orders(
        self, port_id: str | None = None, *, command_id: str | None = None
    ) -> CancelReceipt:
        """Cancel all open orders of the player, or those at a port.

        Raises:
            RefusedError: there are none.
        """
        return await self._command("cancel_orders", {"port_id": port_id}, command_id, CancelReceipt)

    async def set_disconnect_pause(
        self, active: bool, *, command_id: str | None = None
    ) -> DisconnectPauseReceipt:
        """Choose whether automation pauses once the player's last connection is gone."""
        return await self._command(
            "set_disconnect_pause", {"active": active}, command_id, DisconnectPauseReceipt
        )

    async def fate(self, command_id: str) -> ResumedCommand:
        """Tell what became of a command."""
        data = await self._connected().ask(_new_id(), "get_command", {"command_id": command_id})
        return msgspec.convert(data, ResumedCommand)

    async def undock(self) -> UndockReceipt:
        """Leave the port."""
        return await self._perform("/trading/undock", {}, UndockReceipt)

    async def move(self, sector_id: str) -> JourneyReceipt:
        """Warp to a neighbouring sector; the ship arrives by itself.

        Raises:
            RefusedError: the ship cannot go there now.
        """
        return await self._perform(f"/player/move/{sector_id}", {}, JourneyReceipt)

    async def dock(self, port_id: str) -> DockReceipt:
        """Dock at a port of the ship's sector.

        Raises:
            RefusedError: the ship cannot dock there now.
        """
        return await self._perform("/trading/dock", {"port_id": port_id}, DockReceipt)

    async def state(self) -> PlayerState:
        """Return credits, turns, place, ship and cargo."""
        return await self._get("/player/state", PlayerState)

    async def available_moves(self) -> AvailableMoves:
        """Return the warps from the ship's sector."""
        return await self._get("/player/available-moves", AvailableMoves)

    async def galaxy_map(self) -> GalaxyMap:
        """Return every sector with its ports and warps."""
        return await self._get("/galaxy/map", GalaxyMap)

    async def market(self, port_id: str) -> PortMarket:
        """Return a port's goods and prices."""
        return await self._get(f"/trading/market/{port_id}", PortMarket)

    async def market_index(self, commodity: str) -> MarketRealtime:
        """Return the index of a good over all ports."""
        return await self._get(f"/market/realtime/{commodity}", MarketRealtime)

    async def book(self, port_id: str, commodity: str) -> OrderBookView:
        """Return the acting orders for a good at a port."""
        return await self._get(f"/trading/orderbook/{port_id}/{commodity}", OrderBookView)

    async def open_orders(self) -> OrderHistory:
        """Return the player's open orders, a page of the newest."""
        return await self._get("/trading/orders?status=open&limit=200", OrderHistory)

    async def recommendations(self) -> Recommendations:
        """Return what pays from where the player is."""
        return await self._get("/ai/recommendations", Recommendations)

    async def way(self, sector_id: str) -> OptimizedRoute:
        """Return the way to a sector with the fewest warps."""
        return await self._get(f"/ai/optimize-route?to_sector_id={sector_id}", OptimizedRoute)

    async def route(self, stops: int) -> OptimizedRoute:
        """Return the best round of at most `stops` trades that follow one another."""
        return await self._get(f"/ai/optimize-route?stops={stops}", OptimizedRoute)

    async def _trade(
        self, commodity: str, quantity: int, data: dict[str, Any], command_id: str | None
    ) -> TradeReceipt:
        members = {"commodity": commodity, "quantity": quantity, **data}
        return await self._command("execute_trade", members, command_id, TradeReceipt)

    async def _command(
        self, kind: str, data: dict[str, Any], command_id: str | None, shape: type[Shape]
    ) -> Shape:
        named = command_id or _new_id()
        members = {name: value for name, value in data.items() if value is not None}
        answer = await self._connected().ask(named, kind, {"command_id": named, **members})
        return msgspec.convert(answer, shape)

    async def _perform(self, path: str, body: dict[str, Any], shape: type[Shape]) -> Shape:
        named = {**body, "command_id": _new_id()}
        return msgspec.convert(await self._insist("POST", path, named), shape)

    async def _get(self, path: str, shape: type[Shape]) -> Shape:
        return msgspec.convert(await self._insist("GET", path, None), shape)

    async def _insist(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        """Ask until there is an answer; a command keeps its id, so it is done once."""
        backoff = Backoff(self._random)
        while True:
            retry_after_ms: int | None = None
            try:
                return await self._rest.call(method, path, body, await self._sign_in.token())
            except UnreachableError:
                pass
            except UnavailableError as error:
                retry_after_ms = error.retry_after_ms
            except InvalidRequestError as error:
                if error.code != "token_expired":
                    raise
                self._sign_in.expire()
            await asyncio.sleep(backoff.next_seconds(retry_after_ms))

    def _connected(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("a client is used inside `async with`")
        return self._connection


def _new_id() -> str:
    return secrets.token_hex(_ID_BYTES)
