"""Real TaskHub servers for tests: `taskhub serve` processes on free ports of loopback."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from tests.command_line import TASKHUB, clean_environment
from tests.databases import Database
from tests.ports import free_port

# Where the processors are busy with much else.
START_DEADLINE = 90.0
STOP_DEADLINE = 30.0
LOG_TAIL = 8_000
# In the report of a failing test: what failed is to be found beside it.
TEST_LOG_TAIL = 2_000

MARKER = "logs_traceback: the server may log a traceback in this test"


def children(pid: int) -> list[int]:
    """The processes that a process has started (Linux)."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def open_sockets(pid: int) -> int:
    """How many sockets a process has open (Linux)."""
    found = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found += str(descriptor.readlink()).startswith("socket:")
    return found


class Server:
    """A `taskhub serve` on `url` (`http://127.0.0.1:PORT`), that can be stopped, killed and started again.

    All its runs write to one `log_file`.
    """

    def __init__(
        self,
        database: Database,
        log_file: Path,
        *,
        env: Mapping[str, str],
        port: int,
        command: tuple[str, ...],
    ) -> None:
        self.database = database
        self.log_file = log_file
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {"TASKHUB_OPEN_REGISTRATION": "1", **database.environment, **env}
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._searched = 0
        self._test_began = 0

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def workers(self) -> list[int]:
        """The process ids of the workers of a server with several (Linux)."""
        return children(self.pid)

    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start on the same port and database as ever; returns when /readyz answers 200."""
        assert not self.is_running(), "the server runs already"
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, "--host", "127.0.0.1", "--port", str(self.port)],
                env=clean_environment(self.environment),
                cwd=self.database.data_dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_DEADLINE
        with httpx.Client(trust_env=False) as client:
            while not self._ready(client):
                if not self.is_running() or time.monotonic() > deadline:
                    self.kill()
                    raise AssertionError(f"The server on {self.url} did not become ready:\n{self.log()}")
                time.sleep(0.05)

    def _ready(self, client: httpx.Client) -> bool:
        try:
            return client.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> int:
        """Send SIGTERM and wait for the end; its exit status, which is 0 for a server that is well."""
        assert self._process is not None, "the server was not started"
        self._process.terminate()
        try:
            return self._process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"The server on {self.url} did not end within {STOP_DEADLINE:.0f} s of SIGTERM:\n{self.log()}"
            ) from None

    def kill(self) -> None:
        """Kill it (SIGKILL), as a crash or the kernel would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def restart(self) -> None:
        """Stop and start again."""
        self.stop()
        self.start()

    def log(self) -> str:
        """Everything that was logged so far (the end of it, where it is long)."""
        return self._logged().decode(errors="replace")[-LOG_TAIL:]

    def begin_test(self) -> None:
        """Remember what the log held before a test."""
        self._test_began = self.log_file.stat().st_size if self.log_file.exists() else 0

    def log_of_test(self) -> str:
        """What was logged since `begin_test` (the end of it, where it is long)."""
        return self._logged()[self._test_began :].decode(errors="replace")[-TEST_LOG_TAIL:]

    def _logged(self) -> bytes:
        return self.log_file.read_bytes() if self.log_file.exists() else b""

    def new_tracebacks(self) -> str:
        """What was logged since the last call, where a traceback is in it; else an empty string."""
        data = self._logged()
        fresh, self._searched = data[self._searched :], len(data)
        return fresh.decode(errors="replace")[-LOG_TAIL:] if b"Traceback" in fresh else ""


Serve = Callable[..., Server]

# Every server that tests of this process started and not yet gave up.
_servers: list[Server] = []


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """`serve(database, *ARGUMENTS, env={}, port=None, start=True)` gives a Server, ready to answer.

    ARGUMENTS go to `taskhub serve`; `env` holds settings beside those of the database. Registration is open
    unless `env` says otherwise. `command` is how to run `taskhub`, if not from the source tree. What still
    runs when the module ends is stopped, and must end with status 0.
    """
    with _serving(tmp_path_factory) as make:
        yield make


@pytest.fixture(scope="session")
def serve_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """As `serve`, for servers that last as long as the session."""
    with _serving(tmp_path_factory) as make:
        yield make


@contextlib.contextmanager
def _serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    started: list[Server] = []

    def make(
        database: Database,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        port: int | None = None,
        start: bool = True,
        command: tuple[str, ...] = TASKHUB,
    ) -> Server:
        log_file = tmp_path_factory.mktemp("server") / "log"
        server = Server(
            database,
            log_file,
            env=env or {},
            port=port or free_port(),
            command=(*command, "serve", *arguments),
        )
        started.append(server)
        _servers.append(server)
        if start:
            server.start()
        return server

    yield make
    ends = {}
    for server in started:
        if server.is_running():
            try:
                ends[server.url] = server.stop()
            finally:
                server.kill()
        _servers.remove(server)
    assert not any(ends.values()), f"servers ended with another status than 0: {ends}"


@pytest.fixture(scope="module")
def server(serve: Serve, database: Database) -> Server:
    """The module's server, on the module's `database`."""
    return serve(database)


@pytest.fixture(autouse=True)
def _no_tracebacks(request: pytest.FixtureRequest) -> Iterator[None]:
    """A traceback in a server's log fails the test, unless it is marked `logs_traceback`."""
    yield
    found = "\n".join(filter(None, [server.new_tracebacks() for server in _servers]))
    if found and request.node.get_closest_marker("logs_traceback") is None:
        pytest.fail(f"a server logged a traceback:\n{found}", pytrace=False)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    for server in _servers:
        server.begin_test()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        logs = [(f"log of {server.url}", server.log_of_test()) for server in _servers]
        report.sections += [(title, log) for title, log in logs if log]
    return report


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
