"""A process or Redis goes away under load: others go on, nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from tests.integration.roles.doors import Doors, shows_a_trade, signals_until, until
from tests.integration.roles.installation import Installation, installed
from tests.integration.sdk.event_log import both_had, logged
from tests.integration.sdk.test_client import newcomer
from tests.integration.server.load import Trader, judge
from tests.integration.server.players import NativePlayer, RestPlayer
from tests.integration.server.process import run_command
from tests.redis_server import RedisServer

from sectorwars.protocol.close_codes import CloseCode

pytestmark = [pytest.mark.redis, pytest.mark.timeout(300)]

TRADERS = 4
TAKEOVER_SECONDS_MAX = 10.0
REDIS_PAUSE_SECONDS = 4.0


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="module")
def place(module_database_url: str, redis_server: RedisServer) -> Iterator[Installation]:
    with installed(module_database_url, redis_server.url) as place:
        yield place


@pytest.fixture
async def doors(place: Installation) -> AsyncIterator[Doors]:
    async with Doors.of(place) as doors:
        yield doors


class Roamer(Trader):
    """A trader who goes to another gateway when his own does not answer."""

    def __init__(self, doors: tuple[RestPlayer, RestPlayer], commodity: str) -> None:
        super().__init__(doors[0], commodity)
        self._doors = doors
        self.confirmed_at: list[float] = []
        self.refused_for: set[str] = set()

    async def trade(self, command_id: str, side: str) -> httpx.Response:
        """Send an order until it is decided."""
        while True:
            try:
                answer = await super().trade(command_id, side)
            except httpx.TransportError:
                here, there = self._doors
                self.player = there if self.player is here else here
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 200:
                return answer
            problem = answer.json()
            assert problem["retry"] in {"later", "same_id"}, problem
            self.refused_for.add(problem["code"])
            await asyncio.sleep(0.05)

    async def trade_until(self, enough: asyncio.Event) -> None:
        """Buy and sell in turn until it is enough."""
        serial = 0
        while not enough.is_set():
            command_id = f"roam-{serial}"
            answer = await self.trade(command_id, "sell" if serial % 2 else "buy")
            self.confirmed[command_id] = answer.content
            self.confirmed_at.append(time.monotonic())
            serial += 1

    def pause_after(self, moment: float) -> float:
        """Return how long after a moment the next order was confirmed."""
        return next(at for at in self.confirmed_at if at > moment) - moment


@asynccontextmanager
async def traders_at_work(doors: Doors) -> AsyncIterator[list[Roamer]]:
    """Traders of both gateways, who trade all the time; in the end their books are judged."""
    enough = asyncio.Event()
    traders = []
    for number in range(TRADERS):
        here, there = await doors.newcomer()
        at = (here, there) if number % 2 else (there, here)
        traders.append(Roamer(at, await here.cheapest_good()))

    async def all_have_traded(count: int) -> bool:
        return all(len(trader.confirmed_at) >= count for trader in traders)

    async with asyncio.TaskGroup() as working:
        for trader in traders:
            working.create_task(trader.trade_until(enough))
        await until(lambda: all_have_traded(3))
        yield traders
        done = [len(trader.confirmed_at) for trader in traders]
        await until(lambda: all_have_traded(max(done) + 3))
        enough.set()
    await judge(list(traders))


async def listening(doors: Doors, gateway: int, player: RestPlayer) -> tuple[Any, Any]:
    """Connect to a gateway and subscribe to the account; return the socket and the position."""
    socket = await doors.socket(gateway)
    native = await NativePlayer.authenticate(socket, player.token)
    subscribed = await native.ask("subscribe", {"channels": ["account"]})
    (at,) = subscribed["data"]["channels"]
    return socket, {name: at[name] for name in ("channel", "epoch", "offset")}


async def test_a_killed_gateway_s_players_go_on_at_the_other(
    place: Installation, doors: Doors
) -> None:
    here, there = await doors.newcomer()
    good = await here.cheapest_good()
    socket, position = await listening(doors, 0, here)
    async with traders_at_work(doors):
        bought = await there.perform("/trading/buy", {"commodity": good, "quantity": 1})
        place.gateways[0].kill()
        await socket.wait_closed()
        async with doors.socket(1) as socket:
            player = NativePlayer(socket)
            data = {"token": there.token, "positions": [position], "commands": []}
            await player.send("resume", data)
            resumed = await player.receive_type("resumed")
            assert [at["outcome"] for at in resumed["data"]["channels"]] == ["replay"]
            signals = await signals_until(player, shows_a_trade)
        assert signals[-1]["data"]["trade"] == bought["trade"]
        offsets = [signal["offset"] for signal in signals]
        assert offsets == list(range(position["offset"] + 1, offsets[-1] + 1))
    place.gateways[0].begin()
    await asyncio.to_thread(place.until_ready, place.gateways[0])


async def test_a_gateway_that_stops_takes_leave_of_its_players_one_after_the_other(
    place: Installation, doors: Doors
) -> None:
    here, _ = await doors.newcomer()
    sockets = [(await listening(doors, 0, here))[0] for _ in range(4)]
    code = await asyncio.to_thread(place.gateways[0].stop)
    assert code == 0
    hints = []
    for socket in sockets:
        await socket.wait_closed()
        assert socket.close_code == CloseCode.SERVICE_RESTART
        hints.append(int(socket.close_reason.split("reconnect in ")[1].removesuffix(" ms")))
    assert sorted(hints) == [0, 1_250, 2_500, 3_750]
    place.gateways[0].begin()
    await asyncio.to_thread(place.until_ready, place.gateways[0])


async def test_a_waiting_engine_takes_over_from_a_killed_one(
    place: Installation, doors: Doors
) -> None:
    second = await asyncio.to_thread(place.waiting_engine)
    async with httpx.AsyncClient() as http:
        assert (await http.get(f"{second.url}/readyz")).status_code == 503
    here, _ = await doors.newcomer()
    socket, _ = await listening(doors, 0, here)
    async with traders_at_work(doors) as traders:
        killed_at = time.monotonic()
        place.engine.kill()
        place.engine = second
        await asyncio.to_thread(place.until_ready, second)
        assert await longest_pause(traders, killed_at) < TAKEOVER_SECONDS_MAX
    assert "standby_takes_over" in second.log.read_text()
    proven = await asyncio.to_thread(run_command, "verify", *place.database)
    assert proven.returncode == 0, proven.stdout
    # Another engine begins new epochs, so readers have missed they do not know what.
    await socket.wait_closed()
    assert socket.close_code == CloseCode.STREAM_INTERRUPTED
    # A third server that needs no gateways may not write beside it.
    options = place.options_of_a_server_by_itself()
    refused = await asyncio.to_thread(run_command, "serve", *options)
    assert refused.returncode == 2
    assert "Another server" in refused.stderr
    assert second.is_ready()


async def test_an_engine_that_stops_hands_over_to_one_that_waits(
    place: Installation, doors: Doors
) -> None:
    second, third = [await asyncio.to_thread(place.waiting_engine) for _ in range(2)]
    # One that waits has nothing to finish.
    assert await asyncio.to_thread(third.stop) == 0
    async with (
        newcomer(place.gateways[0].url) as near,
        newcomer(place.gateways[1].url, deltas=False) as far,
        logged(near, far) as (by_deltas, in_whole),
    ):
        for client in (near, far):
            await client.subscribe("market.ore", "market.energy")

        async def have_both_had(epochs: int) -> bool:
            return len({epoch for _, epoch, _ in both_had(by_deltas, in_whole)}) == epochs

        # Of each engine two channels, each in an epoch of its own.
        await until(lambda: have_both_had(2))
        async with traders_at_work(doors) as traders:
            stopped_at = time.monotonic()
            assert await asyncio.to_thread(place.engine.stop) == 0
            place.engine = second
            await asyncio.to_thread(place.until_ready, second)
            assert await longest_pause(traders, stopped_at) < TAKEOVER_SECONDS_MAX

        await until(lambda: have_both_had(4))
        assert near.delta_mismatches == 0


async def longest_pause(traders: list[Roamer], moment: float) -> float:
    """Return how long after a moment the last of the traders had an order confirmed again."""
    later = moment + 0.2  # what was on its way at that moment shows nothing

    async def all_go_on() -> bool:
        return all(trader.confirmed_at[-1] > later for trader in traders)

    await until(all_go_on)
    return max(trader.pause_after(later) for trader in traders)


async def test_redis_that_is_silent_for_a_while_delays_and_loses_nothing(
    place: Installation, doors: Doors, redis_server: RedisServer
) -> None:
    async with traders_at_work(doors):
        with redis_server.paused():
            await asyncio.sleep(REDIS_PAUSE_SECONDS)
        await asyncio.to_thread(place.until_ready, *place.gateways)


async def test_redis_that_starts_again_without_its_data_loses_nothing(
    place: Installation, doors: Doors, redis_server: RedisServer
) -> None:
    here, _ = await doors.newcomer()
    async with traders_at_work(doors) as traders:
        await asyncio.to_thread(redis_server.kill)
        await until(lambda: not_ready(doors))
        refused = await here.post("/trading/buy", {"commodity": "ore", "quantity": 1})
        assert (refused.status_code, refused.json()["code"]) == (503, "engine_unavailable")
        assert refused.json()["retry"] == "later"
        # What is known is still shown.
        assert (await here.state())["credits"] == 50_000
        await asyncio.to_thread(redis_server.start)
        await asyncio.to_thread(place.until_ready, *place.gateways)
    assert all(
        trader.refused_for <= {"engine_unavailable", "outcome_unknown"} for trader in traders
    )


async def not_ready(doors: Doors) -> bool:
    answers = [await http.get("/readyz") for http in doors.http]
    return all(answer.status_code == 503 for answer in answers)
