"""The meter on events and counters that the test makes up, and the two texts that are made of it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from rtms_desktop.app import metrics as m
from rtms_desktop.app.events import SessionClosed, SessionOpened, WebhookArrived
from rtms_desktop.app.metrics import Look, Meter
from rtms_desktop.app.openmetrics import openmetrics
from rtms_desktop.session.events import (
    EndCause,
    Gap,
    GapClosed,
    GapReason,
    HandshakeAnswered,
    LinkState,
    LinkStateChanged,
    Reconnected,
    ReconnectScheduled,
    SessionEnded,
    TranscriptReceived,
)
from rtms_desktop.transport.webhook_receiver import ReceivedWebhook
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import TranscriptData
from rtms_desktop.wire.payload import read_webhook
from rtms_desktop.wire.signature import WebhookVerdict
from tests.app.open_metrics import parse

STREAM, MEETING, NAME = "6093stream", "4444meeting==", "Maya Okafor"


class Desk:
    """A meter on a clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0
        self.meter = Meter(lambda: self.now)

    def open(self, is_replay: bool = False) -> None:
        config = SimpleNamespace(stream_id=STREAM, meeting_id=MEETING)
        session: Any = SimpleNamespace(is_replay=is_replay, config=config, opened_at=self.now)
        self.meter.hear([SessionOpened(session=session)])

    def end(self) -> None:
        ended = SessionEnded(
            at=self.now, cause=EndCause.STOPPED, stop_reason=6, status_code=None, reason="", sentence=""
        )
        session: Any = SimpleNamespace(is_replay=False)
        self.meter.hear([ended, SessionClosed(session=session, ended=ended)])

    def first_packet(self, link: str = "audio") -> None:
        changed = LinkStateChanged(at=self.now, link=link, old=LinkState.READY, new=LinkState.STREAMING)
        self.meter.hear([changed])

    def said(self) -> None:
        message = TranscriptData(user_id=7, user_name=NAME, text="secret words", timestamp=1)
        self.meter.hear([TranscriptReceived(at=self.now, link="transcript", message=message)])

    def webhook(self, label: str = "ok") -> None:
        payload = {"meeting_uuid": MEETING, "rtms_stream_id": STREAM, "server_urls": "wss://x.zoom.us"}
        text = json.dumps({"event": "meeting.rtms_started", "event_ts": 1626230691572, "payload": payload})
        received = ReceivedWebhook(
            webhook=read_webhook(text), verdict=WebhookVerdict(label == "ok", label, ""), text=text, duplicate=False,
            received_ms=1,
        )  # fmt: skip
        self.meter.hear([WebhookArrived(received=received)])


@pytest.fixture
def desk() -> Desk:
    return Desk()


def look(packets: int = 0, size: int = 0, **rest: Any) -> Look:
    return Look(packets={Medium.VIDEO: packets}, bytes={Medium.VIDEO: size}, **rest)


def test_active_sessions(desk: Desk) -> None:
    assert desk.meter.value(m.ACTIVE) == 0
    desk.open()
    assert desk.meter.value(m.ACTIVE) == 1
    desk.end()
    assert desk.meter.value(m.ACTIVE) == 0 and desk.meter.value(m.SESSIONS) == 1


def test_a_recording_in_the_window_is_no_session(desk: Desk) -> None:
    desk.open(is_replay=True)
    desk.said()
    desk.first_packet()
    assert desk.meter.value(m.ACTIVE) == 0 and desk.meter.total(m.TRANSCRIPT) == 0 and desk.meter.join.count == 0


def test_join_latency_counts_from_the_start(desk: Desk) -> None:
    desk.open()
    desk.now = 100.4
    desk.first_packet("signaling")
    desk.now = 101.5
    desk.first_packet()
    desk.now = 107.0
    desk.first_packet("video")
    join = desk.meter.join
    assert (join.count, round(join.sum_s, 3), join.buckets) == (1, 1.5, [0, 0, 1, 1, 1, 1, 1])


def test_join_latency_counts_from_the_webhook_where_there_was_one(desk: Desk) -> None:
    desk.webhook()
    desk.now = 104.0
    desk.open()
    desk.now = 105.0
    desk.first_packet()
    assert desk.meter.join.last_s == 5.0
    desk.end()
    desk.open()  # the next connection has no webhook of its own
    desk.now = 106.0
    desk.first_packet()
    assert desk.meter.join.last_s == 1.0


def test_remembered_webhooks_are_bounded(desk: Desk) -> None:
    for number in range(300):
        desk.meter._announced[str(number)] = 0.0
        desk.webhook()
    assert len(desk.meter._announced) <= 300 and STREAM in desk.meter._announced


def test_reconnects_by_scenario(desk: Desk) -> None:
    desk.open()
    for scenario in ("media loss", "media loss", "fail-over"):
        desk.meter.hear([ReconnectScheduled(at=1, link="video", due=2, attempt=2, window_ends=65, scenario=scenario)])
    desk.meter.hear([Reconnected(at=3, link="video", down_s=2), Reconnected(at=3, link="audio", down_s=2, own=False)])
    assert dict(desk.meter.values(m.ATTEMPTS)) == {"media loss": 2, "fail-over": 1}
    assert desk.meter.total(m.RECONNECTS) == 1


@pytest.mark.parametrize(("code", "reason", "counted"), [(3, "INVALID_SIGNATURE", 1), (0, "", 0), (12, "", 0)])
def test_refused_handshakes(desk: Desk, code: int, reason: str, counted: int) -> None:
    desk.open()
    answer = HandshakeAnswered(at=1, link="signaling", ok=code == 0, status_code=code, reason=reason)
    desk.meter.hear([answer])
    assert desk.meter.value(m.SIGNATURES, m.HANDSHAKE) == counted


def test_webhooks_that_were_not_signed_by_zoom(desk: Desk) -> None:
    for label in ("ok", "invalid_x_zm_signature", "missing_webhook_secret_token"):
        desk.webhook(label)
    assert desk.meter.value(m.SIGNATURES, m.WEBHOOK) == 1


def test_gaps_by_reason_and_one_that_was_filled_after_all(desk: Desk) -> None:
    desk.open()
    for end in (1000, 3500):
        gap = Gap(medium=Medium.VIDEO, user_id=7, start_ms=1000, end_ms=end, reason=GapReason.SOCKET_DOWN)
        desk.meter.hear([GapClosed(at=1, gap=gap)])
    assert (desk.meter.value(m.GAPS, "socket_down"), desk.meter.value(m.GAP_TIME, "socket_down")) == (1, 2.5)


def test_counters_go_on_over_sessions_and_over_another_recording(desk: Desk) -> None:
    desk.open()
    desk.meter.look(look(10, 5000, dropped={"recording": 4}, underruns=2))
    desk.meter.look(look(25, 9000, dropped={"recording": 0}, underruns=3))
    desk.end()
    desk.open()
    desk.meter.look(look(5, 100))
    assert desk.meter.value(m.PACKETS, "video") == 30 and desk.meter.value(m.BYTES, "video") == 9100
    assert desk.meter.value(m.DROPS, "recording") == 4 and desk.meter.value(m.UNDERRUNS) == 3


def test_transcript_rate_of_the_last_half_minute(desk: Desk) -> None:
    desk.open()
    assert desk.meter.transcript_rate() is None
    for second in range(120):
        desk.now = 100.0 + second
        if second >= 60 and second % 2:
            desk.said()
        desk.meter.look(look())
    assert desk.meter.transcript_rate() == pytest.approx(0.5, abs=0.02)
    assert desk.meter.total(m.TRANSCRIPT) == 30


def filled(desk: Desk) -> Meter:
    desk.open()
    desk.now = 100.3
    desk.first_packet()
    desk.said()
    desk.meter.hear([ReconnectScheduled(at=1, link="v", due=2, attempt=2, window_ends=65, scenario='odd "one"\n\\')])
    desk.meter.look(look(10, 5000, dropped={"display": 1}, behind_s=0.21, stalled_s=0.0125))
    return desk.meter


def test_the_flat_object_holds_every_figure_of_the_registry(desk: Desk) -> None:
    flat = json.loads(json.dumps(filled(desk).flat(1234)))
    assert flat["t_ms"] == 1234 and flat["active_sessions"] == 1 and flat["received_bytes_video"] == 5000
    assert flat["join_latency_seconds_last"] == 0.3 and flat["behind_live_seconds"] == 0.21
    assert flat["transcript_chunks_per_second"] is None
    assert not [value for value in flat.values() if isinstance(value, dict | list)]
    for metric in m.METRICS:
        if not metric.label or metric in m.FIRST:
            assert [name for name in flat if name.startswith(metric.name)], metric


def test_the_text_is_open_metrics(desk: Desk) -> None:
    families = parse(openmetrics(filled(desk)))
    assert families["rtms_received_bytes"].value("_total", medium="video") == 5000
    assert families["rtms_received_bytes"].unit == "bytes"
    assert families["rtms_active_sessions"].value() == 1
    assert families["rtms_join_latency_seconds"].value("_bucket", le="0.5") == 1
    assert families["rtms_join_latency_seconds"].value("_sum") == 0.3
    assert families["rtms_reconnect_attempts"].value("_total", scenario='odd \\"one\\"\\n\\\\') == 1
    assert len(families) == len(m.METRICS) + 1


def test_the_text_of_a_fresh_program_is_open_metrics_too(desk: Desk) -> None:
    families = parse(openmetrics(desk.meter))
    assert families["rtms_behind_live_seconds"].samples == {}
    assert families["rtms_transcript_chunks"].value("_total") == 0


def test_nobody_is_named(desk: Desk) -> None:
    meter = filled(desk)
    desk.webhook()
    for text in (openmetrics(meter), json.dumps(meter.flat(0))):
        assert not [word for word in (STREAM, MEETING, NAME, "secret words", "Maya") if word in text]


@pytest.mark.parametrize(
    "text",
    [
        "a 1\n", "# TYPE a gauge\na 1\n", "# TYPE a counter\na 1\n# EOF\n", "# TYPE a gauge\n\na 1\n# EOF\n",
        '# TYPE a gauge\na{b="c"} 1\na{b="c"} 2\n# EOF\n', "# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n",
        "# TYPE a counter\na_total -1\n# EOF\n", "# TYPE a gauge\na x\n# EOF\n",
        "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# HELP a late\n# EOF\n",
    ],
)  # fmt: skip
def test_the_reader_is_strict(text: str) -> None:
    with pytest.raises((AssertionError, ValueError)):
        parse(text)
