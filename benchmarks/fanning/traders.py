"""Players who trade at a server until they are told to stop: traders.py PORT COUNT PER_SECOND.

Says `trading` when all are there, and at the end how many trades a second were made.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import sys
import time
from pathlib import Path

import uvloop

sys.path.insert(0, str(Path(__file__).parents[1]))

from trading.load import Trade
from trading.sockets import connect_traders


async def trade_for_ever(trade: Trade, interval: float, delay: float, made: list[int]) -> None:
    """Trade at a steady pace, or as fast as trades are answered where that is slower."""
    await asyncio.sleep(delay)
    while True:
        begun = time.monotonic()
        await trade()
        made[0] += 1
        await asyncio.sleep(interval - (time.monotonic() - begun))


async def run(port: int, count: int, per_second: float) -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    interval = count / per_second
    made = [0]
    async with connect_traders(port, count) as traders:
        print("trading", flush=True)
        begun = time.monotonic()
        tasks = [
            asyncio.create_task(trade_for_ever(trade, interval, interval * place / count, made))
            for place, trade in zip(itertools.count(), traders, strict=False)
        ]
        stopping = asyncio.create_task(stopped.wait())
        done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        print(made[0] / (time.monotonic() - begun), flush=True)
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    uvloop.run(run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
