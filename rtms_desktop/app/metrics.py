"""The figures that operators ask for: one registry with names, units and help, and the meter that counts them.

Sans I/O: `Meter` hears the events of the hub and is shown the counters of the session once a second. Its counters go on
over all sessions of the run. No label names a person, a meeting or a stream. Loop's thread.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rtms_desktop.app.events import SessionClosed, SessionOpened, WebhookArrived
from rtms_desktop.session.events import (
    SIGNALING,
    GapClosed,
    HandshakeAnswered,
    LinkState,
    LinkStateChanged,
    Reconnected,
    ReconnectScheduled,
    SessionEnded,
    TranscriptReceived,
)
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.payload import WebhookKind
from rtms_desktop.wire.status import explain_status


class MetricKind(StrEnum):
    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """``unit`` is part of the name wherever it is written; ``label``: what tells its values apart, or ""."""

    name: str
    kind: MetricKind
    help: str
    unit: str = ""
    label: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.name}_{self.unit}" if self.unit else self.name


_GAUGE, _COUNTER, _HISTOGRAM = MetricKind.GAUGE, MetricKind.COUNTER, MetricKind.HISTOGRAM

ACTIVE = Metric("active_sessions", _GAUGE, "Streams that are connected now.")
SESSIONS = Metric("sessions", _COUNTER, "Streams that were connected to.")
TRANSCRIPT = Metric("transcript_chunks", _COUNTER, "Transcript messages received.")
ATTEMPTS = Metric("reconnect_attempts", _COUNTER, "Reconnect attempts, by what made them necessary.", "", "scenario")
RECONNECTS = Metric("reconnects", _COUNTER, "Lost sockets that came back.")
SIGNATURES = Metric("signature_failures", _COUNTER, "Signatures that were refused, by where.", "", "place")
JOIN = Metric("join_latency", _HISTOGRAM, "From the webhook or the start to the first media packet.", "seconds")
PACKETS = Metric("received_packets", _COUNTER, "Messages received.", "", "medium")
BYTES = Metric("received", _COUNTER, "Bytes received, after base64.", "bytes", "medium")
GAPS = Metric("gaps", _COUNTER, "Gaps that are over, by reason.", "", "reason")
GAP_TIME = Metric("gap_time", _COUNTER, "How long those gaps were together, by reason.", "seconds", "reason")
DROPS = Metric("dropped", _COUNTER, "Pictures or messages that were dropped here, by where.", "", "place")
UNDERRUNS = Metric("playout_underruns", _COUNTER, "Sound that came after its turn.")
BEHIND = Metric("behind_live", _GAUGE, "How far what is played is behind its arrival.", "seconds")
STALL = Metric("loop_stall", _GAUGE, "The latest turn of the event loop within the last second.", "seconds")

METRICS = (
    ACTIVE, SESSIONS, TRANSCRIPT, ATTEMPTS, RECONNECTS, SIGNATURES, JOIN, PACKETS, BYTES, GAPS, GAP_TIME, DROPS,
    UNDERRUNS, BEHIND, STALL,
)  # fmt: skip
BUCKETS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
HANDSHAKE, WEBHOOK = "handshake", "webhook"
PLACES = ("display", "decoder", "recording")
FIRST = {
    PACKETS: [medium.value for medium in Medium],
    BYTES: [medium.value for medium in Medium],
    DROPS: [*PLACES],
    SIGNATURES: [HANDSHAKE, WEBHOOK],
}
"""Values that are there from the beginning, at zero."""

RATE_S = 30.0
ANNOUNCED = 100  # streams whose webhook is remembered; overflow: the oldest is forgotten
_BAD_WEBHOOK = "invalid_x_zm_signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Counters of the present session, as they stand; None: not known."""

    packets: Mapping[Medium, int]
    bytes: Mapping[Medium, int]
    dropped: Mapping[str, int] = field(default_factory=dict)
    underruns: int = 0
    behind_s: float | None = None
    stalled_s: float = 0.0


@dataclass(slots=True)
class Latencies:
    """A histogram; ``buckets[n]`` counts those up to ``BUCKETS_S[n]``."""

    buckets: list[int] = field(default_factory=lambda: [0] * len(BUCKETS_S))
    count: int = 0
    sum_s: float = 0.0
    last_s: float | None = None

    def add(self, seconds: float) -> None:
        self.count += 1
        self.sum_s += seconds
        self.last_s = seconds
        for number, limit in enumerate(BUCKETS_S):
            self.buckets[number] += seconds <= limit


class Meter:
    """Attributes:
    join: seconds until the first media packet, of all sessions.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.join = Latencies()
        self._now = now
        self._values: dict[Metric, dict[str, float]] = {metric: defaultdict(float) for metric in METRICS}
        for metric, names in FIRST.items():
            self._values[metric].update(dict.fromkeys(names, 0.0))
        self._gauges: dict[Metric, float] = {}
        self._seen: dict[tuple[Metric, str], int] = {}
        self._announced: dict[str, float] = {}
        self._join_from: float | None = None
        self._live = False
        self._words: deque[tuple[float, float]] = deque(maxlen=1000)  # time and chunks at each look
        self._handlers: dict[type, Callable[[Any], object]] = {
            SessionOpened: lambda event: None if event.session.is_replay else self.opened(event.session),
            SessionClosed: lambda event: None if event.session.is_replay else self.closed(),
            SessionEnded: self._ended,
            WebhookArrived: self._webhook,
            LinkStateChanged: self._link,
            HandshakeAnswered: self._answered,
            ReconnectScheduled: lambda event: self._count(ATTEMPTS, event.scenario),
            Reconnected: lambda event: self._count(RECONNECTS, times=int(event.own)),
            TranscriptReceived: lambda event: self._count(TRANSCRIPT),
            GapClosed: self._gap,
        }

    # -- what arrives ----------------------------------------------------------------------------------------------

    def hear(self, events: Sequence[Any]) -> None:
        """Count what happened. While a recording is shown, or nothing, only webhooks and openings are."""
        find = self._handlers.get
        for event in events:
            handler = find(type(event))
            if handler is not None and (self._live or isinstance(event, SessionOpened | WebhookArrived)):
                handler(event)

    def opened(self, session: Any) -> None:
        """A live session begins; its counters start at zero."""
        self._live = True
        self._seen.clear()
        self._words.clear()
        self._count(SESSIONS)
        self._gauges[ACTIVE] = 1.0
        self._join_from = self._announced.pop(session.config.stream_id, session.opened_at)

    def closed(self) -> None:
        """It is over; counters stay, what holds for a moment goes."""
        self._live = False
        self._join_from = None
        self._gauges = {ACTIVE: 0.0}
        self._words.clear()

    def look(self, look: Look) -> None:
        """Take what the session's own counters have grown by since the last look."""
        for metric, totals in ((PACKETS, look.packets), (BYTES, look.bytes), (DROPS, look.dropped)):
            for name, total in totals.items():
                self._grow(metric, str(name), total)
        self._grow(UNDERRUNS, "", look.underruns)
        self._gauges[STALL] = look.stalled_s
        if look.behind_s is not None:
            self._gauges[BEHIND] = look.behind_s
        now = self._now()
        self._words.append((now, self._values[TRANSCRIPT][""]))
        while len(self._words) > 2 and now - self._words[1][0] >= RATE_S:
            self._words.popleft()

    # -- what is read ----------------------------------------------------------------------------------------------

    def value(self, metric: Metric, label: str = "") -> float | None:
        """One value; None while it is not known (a gauge without a session)."""
        if metric.kind is MetricKind.GAUGE:
            return self._gauges.get(metric, 0.0 if metric is ACTIVE else None)
        return self._values[metric].get(label, 0.0)

    def values(self, metric: Metric) -> Iterator[tuple[str, float]]:
        """(label, value) of a gauge or counter, in the order in which the labels first came."""
        if metric.kind is MetricKind.GAUGE:
            known = self.value(metric)
            yield from [] if known is None else [("", known)]
        elif metric.label:
            yield from ((name, float(count)) for name, count in self._values[metric].items())
        else:
            yield "", float(self._values[metric][""])

    def total(self, metric: Metric) -> float:
        """The sum over all labels of a counter."""
        return float(sum(self._values[metric].values()))

    def transcript_rate(self) -> float | None:
        """Transcript chunks per second over the last 30 s; None before two looks."""
        if len(self._words) < 2 or self._words[-1][0] <= self._words[0][0]:
            return None
        (start, low), (end, high) = self._words[0], self._words[-1]
        return (high - low) / (end - start)

    def flat(self, t_ms: int) -> dict[str, float | int | None]:
        """Everything in one object without nesting, for JSON Lines; ``t_ms`` in Unix milliseconds."""
        found: dict[str, float | int | None] = {"t_ms": t_ms}
        for metric in METRICS:
            if metric.kind is MetricKind.HISTOGRAM:
                found |= {
                    f"{metric.full_name}_last": _short(self.join.last_s),
                    f"{metric.full_name}_count": self.join.count,
                }
            elif metric.label:
                found |= {f"{metric.full_name}_{slug(name)}": _short(value) for name, value in self.values(metric)}
            else:
                found[metric.full_name] = _short(self.value(metric))
        found["transcript_chunks_per_second"] = _short(self.transcript_rate())
        return found

    # -- inside ----------------------------------------------------------------------------------------------------

    def _count(self, metric: Metric, label: str = "", times: float = 1) -> None:
        self._values[metric][label] += times

    def _grow(self, metric: Metric, label: str, total: int) -> None:
        """A counter that begins anew (another recording) loses nothing but its start."""
        before = self._seen.get((metric, label), 0)
        self._seen[metric, label] = total
        self._count(metric, label, max(0, total - before))

    def _ended(self, event: SessionEnded) -> None:
        self._gauges[ACTIVE] = 0.0

    def _webhook(self, event: WebhookArrived) -> None:
        received = event.received
        if received.verdict.label == _BAD_WEBHOOK:
            self._count(SIGNATURES, WEBHOOK)
        webhook = received.webhook
        if webhook is not None and webhook.kind is WebhookKind.STARTED and webhook.stream_id:
            self._announced[webhook.stream_id] = self._now()
            if len(self._announced) > ANNOUNCED:
                del self._announced[next(iter(self._announced))]

    def _link(self, event: LinkStateChanged) -> None:
        """A media link streams from its first packet on."""
        if event.new is LinkState.STREAMING and event.link != SIGNALING and self._join_from is not None:
            self.join.add(max(0.0, event.at - self._join_from))
            self._join_from = None

    def _answered(self, event: HandshakeAnswered) -> None:
        if not event.ok and "SIGNATURE" in explain_status(event.status_code, event.reason).name:
            self._count(SIGNATURES, HANDSHAKE)

    def _gap(self, event: GapClosed) -> None:
        gap = event.gap
        if gap.end_ms is not None and gap.end_ms > gap.start_ms:
            self._count(GAPS, gap.reason.value)
            self._count(GAP_TIME, gap.reason.value, (gap.end_ms - gap.start_ms) / 1000.0)


def slug(text: str) -> str:
    """``media loss`` as ``media_loss``."""
    return "".join(c if c.isalnum() else "_" for c in text.lower())


def _short(value: float | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 3)
