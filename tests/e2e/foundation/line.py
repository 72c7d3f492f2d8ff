"""The line between a page and its server: it can be cut, be down, or swallow what is sent.

It also serves the client's page, so that page and server have one origin as in production.
"""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

PAGE_PATH = "/foundation-client/"
_PAGE = Path(__file__).parent / "page"
_HEAD_END = b"\r\n\r\n"
_CHUNK_BYTES = 65_536


class Line:
    """A TCP proxy in front of a server, on a port of its own."""

    def __init__(self, upstream_port: int) -> None:
        self._upstream_port = upstream_port
        self._writers: set[asyncio.StreamWriter] = set()
        self._upward = asyncio.Event()
        self._upward.set()
        self._down = False
        self._listener: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        """Listen."""
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """End everything."""
        self._upward.set()
        self.cut()
        if self._listener is not None:
            self._listener.close()
            await self._listener.wait_closed()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Reset every connection, as when a router forgets them."""
        for writer in list(self._writers):
            writer.transport.abort()

    def down(self) -> None:
        """Reset every connection, and each new one at once, until `up`."""
        self._down = True
        self.cut()

    def up(self) -> None:
        """Let new connections through again."""
        self._down = False

    def hold(self) -> None:
        """Let nothing more reach the server, while it still reaches the page, until `release`."""
        self._upward.clear()

    def release(self) -> None:
        """Let what was held back go on."""
        self._upward.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._down:
            writer.transport.abort()
            return
        self._writers.add(writer)
        try:
            # Whatever is reset under way is what the test wants to be reset.
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                head = await reader.readuntil(_HEAD_END)
                path = urlsplit(head.split(b" ", 2)[1].decode()).path
                if path.startswith(PAGE_PATH):
                    await _send_file(writer, path.removeprefix(PAGE_PATH) or "index.html")
                else:
                    await self._splice(_one_request(head), reader, writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _splice(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        self._writers.add(up_writer)
        try:
            up_writer.write(head)
            downward = asyncio.create_task(_pump(up_reader, writer))
            upward = asyncio.create_task(_pump(reader, up_writer, self._upward))
            _, rest = await asyncio.wait({downward, upward}, return_when=asyncio.FIRST_COMPLETED)
            for task in rest:
                task.cancel()
            await asyncio.gather(downward, upward, return_exceptions=True)
        finally:
            self._writers.discard(up_writer)
            up_writer.close()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event | None = None
) -> None:
    while chunk := await reader.read(_CHUNK_BYTES):
        if gate is not None:
            await gate.wait()
        writer.write(chunk)
        await writer.drain()


def _one_request(head: bytes) -> bytes:
    """Ask the server to close after its answer, as the next request may be for the page."""
    if b"\r\nupgrade:" in head.lower():
        return head
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([lines[0], b"Connection: close", *lines[1:]])


async def _send_file(writer: asyncio.StreamWriter, name: str) -> None:
    body = (_PAGE / name).read_bytes()
    kind = mimetypes.guess_type(name)[0]
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)
    await writer.drain()
