"""Several workers on one socket: one that ends is made anew, and all end in order, also when their parent is gone."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.serving import children, open_sockets

from .conftest import ROOT, Server, serve_command

DEADLINE = 20.0
EACH = 24

_WORKERS = """
import logging, os, signal, sys, time
from taskhub.asgi import workers
workers.STOP_WITHIN = 0.3
def end(said, gone):
    said()
    time.sleep(0.05)
    return 7
def stay(said, gone):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # As what hangs while it writes to the log.
    logging.lastResort.acquire()
    said()
    while True:
        time.sleep(60)
ready = lambda: print(os.getpid(), flush=True)
ended = lambda pid: print("ended", pid, flush=True)
sys.exit(workers.Workers(1, {"end": end, "stay": stay}[sys.argv[1]], ready=ready, ended=ended).run())
"""


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():
            await asyncio.sleep(0.01)


async def end_of(process: subprocess.Popen[str]) -> int:
    return await asyncio.to_thread(process.wait, DEADLINE)


async def close_codes(sockets: Iterable[ClientConnection]) -> set[int | None]:
    sockets = list(sockets)
    async with asyncio.timeout(DEADLINE):
        await asyncio.gather(*(ws.wait_closed() for ws in sockets))
    return {ws.close_code for ws in sockets}


async def answers(ws: ClientConnection) -> bool:
    """Whether there is still somebody at the other end."""
    try:
        async with asyncio.timeout(DEADLINE):
            await (await ws.ping())
    except ConnectionClosed:
        return False
    return True


async def open_on_all(server: Server, pids: list[int]) -> list[ClientConnection]:
    """Sockets, until each worker has some: more than it opens for itself while it starts."""
    before = {pid: open_sockets(pid) for pid in pids}
    sockets: list[ClientConnection] = []
    async with asyncio.timeout(DEADLINE):
        while len(sockets) < EACH or any(open_sockets(pid) < before[pid] + 8 for pid in pids):
            sockets.append(await connect(server.ws + "/echo", proxy=None, compression=None))
    return sockets


async def test_one_is_killed_and_all_are_made_anew_and_all_end_in_order(spawn: Callable[..., Server]) -> None:
    server = spawn("tests.asgi.apps:application", workers=2)
    parent = server.process.pid
    await until(lambda: len(children(parent)) == 2)
    victim, other = children(parent)
    sockets = await open_on_all(server, [victim, other])

    os.kill(victim, signal.SIGKILL)
    await until(lambda: victim not in children(parent) and len(children(parent)) == 2)
    kept = [ws for ws in sockets if await answers(ws)]
    lost = [ws for ws in sockets if ws not in kept]
    assert await close_codes(lost) == {1006}
    assert other in children(parent)
    assert kept
    assert lost
    await kept[0].send("still here")
    assert await kept[0].recv() == "still here"
    assert f"Worker {victim} was ended by SIGKILL; another takes its place in 0.5 s." in server.log()

    former = set(children(parent))
    server.stop(signal.SIGHUP)
    # One after another: there are always two, and for moments three.
    counts = set()
    async with asyncio.timeout(DEADLINE):
        while former.intersection(now := children(parent)):
            counts.add(len(now))
            await asyncio.sleep(0.002)
    assert counts <= {2, 3}
    assert await close_codes(kept) == {1012}

    await until(lambda: len(children(parent)) == 2)
    sockets = await open_on_all(server, children(parent))
    began = time.monotonic()
    server.stop()
    assert await close_codes(sockets) == {1012}
    assert await end_of(server.process) == 0, server.log()
    assert time.monotonic() - began < 5
    assert "Traceback" not in server.log()


async def test_one_that_hangs_is_killed_and_made_anew(spawn: Callable[..., Server]) -> None:
    silence = 2.0
    server = spawn("tests.asgi.apps:application", workers=2, worker_silence=silence)
    parent = server.process.pid
    await until(lambda: len(children(parent)) == 2)
    before = children(parent)
    # The server is there as soon as one of them serves; now both do.
    await open_on_all(server, before)
    # As where somebody stops the whole group and lets it go on: no worker is to blame that nothing was heard.
    for pid in (parent, *before):
        os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(1.2 * silence)
    looks = _looks(parent)
    os.kill(parent, signal.SIGCONT)
    await until(lambda: _looks(parent) > looks + 2)
    assert "no sign of life" not in server.log()
    os.kill(before[1], signal.SIGCONT)

    hung = before[0]
    await until(lambda: hung not in children(parent) and len(children(parent)) == 2)
    assert f"Worker {hung} gave no sign of life for 2 s and is killed." in server.log()
    assert f"Worker {hung} was ended by SIGKILL; another takes its place" in server.log()
    sockets = await open_on_all(server, children(parent))
    server.stop()
    assert await close_codes(sockets) == {1012}
    assert await end_of(server.process) == 0, server.log()


def _looks(pid: int) -> int:
    """How often a process has waited for something (Linux)."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt_switches"))


async def test_workers_whose_parent_is_killed_end_in_order(spawn: Callable[..., Server]) -> None:
    server = spawn("tests.asgi.apps:application", workers=2)
    workers = children(server.process.pid)
    sockets = await open_on_all(server, workers)
    server.stop(signal.SIGKILL)
    assert await close_codes(sockets) == {1012}
    await until(lambda: not any(_runs(pid) for pid in workers))


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            # Nobody may be there to bury it.
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("target", ["tests.asgi.lifespan_apps:failing", "tests.asgi.nowhere:app"])
def test_workers_that_cannot_start_at_first_end_it_all(target: str) -> None:
    command = serve_command(target, workers=2)
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 3, ended.stderr
    assert ended.stdout == ""


def test_an_application_that_is_made_already_is_none_for_several() -> None:
    script = "from taskhub.asgi.serving import serve\nserve(lambda: None, workers=2)"
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "ValueError: Several workers need the application as an import string" in ended.stderr


async def test_those_that_end_again_and_again_are_made_anew_ever_later() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKERS, "end"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    waits = [(await asyncio.to_thread(process.stderr.readline)).split()[-2:] for _ in range(3)]
    assert waits == [["0.5", "s."], ["1", "s."], ["2", "s."]]
    process.terminate()
    out, _ = await asyncio.to_thread(process.communicate, None, DEADLINE)
    assert process.returncode == 0
    lines = out.splitlines()
    assert lines[0] == str(process.pid)
    assert [line.split()[0] for line in lines[1:]] == ["ended"] * 3


async def test_one_that_does_not_end_is_killed() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKERS, "stay"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert json.loads(await asyncio.to_thread(process.stdout.readline)) == process.pid
    process.terminate()
    _, errors = await asyncio.to_thread(process.communicate, None, DEADLINE)
    assert process.returncode == 1
    assert "did not end in 0.3 s and is killed" in errors


async def test_one_that_does_not_end_ends_when_its_parent_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", _WORKERS, "stay"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert json.loads(await asyncio.to_thread(process.stdout.readline)) == process.pid
    (worker,) = children(process.pid)
    process.kill()
    await asyncio.to_thread(process.communicate, None, DEADLINE)
    # It closed what it wrote to; its end may take a moment longer.
    await until(lambda: not _runs(worker))
