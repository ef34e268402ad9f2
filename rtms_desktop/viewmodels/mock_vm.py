"""The bundled mock server as the dock shows it: state, options, what can be done now, one log. Main thread."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import MockChanged, MockLogged, MockState
from rtms_desktop.app.mock_process import MockOptions
from rtms_desktop.viewmodels.batch import Batcher, listen
from rtms_desktop.viewmodels.mock_acts import ACTS, DELAY_MS, LINKS, REASONS
from rtms_desktop.viewmodels.mock_texts import FAULTS, HEARD, SERVER, LogLine, client_line, server_line
from rtms_desktop.viewmodels.rows import RowStore
from rtms_desktop.wire.enums import StopReason
from rtms_desktop.wire.status import explain_stop

CAP = 20_000
DRAIN_MS = 150


class MockViewModel(QObject):
    """``changed``: state, clients, phase or options; ``store.committed``: the log has grown.

    Attributes:
        options: what the next start uses.
        link, delay_ms, reason: the choices beside the buttons.
        verdict: what the last webhook validation said, as (fine, sentence).
    """

    changed = Signal()
    count_changed = Signal(object)

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.store: RowStore[LogLine] = RowStore(CAP, self)
        self.options: dict[str, Any] = {
            "source": "pattern", "participants": 3, "dialect": "production", "resolution": "720p", "fps": 25,
        }  # fmt: skip
        self.webhook_url, self.scenario = "", ""
        self.link, self.delay_ms, self.reason = LINKS[0], DELAY_MS, StopReason.MEETING_ENDED
        self.verdict: tuple[bool, str] | None = None
        self._started_with: MockOptions | None = None
        self._forget()
        self._batch = Batcher(self._drain, DRAIN_MS, self)
        handlers: dict[type, Any] = dict.fromkeys(HEARD, self._noticed)
        handlers |= {MockChanged: self._mock_changed, MockLogged: self._logged}
        for entry in controller.mock.log:
            self._take(entry)
        self.store.commit()
        self.close = listen(self, controller.hub, handlers)

    def _forget(self) -> None:
        self.phase = ""
        self._signaling: set[str] = set()
        self.clients = 0
        self.zero_ms: float | None = None
        self._acts: dict[str, float] = {}
        self._shares = 0

    # -- what views read -----------------------------------------------------------------------------------------

    @property
    def state(self) -> MockState:
        return self._controller.mock.state.state

    @property
    def running(self) -> bool:
        return self.state is MockState.RUNNING

    @property
    def problem(self) -> str:
        return str(self._controller.mock.state.problem)

    @property
    def urls(self) -> dict[str, str]:
        info = self._controller.mock.info
        if info is None:
            return {}
        return {"HTTP": info.http_url, "Signaling": info.signaling_url, "Media": info.media_url}

    @property
    def state_text(self) -> str:
        return {"stopped": "Stopped", "starting": "Starting", "running": "Running", "failed": "Failed"}[self.state]

    @property
    def note(self) -> str:
        """``1 client, this computer only``"""
        if self.state is MockState.FAILED:
            return self.problem
        if not self.running:
            return "a server on this computer that speaks RTMS"
        who = {0: "no client", 1: "1 client"}.get(self.clients, f"{self.clients} clients")
        return f"{who}, this computer only"

    @property
    def stale(self) -> bool:
        """Whether options were changed that the running server does not have."""
        before = self._started_with
        return self.running and before is not None and any(getattr(before, k) != v for k, v in self.options.items())

    def why_not(self, key: str) -> str:
        """Why an act makes no sense now; empty when it does."""
        act = ACTS[key]
        if not self.running:
            return "The mock server is not running"
        if act.phases and self.phase not in act.phases:
            return act.otherwise
        return ""

    def clock(self, line: LogLine) -> str:
        """``00:36.0`` since the server came up."""
        seconds = max(0.0, (line.t_ms - (self.zero_ms or line.t_ms)) / 1000)
        return f"{int(seconds // 60):02}:{seconds % 60:04.1f}"

    def line_text(self, line: LogLine) -> str:
        return f"{line.text} × {line.count}" if line.count > 1 else line.text

    def plain(self, serial: int) -> str:
        line = self.store.row(serial)
        return f"{self.clock(line)}\t{line.who}\t{self.line_text(line)}"

    def log_text(self) -> str:
        """The whole log: the server's records as JSON lines, then what both sides did in words."""
        records = [json.dumps(entry, ensure_ascii=False) for entry in self._controller.mock.log]
        words = [self.plain(serial) for serial in range(self.store.first, self.store.end)]
        return "\n".join([*records, "", *words, ""])

    def reason_labels(self) -> list[str]:
        return [explain_stop(reason.value).label for reason in REASONS]

    # -- what is done --------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._started_with = self._wanted()
        self._controller.mock.start(self._started_with)

    def stop(self) -> None:
        self._controller.mock.stop()

    def act(self, key: str) -> None:
        """Send an act with the choices that it takes."""
        choices = {"link": self.link, "ms": self.delay_ms, "reason": int(self.reason)}
        args: dict[str, Any] = {name: choices[name] for name in ACTS[key].takes}
        if key == "new_resolution":
            args["resolution"] = self._next_size()
        if key == "start" and self.webhook_url:
            args["url"] = self.webhook_url
        self._controller.mock.act(key, **args)

    def validate(self) -> None:
        """Let the server send endpoint.url_validation to the webhook URL."""
        self.verdict = None
        self._controller.mock.act("validate", url=self.webhook_url)
        self.changed.emit()

    def why_not_validate(self) -> str:
        if not self.running:
            return "The mock server is not running"
        return "" if self.webhook_url.startswith(("http://", "https://")) else "Give an http:// or https:// address"

    def set_option(self, name: str, value: Any) -> None:
        self.options[name] = value
        self.changed.emit()

    def set_picture(self, resolution: str, fps: int) -> None:
        self.options |= {"resolution": resolution, "fps": fps}
        self.changed.emit()

    def set_webhook_url(self, url: str) -> None:
        self.webhook_url = url.strip()
        self.verdict = None
        self.changed.emit()

    def set_scenario(self, path: str) -> None:
        self.scenario = path
        self.changed.emit()

    def _wanted(self) -> MockOptions:
        return MockOptions(**self.options, webhook_url=self.webhook_url, scenario=self.scenario)

    def _next_size(self) -> str:
        sizes = ("360p", "720p", "1080p")
        self._shares += 1
        return sizes[(sizes.index(self.options["resolution"]) + self._shares) % len(sizes)]

    # -- what arrives --------------------------------------------------------------------------------------------

    def _mock_changed(self, event: MockChanged) -> None:
        if event.state in (MockState.STARTING, MockState.STOPPED):
            self._batch.flush()
        if event.state is MockState.STARTING:
            self.store.clear()
            self._forget()
            self.store.commit()
        elif event.state is MockState.RUNNING:
            self.phase = self.phase or "announced"
            if self._started_with is None:
                self._started_with = self._wanted()
        else:
            self.phase, self.clients = "", 0
            self._signaling.clear()
            self._started_with = None
        self.changed.emit()
        self.count_changed.emit("")

    def _logged(self, event: MockLogged) -> None:
        self._batch.add(event.entry)

    def _noticed(self, event: Any) -> None:
        if self.running and self._controller.session is not None:
            self._batch.add((self._wall_ms(event.at), event))

    def _wall_ms(self, at: float) -> float:
        session = self._controller.session
        return float(session.opened_wall_ms + (at - session.opened_at) * 1000)

    def _drain(self, items: list[Any]) -> None:
        before = (self.phase, self.clients, self.verdict)
        for item in items:
            if isinstance(item, dict):
                self._take(item)
            else:
                t_ms, event = item
                line = client_line(event, t_ms, self._acts.get(getattr(event, "link", "")))
                if line is not None:
                    self._add(line)
        self.store.commit()
        if before != (self.phase, self.clients, self.verdict):
            self.changed.emit()

    def _take(self, entry: dict[str, Any]) -> None:
        line = server_line(entry)
        event = entry.get("event")
        if event == "phase":
            self.phase = str(entry.get("phase", ""))
        elif event == "start":
            self.phase = "announced"
        elif event == "handshake" and entry.get("link") == "signaling":
            self.clients += 1
        elif event == "disconnected" and entry.get("link") == "signaling":
            self.clients = max(0, self.clients - 1)
        elif event == "webhook_validated":
            self.verdict = (bool(entry.get("ok")), str(entry.get("sentence", "")))
        if line is None:
            return
        if self.zero_ms is None:
            self.zero_ms = line.t_ms
        if event in FAULTS:
            self._acts[line.link] = line.t_ms
        self._add(line)

    def _add(self, line: LogLine) -> None:
        """Append, or count up when the last line says the same: a lossy link would flood the log."""
        if len(self.store):
            last = self.store.row(self.store.end - 1)
            if (last.who, last.text, last.level) == (line.who, line.text, line.level) and last.who == SERVER:
                last.count += 1
                self.store.touch(self.store.end - 1)
                return
        self.store.append(line)
