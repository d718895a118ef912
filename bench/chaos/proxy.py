"""A TCP proxy of our own: one line per phone (or per hall) that can be cut, stalled or left half-open."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time

CHUNK = 65536


class Line:
    """What lies between a phone and the servers. Each connection goes to one of them, as a balancer would send it.

    cut: connections break and none is accepted. stall: bytes wait and go on when the network is back. dead: bytes are
    swallowed; connections of that time stay silent for ever, new ones work once the line is up again (half-open).
    """

    def __init__(self, rng: random.Random, ports: list[int]) -> None:
        self.port = 0
        self.state = "up"
        self.back_at = time.monotonic()
        self._rng = rng
        self._ports = ports
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._silenced: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> Line:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=2048)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def cut(self) -> None:
        self.state = "cut"
        for writer in list(self._open):
            writer.transport.abort()

    def stall(self) -> None:
        self.state = "stall"
        self._flowing.clear()

    def die(self) -> None:
        self.state = "dead"
        self._silenced |= self._open

    def restore(self) -> None:
        self.state = "up"
        self.back_at = time.monotonic()
        self._flowing.set()

    async def stop(self) -> None:
        """Nothing may go on behind the run."""
        if self._server is not None:
            self._server.close()
        self.state = "cut"
        self._flowing.set()
        self._silenced.clear()
        for writer in list(self._open):
            writer.transport.abort()
        while self._open:  # noqa: ASYNC110  (a moment, at the end)
            await asyncio.sleep(0.05)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.state == "cut":
            writer.transport.abort()
            return
        self._open.add(writer)
        if self.state == "dead":
            self._silenced.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._rng.choice(self._ports))
        except OSError:
            writer.transport.abort()
            self._open.discard(writer)
            return
        pumps = [
            asyncio.create_task(self._pump(reader, far_writer, writer)),
            asyncio.create_task(self._pump(far_reader, writer, writer)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        while writer in self._silenced and not (reader.at_eof() or writer.transport.is_closing()):  # noqa: ASYNC110
            await asyncio.sleep(0.5)  # the phone must not learn that the far end went
        for pump in pumps:
            pump.cancel()
        for end in (writer, far_writer):
            end.transport.abort() if self.state == "cut" else end.close()
        self._open.discard(writer)
        self._silenced.discard(writer)

    async def _pump(self, source: asyncio.StreamReader, goal: asyncio.StreamWriter, near: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while data := await source.read(CHUNK):
                await self._flowing.wait()
                if near not in self._silenced:
                    goal.write(data)
                    await goal.drain()
