"""A way to a server that breaks off in the middle of conversations."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class CuttingProxy:
    """Forwards connections; of the WebSockets the first `cuts` break off.

    By turns it is a request that is swallowed, and an answer: the server has done what it was
    asked for and nobody is told.
    """

    def __init__(self, port: int, cuts: int) -> None:
        self.url = ""
        self.cuts_left = cuts
        self._port = port
        self._numbers = itertools.count()

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._port)
        upstream_writer.write(head)
        is_cut = b"/ws/realtime" in head and self.cuts_left > 0
        number = next(self._numbers) if is_cut else 0
        self.cuts_left -= is_cut
        # After the upgrade and the first frame, some requests or answers pass.
        requests = 2 + number if is_cut and number % 2 else None
        answers = 3 + number if is_cut and not number % 2 else None
        loops = [
            asyncio.create_task(_pump(reader, upstream_writer, requests)),
            asyncio.create_task(_pump(upstream_reader, writer, answers)),
        ]
        await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        for side in (writer, upstream_writer):
            side.transport.abort()


@asynccontextmanager
async def cutting_proxy(port: int, cuts: int) -> AsyncIterator[CuttingProxy]:
    """Stand between clients and a server until the block ends."""
    proxy = CuttingProxy(port, cuts)
    listener = await asyncio.start_server(proxy.forward, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        listener.close()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chunks: int | None
) -> None:
    """Forward until the end, or swallow the chunk after so many."""
    passed = itertools.count()
    while chunk := await reader.read(65_536):
        if chunks is not None and next(passed) >= chunks:
            return
        writer.write(chunk)
        await writer.drain()
