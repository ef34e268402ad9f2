"""One row of the Events table for each event worth reading: link, severity, code and a sentence. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtms_desktop.app.alert_rules import AlertKind
from rtms_desktop.app.alert_rules import span as length
from rtms_desktop.app.alerts import AlertState
from rtms_desktop.app.events import (
    AlertChanged,
    AudioDeviceChanged,
    MockChanged,
    Notice,
    RecordingChanged,
    RecordingState,
)
from rtms_desktop.session.events import (
    SIGNALING,
    Anomaly,
    DialectDetected,
    EndCause,
    GapClosed,
    GapReason,
    HandshakeAnswered,
    LinkState,
    LinkStateChanged,
    OtherMessage,
    ParticipantChanged,
    PhaseChanged,
    Reconnected,
    ReconnectScheduled,
    SessionEnded,
    SessionStateChanged,
    SessionZero,
    Severity,
    SharingChanged,
    StreamStateChanged,
    WireEvent,
)
from rtms_desktop.viewmodels.codes import explain_change
from rtms_desktop.viewmodels.figures import one_line, scenario_words, span
from rtms_desktop.wire.enums import MessageType, Product, label
from rtms_desktop.wire.messages import MetaData, UnknownMessage, VideoSubscriptionResponse
from rtms_desktop.wire.status import explain_event, explain_state, explain_status, explain_stop

LOUD = {
    LinkState.INTERRUPTED: Severity.WARNING,
    LinkState.WAITING: Severity.WARNING,
    LinkState.REFUSED: Severity.ERROR,
    LinkState.FAILED: Severity.ERROR,
}
# What the sockets, the recorder and the end of the session tell themselves.
_TOLD = (AlertKind.RECONNECTING, AlertKind.RECORDING, AlertKind.REVOKED)
_LOST = (GapReason.SOCKET_DOWN, GapReason.DROPPED_HERE)
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class EventText:
    """``code``: number and name, or ""; ``more``: causes and fixes, for the tooltip.

    ``expert``: a note on how the server speaks, rather than something that happened in the meeting.
    """

    link: str
    severity: Severity
    code: str
    sentence: str
    more: str = ""
    expert: bool = False


def describe(event: Any, product: Product) -> EventText | None:
    """The row of an event, None for those that the other docks show better."""
    writer = _WRITERS.get(type(event))
    return writer(event, product) if writer is not None else None


def _explained(link: str, severity: Severity, found: Any, sentence: str = "") -> EventText:
    more = [f"Cause: {cause}" for cause in found.causes] + [f"Fix: {fix}" for fix in found.fixes]
    return EventText(link, severity, found.label, sentence or found.sentence, "\n".join(more))


def _phase(event: PhaseChanged, product: Product) -> EventText:
    return EventText("", Severity.NOTE, "", f"Session: {event.old.value} to {event.new.value}")


def _link(event: LinkStateChanged, product: Product) -> EventText:
    severity = LOUD.get(event.new, Severity.NOTE)
    parts = [event.new.value] + [one_line(part) for part in (event.cause, event.reason) if part]
    sentence = ": ".join([parts[0], ", ".join(parts[1:])]) if len(parts) > 1 else parts[0]
    found = explain_change(event)
    if found is None:
        return EventText(event.link, severity, "", sentence)
    return _explained(event.link, severity, found, "" if event.new is LinkState.REFUSED else sentence)


def _handshake(event: HandshakeAnswered, product: Product) -> EventText:
    found = explain_status(event.status_code, event.reason)
    if event.ok:
        urls = f", {len(event.urls)} media sockets named" if event.urls else ""
        return _explained(event.link, Severity.NOTE, found, f"handshake accepted{urls}")
    return _explained(event.link, Severity.ERROR, found)


def _scheduled(event: ReconnectScheduled, product: Product) -> EventText:
    wait, window = span(max(0.0, event.due - event.at)), span(max(0.0, event.window_ends - event.at))
    sentence = f"attempt {event.attempt} in {wait}, the window closes in {window} ({scenario_words(event.scenario)})"
    return EventText(event.link, Severity.WARNING, "", sentence)


def _reconnected(event: Reconnected, product: Product) -> EventText:
    return EventText(event.link, Severity.NOTE, "", f"back after {span(event.down_s)}")


def _session_state(event: SessionStateChanged, product: Product) -> EventText:
    found = explain_state(event.state, "session")
    reason = "" if event.stop_reason is None else f" Stop reason: {explain_stop(event.stop_reason).label}"
    return _explained(SIGNALING, Severity.NOTE, found, f"Session state: {found.sentence}{reason}")


def _stream_state(event: StreamStateChanged, product: Product) -> EventText:
    found = explain_state(event.state, "stream")
    reason = "" if not event.reason else f" Reason: {explain_stop(event.reason).label}"
    severity = Severity.WARNING if found.name == "INTERRUPTED" else Severity.NOTE
    return _explained(SIGNALING, severity, found, f"Stream state: {found.sentence}{reason}")


def _wire(event: WireEvent, product: Product) -> EventText:
    found = explain_event(event.message.event_type, product)
    who = ", ".join(one_line(person.user_name, 60) or str(person.user_id) for person in event.message.people[:4])
    severity = Severity.WARNING if found.name == "MEDIA_CONNECTION_INTERRUPTED" else Severity.NOTE
    return _explained(event.link, severity, found, f"{found.sentence} ({who})" if who else found.sentence)


def _other(event: OtherMessage, product: Product) -> EventText | None:
    match event.message:
        case UnknownMessage():
            return None  # an anomaly has told it
        case VideoSubscriptionResponse(ok=False, status_code=code, reason=reason):
            return _explained(event.link, Severity.WARNING, explain_status(code, reason))
        case MetaData(msg_type=number):
            name = label(MessageType, number)
        case message:
            name = _CAPITAL.sub(" ", type(message).__name__).lower()
    return EventText(event.link, Severity.NOTE, "", f"message without effect: {name}", expert=True)


def _gap(event: GapClosed, product: Product) -> EventText | None:
    gap = event.gap
    if gap.reason not in _LOST or gap.end_ms is None:
        return None
    long, reason = span((gap.end_ms - gap.start_ms) / 1000), gap.reason.value.replace("_", " ")
    return EventText(gap.medium.value, Severity.WARNING, "", f"gap of {long} of user {gap.user_id}: {reason}")


def _person(event: ParticipantChanged, product: Product) -> EventText | None:
    who = event.participant
    name = one_line(who.user_name, 80) or f"User {who.user_id}"
    if event.joined or event.left:
        return EventText("", Severity.NOTE, "", f"{name} {'joined' if event.joined else 'left'}")
    return None


def _sharing(event: SharingChanged, product: Product) -> EventText:
    who = one_line(event.user_name, 80) or "Somebody"
    return EventText("", Severity.NOTE, "", f"{who} {'started' if event.sharing else 'stopped'} sharing")


def _anomaly(event: Anomaly, product: Product) -> EventText:
    sentence = f"{event.kind.replace('_', ' ')}: {one_line(event.text)}"
    return EventText(event.link, event.severity, "", sentence, expert=True)


def _dialect(event: DialectDetected, product: Product) -> EventText:
    return EventText(event.link, Severity.NOTE, "", f"the server speaks the dialect {event.dialect}", expert=True)


def _zero(event: SessionZero, product: Product) -> EventText:
    return EventText("", Severity.NOTE, "", f"the session's zero is {event.timestamp_ms} ms in server time")


def _ended(event: SessionEnded, product: Product) -> EventText:
    calm = event.cause in (EndCause.STOPPED, EndCause.LOCAL)
    severity = Severity.NOTE if calm else Severity.ERROR
    if event.stop_reason is not None:
        return _explained("", severity, explain_stop(event.stop_reason), event.sentence)
    if event.status_code is not None:
        return _explained("", severity, explain_status(event.status_code, event.reason), event.sentence)
    return EventText("", severity, "", event.sentence)


def _notice(event: Notice, product: Product) -> EventText | None:
    if event.action == "window.cause":
        return None  # the end of the session has a row of its own
    sentence = f"{event.what}: {event.why}" if event.why else event.what
    return EventText("", event.severity, "", one_line(sentence), event.fix)


def _alert(event: AlertChanged, product: Product) -> EventText | None:
    alert = event.alert
    if alert.kind in _TOLD or alert.state is AlertState.CHANGED:
        return None
    link = {AlertKind.SILENCE: "audio", AlertKind.FROZEN: "video"}.get(alert.kind, "")
    if alert.state is AlertState.ENDED:
        long = length((alert.ended_at or alert.began_at) - alert.began_at)
        return EventText(link, Severity.NOTE, "", one_line(f"over after {long}: {alert.what}"))
    return EventText(link, alert.severity, "", one_line(alert.sentence))


def _recording(event: RecordingChanged, product: Product) -> EventText:
    bad = {RecordingState.FAILED: Severity.ERROR, RecordingState.STALLED: Severity.WARNING}
    tail = f": {one_line(event.problem)}" if event.problem else ""
    folder = str(event.folder) if event.folder is not None else ""
    return EventText("", bad.get(event.state, Severity.NOTE), "", f"recording {event.state.value}{tail}", folder)


def _device(event: AudioDeviceChanged, product: Product) -> EventText:
    if event.problem:
        return EventText("", Severity.WARNING, "", f"no sound device: {one_line(event.problem)}")
    return EventText("", Severity.NOTE, "", f"sound plays on {one_line(event.name)}")


def _mock(event: MockChanged, product: Product) -> EventText:
    tail = f": {one_line(event.problem)}" if event.problem else ""
    return EventText("", Severity.ERROR if tail else Severity.NOTE, "", f"mock server {event.state.value}{tail}")


_WRITERS: dict[type, Callable[[Any, Product], EventText | None]] = {
    PhaseChanged: _phase,
    LinkStateChanged: _link,
    HandshakeAnswered: _handshake,
    ReconnectScheduled: _scheduled,
    Reconnected: _reconnected,
    SessionStateChanged: _session_state,
    StreamStateChanged: _stream_state,
    WireEvent: _wire,
    OtherMessage: _other,
    GapClosed: _gap,
    ParticipantChanged: _person,
    SharingChanged: _sharing,
    Anomaly: _anomaly,
    DialectDetected: _dialect,
    SessionZero: _zero,
    SessionEnded: _ended,
    Notice: _notice,
    AlertChanged: _alert,
    RecordingChanged: _recording,
    AudioDeviceChanged: _device,
    MockChanged: _mock,
}
DESCRIBED = tuple(_WRITERS)
