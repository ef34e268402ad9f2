"""The metrics as tiles, and where they go as the settings say. Main thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app import metrics as m
from rtms_desktop.app.events import MetricsChanged
from rtms_desktop.app.metrics import Meter, Metric
from rtms_desktop.session.events import GapReason
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import DASH, bit_rate, byte_size, grouped, span
from rtms_desktop.viewmodels.rates import Rate
from rtms_desktop.wire.enums import Medium

LOST = (GapReason.SOCKET_DOWN.value, GapReason.DROPPED_HERE.value)
HEAVY = (Medium.AUDIO, Medium.VIDEO, Medium.SHARE)  # of the others a rate in bits says nothing
RATE_S = 5.0
FEW = 10.0  # so few a second are told with a decimal
LATE_MS = 100.0  # a turn of the loop that a person begins to feel


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: what it is called, its value and unit, what it is made of. ``level``: "", "warn" or "error"."""

    name: str
    value: str
    unit: str
    note: str
    tip: str
    level: str = ""


class MetricsViewModel(QObject):
    """``tiles`` is to be read at the text tick."""

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._rates = {medium: (Rate(RATE_S), Rate(RATE_S)) for medium in Medium}

    @property
    def _meter(self) -> Meter:
        return self._controller.metrics.meter

    def tiles(self) -> list[Tile]:
        """The five that are asked for most, then what should not be, then what each medium brings."""
        return [
            self._sessions(), self._transcript(), self._attempts(), self._signatures(), self._join(),
            self._gaps(), self._drops(), self._underruns(), self._behind(), self._stall(),
            *(self._medium(medium) for medium in Medium),
        ]  # fmt: skip

    # -- one by one ------------------------------------------------------------------------------------------------

    def _sessions(self) -> Tile:
        active, seen = self._meter.value(m.ACTIVE) or 0, self._meter.total(m.SESSIONS)
        return Tile("Active sessions", f"{active:.0f}", "", f"{seen:.0f} since the start", m.ACTIVE.help)

    def _transcript(self) -> Tile:
        rate, seen = self._meter.transcript_rate(), self._meter.total(m.TRANSCRIPT)
        value = DASH if rate is None else f"{rate:.2f}"
        tip = f"{m.TRANSCRIPT.help} Over the last 30 s."
        return Tile("Transcript chunks", value, "/s", f"{grouped(round(seen))} in all", tip)

    def _attempts(self) -> Tile:
        total = self._meter.total(m.ATTEMPTS)
        back = self._meter.total(m.RECONNECTS)
        note = self._by(m.ATTEMPTS) or "none needed"
        tip = f"{m.ATTEMPTS.help} {back:.0f} came back."
        return Tile("Reconnect attempts", f"{total:.0f}", "", note, tip, "warn" if total else "")

    def _signatures(self) -> Tile:
        total = self._meter.total(m.SIGNATURES)
        note = self._by(m.SIGNATURES) or "none refused"
        return Tile("Signature failures", f"{total:.0f}", "", note, m.SIGNATURES.help, "error" if total else "")

    def _join(self) -> Tile:
        join = self._meter.join
        value = DASH if join.last_s is None else f"{join.last_s:.1f}"
        note = f"mean {join.sum_s / join.count:.1f} s of {join.count}" if join.count else "no packet yet"
        return Tile("Join latency", value, "s", note, m.JOIN.help)

    def _medium(self, medium: Medium) -> Tile:
        """What one medium brings per second."""
        packets, size = self._meter.value(m.PACKETS, medium) or 0, self._meter.value(m.BYTES, medium) or 0
        now = self._controller.clock.now()
        rates = []
        for rate, total in zip(self._rates[medium], (packets, size), strict=True):
            rate.add(now, total)
            rates.append(rate.per_second() if self._meter.value(m.ACTIVE) else None)
        per_s, bytes_s = rates
        value = DASH if per_s is None else f"{per_s:.1f}" if per_s < FEW else grouped(round(per_s))
        flow = f"{bit_rate(bytes_s * 8)}, " if bytes_s and medium in HEAVY else ""
        tip = f"{m.PACKETS.help} {grouped(round(packets))} of {medium}, {byte_size(size)}, in this run."
        return Tile(f"{medium.capitalize()} packets", value, "/s", f"{flow}{byte_size(size)} in all", tip)

    def _gaps(self) -> Tile:
        lost = sum(self._meter.value(m.GAPS, reason) or 0 for reason in LOST)
        seconds = sum(self._meter.value(m.GAP_TIME, reason) or 0 for reason in LOST)
        expected = self._meter.total(m.GAPS) - lost
        note = f"{span(seconds)} lost" if lost else f"{expected:.0f} expected" if expected else "none"
        tip = f"Losses; {expected:.0f} more are silence, mute or pause. Each track counts."
        return Tile("Gaps", f"{lost:.0f}", "", note, tip, "warn" if lost else "")

    def _drops(self) -> Tile:
        total = self._meter.total(m.DROPS)
        recording = bool(self._meter.value(m.DROPS, "recording"))
        return Tile("Dropped here", grouped(round(total)), "", self._by(m.DROPS) or "none", m.DROPS.help,
                    "error" if recording else "")  # fmt: skip

    def _underruns(self) -> Tile:
        total = self._meter.total(m.UNDERRUNS)
        return Tile("Playout underruns", f"{total:.0f}", "", "none" if not total else "", m.UNDERRUNS.help)

    def _behind(self) -> Tile:
        behind = self._meter.value(m.BEHIND)
        value = DASH if behind is None else f"{behind:.1f}"
        return Tile("Behind live", value, "s", "", f"{m.BEHIND.help} 0.1 to 0.4 s is normal.")

    def _stall(self) -> Tile:
        late = self._meter.value(m.STALL)
        worst = self._controller.alerts.loop.worst_s * 1000
        value = DASH if late is None else f"{late * 1000:.0f}"
        level = "warn" if late is not None and late * 1000 > LATE_MS else ""
        return Tile("Loop stall", value, "ms", f"worst {worst:.0f} ms", f"{m.STALL.help} Below 50 ms is normal.", level)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _by(self, metric: Metric) -> str:
        """``media loss 2, fail-over 1``"""
        return ", ".join(f"{name} {value:.0f}" for name, value in self._meter.values(metric) if value)


class MetricsOutputViewModel(QObject):
    """Where the metrics go; `changed` when that is decided anew."""

    changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        listen(self, controller.hub, {MetricsChanged: lambda event: self.changed.emit()})

    @property
    def file(self) -> str:
        return self._controller.settings.values.metrics_file

    @property
    def serves(self) -> bool:
        return self._controller.settings.values.metrics_endpoint

    @property
    def port(self) -> int:
        return self._controller.settings.values.metrics_port

    @property
    def state_text(self) -> str:
        """What is going on, or why not."""
        state = self._controller.metrics.state
        if state.problem:
            return state.problem
        return f"Served at {state.url}" if state.url else "Not served."

    @property
    def wrong(self) -> bool:
        return bool(self._controller.metrics.state.problem)

    def set_file(self, path: str) -> None:
        """ "" = nowhere."""
        self._apply(metrics_file=path)

    def set_serves(self, on: bool) -> None:
        self._apply(metrics_endpoint=on)

    def set_port(self, port: int) -> None:
        self._apply(metrics_port=port)

    def _apply(self, **values: Any) -> None:
        self._controller.settings.change(**values)
        self._controller.metrics.apply()
