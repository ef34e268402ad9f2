"""Who hears what: panes what is shown, those who look after the stream the stream, and all what the program tells."""

from __future__ import annotations

from typing import Any

from rtms_desktop.app.events import Notice
from rtms_desktop.app.hub import Hub
from rtms_desktop.app.stream_log import LIMIT, StreamLog
from rtms_desktop.session.events import KeepAlive, MediaReceived, Phase, PhaseChanged, Severity
from rtms_desktop.wire.enums import Medium


def phase(at: float) -> PhaseChanged:
    return PhaseChanged(at=at, old=Phase.CONNECTED, new=Phase.STREAMING)


def test_what_runs_and_what_is_shown_part_ways() -> None:
    hub, window, stream = Hub(), list[Any](), list[Any]()
    ends = hub.subscribe(window.extend), hub.subscribe_stream(stream.extend)
    notice = Notice(severity=Severity.NOTE, what="both")
    hub.publish([notice])
    hub.tell([phase(1)], shown=True)
    hub.tell([phase(2)], shown=False)
    hub.show([phase(3)])
    assert window == [notice, phase(1), phase(3)] and stream == [notice, phase(1), phase(2)]
    for end in ends:
        end()
        end()
    hub.publish([notice])
    assert len(window) == len(stream) == 3


def test_the_log_keeps_what_an_index_keeps() -> None:
    def unit(at: float, user: int) -> MediaReceived:
        return MediaReceived(
            at=at, link="video", medium=Medium.VIDEO, user_id=user, user_name="", timestamp_ms=0, data=b"x"
        )

    log = StreamLog()
    log.take([phase(1), unit(2, 5), unit(3, 5), KeepAlive(at=4, link="video", interval_s=10.0), unit(5, 6)])
    assert [(type(event), event.at) for event in log.events] == [
        (PhaseChanged, 1),
        (MediaReceived, 2),
        (MediaReceived, 5),
    ]
    assert all(not event.data for event in log.events if isinstance(event, MediaReceived))
    log.take([phase(n) for n in range(LIMIT)])
    assert log.forgotten == LIMIT // 2 and log.events[-1].at == LIMIT - 1
