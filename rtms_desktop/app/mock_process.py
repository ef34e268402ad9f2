"""The bundled mock server as a child process: started, listened to, asked, and ended with the program."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rtms_desktop.app.events import MockInfo
from rtms_desktop.errors import ConnectError, PortInUseError, RtmsError

READY_S = 15.0
ANSWER_S = 10.0
STOP_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MockOptions:
    """Options of ``rtms-desktop mock``; port 0 takes any free one."""

    port: int = 0
    media_port: int = 0
    source: str = "pattern"
    participants: int = 2
    fps: int = 25
    resolution: str = "720p"
    dialect: str = "production"
    scenario: str = ""
    webhook_url: str = ""
    clock_ppm: int = 0
    secret_token: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)

    def argv(self) -> list[str]:
        values = {
            "--port": self.port,
            "--media-port": self.media_port,
            "--source": self.source,
            "--participants": self.participants,
            "--fps": self.fps,
            "--resolution": self.resolution,
            "--dialect": self.dialect,
            "--scenario": self.scenario,
            "--webhook-url": self.webhook_url,
            "--clock-ppm": self.clock_ppm or "",
            # Chosen here: the first webhook may be faster than the line that says how it is signed.
            "--secret-token": self.secret_token,
        }
        # In one word: a token may begin with a dash, and by itself would be taken for an option.
        given = [f"{flag}={value}" for flag, value in values.items() if value != ""]
        return ["mock", *given, "--json", "--with-parent"]


def program() -> list[str]:
    """How to start this program again: the frozen executable, or this interpreter with the package."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "rtms_desktop"]


class MockProcess:
    """One running mock server.

    A thread reads its output; lines reach ``on_entry`` on the loop's thread. ``on_exit(sentence)`` is called once
    when the process ends without having been asked to.
    """

    def __init__(self, on_entry: Callable[[dict[str, Any]], None], on_exit: Callable[[str], None]) -> None:
        self.info: MockInfo | None = None
        self.secret_token = ""
        self._on_entry, self._on_exit = on_entry, on_exit
        self._process: subprocess.Popen[str] | None = None
        self._threads: list[threading.Thread] = []
        self._errors: deque[str] = deque(maxlen=20)
        self._errors_read = threading.Event()
        self._stopping = False

    async def start(self, options: MockOptions) -> MockInfo:
        """Start and wait for the listening line.

        Raises:
            PortInUseError, ConnectError: the server did not come up; the sentence is its own.
        """
        self.secret_token = options.secret_token
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[MockInfo] = loop.create_future()
        process = subprocess.Popen(  # noqa: ASYNC220 - a fork takes a millisecond, and asyncio's own way needs a child watcher
            [*program(), *options.argv()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._process = process
        self._threads = [
            threading.Thread(target=self._read_output, args=(process, loop, ready), name="mock-output"),
            threading.Thread(target=self._read_errors, args=(process,), name="mock-errors"),
        ]
        for thread in self._threads:
            thread.start()
        try:
            async with asyncio.timeout(READY_S):
                self.info = await ready
        except TimeoutError as error:
            await self.stop()
            raise ConnectError("the mock server did not come up", f"it said nothing for {READY_S:.0f} s") from error
        except RtmsError:
            await self.stop()
            raise
        return self.info

    async def act(self, name: str, **args: Any) -> dict[str, Any]:
        """POST one action to the server's /api/control and return its answer.

        Raises:
            ConnectError: it is not running or refuses.
        """
        if self.info is None:
            raise ConnectError("the mock server is not running", "", "Start it first.")
        import aiohttp

        url = f"{self.info.http_url}/api/control"
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S)) as client,
                client.post(url, json={"do": name, **args}) as answer,
            ):
                body: dict[str, Any] = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ConnectError(f"the mock server did not do {name!r}", str(error) or type(error).__name__) from error
        if answer.status != 200:
            raise ConnectError(f"the mock server did not do {name!r}", str(body.get("error", answer.reason)))
        return body

    async def stop(self) -> None:
        """End the process (its stdin closes; killed after 3 s) and join the threads."""
        self._stopping = True
        process, self._process, self.info = self._process, None, None
        if process is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._end, process)

    # -- threads -------------------------------------------------------------------------------------------------

    def _read_output(
        self, process: subprocess.Popen[str], loop: asyncio.AbstractEventLoop, ready: asyncio.Future[MockInfo]
    ) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                _call(loop, self._heard, ready, entry)
        process.wait()
        self._errors_read.wait()
        _call(loop, self._ended, ready, process.returncode)

    def _end(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.close()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
        for thread in self._threads:
            thread.join()
        process.stdout.close()
        process.stderr.close()

    def _read_errors(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self._errors.append(line.rstrip())
        self._errors_read.set()

    # -- loop ----------------------------------------------------------------------------------------------------

    def _heard(self, ready: asyncio.Future[MockInfo], entry: dict[str, Any]) -> None:
        if entry.get("event") == "listening" and not ready.done():
            ready.set_result(MockInfo(**{key: entry[key] for key in MockInfo.__dataclass_fields__ if key in entry}))
        self._on_entry(entry)

    def _ended(self, ready: asyncio.Future[MockInfo], code: int) -> None:
        said = " ".join(self._errors) or f"it ended with exit code {code}"
        if not ready.done():
            kind = PortInUseError if code == PortInUseError.exit_code else ConnectError
            ready.set_exception(kind("the mock server did not start", said))
        elif not self._stopping:
            self.info = None
            self._on_exit(said)


def _call(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *args: Any) -> None:
    """Hand over to the loop; a loop that has closed meanwhile hears nothing more."""
    try:
        loop.call_soon_threadsafe(function, *args)
    except RuntimeError:
        pass
