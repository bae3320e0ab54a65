"""What writing alone costs on uvicorn: an ASGI application that does nothing but send the same bytes as often."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn

from bench.instance import Server, cores


@contextlib.contextmanager
def writing(size: int, times_a_second: float) -> Iterator[Server]:
    """The server, on the core where TaskHub would be. Each connection gets so many bytes so often, all together."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.bare", str(size), str(times_a_second)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {cores()[0]}),
    )
    try:
        assert process.stdout is not None
        yield Server(int(process.stdout.readline()), process.pid)
    finally:
        process.kill()
        process.wait(20)


class Writing:
    """The application: wakes all its requests at the given pace, each of which sends the message."""

    def __init__(self, size: int, times_a_second: float) -> None:
        head = b"event: dashboard\n"
        self._message = head + b"." * (size - len(head))
        self._pause = 1 / times_a_second
        self._wakes: set[asyncio.Event] = set()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        wake = asyncio.Event()
        self._wakes.add(wake)
        while True:
            await send({"type": "http.response.body", "body": self._message, "more_body": True})
            wake.clear()
            await wake.wait()

    async def serve(self) -> None:
        """Serve on a free port, which is printed."""
        listening = socket.create_server(("127.0.0.1", 0), backlog=1_000)
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(
            self, loop="uvloop", http="httptools", lifespan="off", log_config=None, access_log=False
        )
        serving = asyncio.create_task(uvicorn.Server(config).serve([listening]))
        while not serving.done():
            for wake in self._wakes:
                wake.set()
            await asyncio.sleep(self._pause)


if __name__ == "__main__":
    import uvloop

    uvloop.run(Writing(int(sys.argv[1]), float(sys.argv[2])).serve())
