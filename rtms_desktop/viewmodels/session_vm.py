"""The session in a few words and figures: title, state, recording, and every segment of the status bar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import (
    MockChanged,
    ReceiverChanged,
    RecordingChanged,
    RecordingState,
    ReplayChanged,
    ReplayJumped,
    ReplaySettled,
    SessionClosed,
    SessionOpened,
    ShiftChanged,
    ViewShifted,
)
from rtms_desktop.session.events import Anomaly, EndCause, GapReason, LinkState, Phase, PhaseChanged, Severity
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.codes import what_happened
from rtms_desktop.viewmodels.figures import DASH, grouped, long_clock, span
from rtms_desktop.viewmodels.rates import RATE_S, Rate
from rtms_desktop.viewmodels.recording_words import disk_figure, recording_figure
from rtms_desktop.viewmodels.replay_words import replay_figures, replay_right, replay_state
from rtms_desktop.viewmodels.shift_words import shifted_state
from rtms_desktop.viewmodels.stage_figures import av_text
from rtms_desktop.viewmodels.status_figure import Figure
from rtms_desktop.wire.enums import Medium, StopReason, label
from rtms_desktop.wire.status import explain_status

SETTLE_S = 3.0
KEEP_ALIVE_S = 10.0
NAMES = {"video": "video", "bitrate": "bitrate"}
"""Of figures that are known by their unit, while they have none."""
LOST_REASONS = (GapReason.SOCKET_DOWN, GapReason.DROPPED_HERE)

# phase -> word, colour token of the dot
STATES = {
    Phase.IDLE: ("Not connected", "text3"),
    Phase.CONNECTING: ("Connecting", "text3"),
    Phase.CONNECTED: ("Connected", "ok"),
    Phase.STREAMING: ("Streaming", "ok"),
    Phase.PAUSED: ("Paused", "text3"),
    Phase.RECONNECTING: ("Reconnecting", "warn"),
    Phase.ENDING: ("Ending", "text3"),
    Phase.ENDED: ("Ended", "text3"),
}


class SessionViewModel(QObject):
    """`changed` after anything but figures; the figures are read at the text tick."""

    changed = Signal()
    recording_changed = Signal()
    shift_changed = Signal()
    opened = Signal()
    closed = Signal()

    def __init__(
        self,
        controller: Any,
        source_size: Callable[[tuple[str, int]], tuple[int, int] | None],
        parent: QObject | None = None,
    ) -> None:
        """`source_size`: pixels of a track's newest picture, or None."""
        super().__init__(parent)
        self._controller, self._source_size = controller, source_size
        self._bits, self._frames = Rate(), Rate()
        self._odd: Counter[Severity] = Counter()
        self._jumping = False
        self.last_ended: Any = None
        listen(
            self,
            controller.hub,
            {
                SessionOpened: self._opened,
                SessionClosed: self._closed,
                PhaseChanged: lambda event: self._phase_changed(),
                RecordingChanged: lambda event: self.recording_changed.emit(),
                MockChanged: lambda event: self.changed.emit(),
                ReceiverChanged: lambda event: self.changed.emit(),
                Anomaly: self._odd_thing,
                ReplayChanged: lambda event: self.changed.emit(),
                ReplayJumped: lambda event: self._jumped(),
                ReplaySettled: lambda event: self._settled(),
                ViewShifted: lambda event: self.changed.emit(),
                ShiftChanged: lambda event: self._shift_changed(),
            },
        )

    def _opened(self, event: SessionOpened) -> None:
        self._bits.clear()
        self._frames.clear()
        self._odd.clear()
        self.last_ended = None
        self.opened.emit()
        self.changed.emit()

    def _shift_changed(self) -> None:
        self.shift_changed.emit()
        self.changed.emit()

    def _phase_changed(self) -> None:
        if not self._jumping:  # else it is part of a story that is told up to the playhead
            self.changed.emit()

    def _jumped(self) -> None:
        self._jumping = True
        self._odd.clear()

    def _settled(self) -> None:
        """The playhead stands elsewhere: its rates are those of the seconds before it."""
        self._jumping = False
        self._bits.clear()
        self._frames.clear()
        now = self._controller.clock.now()
        for look in self.session.looks(now - RATE_S, now):
            self._take_rates(look, look.at)
        self.changed.emit()

    def _odd_thing(self, event: Anomaly) -> None:
        self._odd[event.severity] += 1

    def _closed(self, event: SessionClosed) -> None:
        self.last_ended = None if event.session.is_replay else event.ended
        self.closed.emit()
        self.changed.emit()

    # -- state ---------------------------------------------------------------------------------------------------

    @property
    def session(self) -> Any:
        return self._controller.session

    @property
    def replay(self) -> Any:
        """The recording that is shown, or None; one that is being made is a part of its stream."""
        return self.session if self.session is not None and self.session.is_replay and not self.shifted else None

    @property
    def shifted(self) -> bool:
        """Whether a stream runs and another moment of it is shown."""
        shifted: bool = self._controller.shift.active
        return shifted

    @property
    def showing(self) -> bool:
        """Whether there is anything in the window: a stream or a recording."""
        return self.session is not None

    @property
    def connected(self) -> bool:
        """Whether a stream is there to be stopped and recorded."""
        return self._controller.stream is not None

    @property
    def refused(self) -> bool:
        """Whether the last connection ended before anything came."""
        ended, nothing = self.last_ended, (EndCause.REJECTED, EndCause.CONNECT_FAILED)
        return self.session is None and ended is not None and ended.cause in nothing

    @property
    def phase(self) -> Phase:
        return self.session.core.phase if self.session is not None else Phase.IDLE

    @property
    def title(self) -> str:
        told = self._controller.stream if self.shifted else self.session
        return told.title if told is not None else ""

    @property
    def window_title(self) -> str:
        """`REC · Weekly product sync · RTMS Desktop`"""
        recording = "REC" if self.recording_state in (RecordingState.RECORDING, RecordingState.STALLED) else ""
        replayed = "Replay" if self.replay is not None else "behind live" if self.shifted else ""
        return " · ".join(part for part in (recording, self.title, replayed, "RTMS Desktop") if part)

    @property
    def state(self) -> Figure:
        """The first segment: a word and a dot."""
        if self.replay is not None:
            return replay_state(self.replay)
        if self.shifted:
            return shifted_state(self._controller.shift)
        ended = self.last_ended
        if self.session is None and ended is not None and ended.cause is EndCause.REJECTED:
            return Figure("state", "", "Refused", code_of(ended), ended.sentence, "error", "circle-x")
        if self.session is None and ended is not None and ended.cause is EndCause.CONNECT_FAILED:
            return Figure(
                "state", "", "Not connected", what_happened(ended.reason), ended.sentence, "error", "circle-x"
            )
        if self.session is None and ended is not None and ended.cause is EndCause.CUT_OFF:
            return Figure("state", "", "Cut off", code_of(ended), ended.sentence, "error", "circle-x")
        if self.session is None and ended is not None:
            return Figure("state", "", "Ended", code_of(ended), ended.sentence, "text3")
        word, token = STATES[self.phase]
        note = "mock" if self.session is not None and self._is_mock() else ""
        tip = "State of the session: from connecting to ended. Each socket has its own state in the Monitor."
        return Figure("state", "", word, note, tip, token)

    def _is_mock(self) -> bool:
        mock = self._controller.mock.info
        return mock is not None and self.session.invite.signaling_url.startswith(mock.signaling_url)

    # -- recording -----------------------------------------------------------------------------------------------

    @property
    def recording_state(self) -> RecordingState:
        return self._controller.recording.state.state

    @property
    def is_recording(self) -> bool:
        return self.recording_state in (RecordingState.RECORDING, RecordingState.STALLED)

    @property
    def recording_s(self) -> float:
        started = self._controller.recording.state.started_wall_ms
        return max(0.0, (self._controller.clock.wall_ms() - started) / 1000) if started else 0.0

    @property
    def recording_text(self) -> str:
        """What the Record button says."""
        state = self.recording_state
        if state is RecordingState.STALLED:
            return f"REC stalled {self._stalled_s():.0f} s"
        if state is RecordingState.RECORDING:
            return f"REC {long_clock(self.recording_s)}"
        return "Saving" if state is RecordingState.FINALISING else "Record"

    def _stalled_s(self) -> float:
        recorder = self._recorder
        return float(recorder.stats.stalled_s) if recorder is not None else 0.0

    @property
    def _recorder(self) -> Any:
        stream = self._controller.stream
        return stream.recorder if stream is not None else None

    def toggle_recording(self) -> None:
        if self.is_recording:
            self._controller.recording.stop()
        elif self.connected:
            self._controller.recording.start()

    # -- figures -------------------------------------------------------------------------------------------------

    def figures(self) -> list[Figure]:
        """The left segments of the status bar in order of weight; empty while nothing is connected."""
        if self.session is None:
            return self._stopped()
        core, now = self.session.core, self._controller.clock.now()
        if self.replay is not None:
            return replay_figures(self.replay, self._video(core, now), self._bitrate(core, now))
        settled = now - self.session.opened_at >= SETTLE_S
        runs = self._controller.stream.core if self.shifted else core  # how it is doing, whatever is shown
        made = [
            self._behind(), self._video(core, now), self._bitrate(core, now), self._sync(),
            self._keep_alive(runs, self._controller.machine.now()), self._gaps(runs),
            *([] if self.shifted else [self._dropped()]), self._notes(),
        ]  # fmt: skip
        return made if settled else [_unsettled(figure) for figure in made]

    def _stopped(self) -> list[Figure]:
        """Where the last connection stopped, if it came to nothing."""
        found = self._controller.examination
        if not self.refused or found.failed is None:
            return []
        step, again = f"{found.failed.number} of {len(found.listing.steps)}", found.verdict.may_retry
        return [
            Figure("step", "stopped at step", step, "", "The Doctor says why, and what to do."),
            Figure("retry", "retry", "may help" if again else "no", "", "Whether trying again as it is can help."),
        ]

    def right_figures(self) -> list[Figure]:
        """The right segments, which never go: saving text, recording, disk."""
        if self.replay is not None:
            return [*replay_right(self.replay), self._disk()]
        saving = self.is_recording
        tip = "Words, chat and events are written to the recording." if saving else "Nothing is written to disk."
        made = [Figure("text", "", "", "saving text" if saving else "not saving", tip, icon="captions")]
        stats = self._recorder.stats if saving and self._recorder is not None else None
        if stats is not None:
            healthy = self.recording_state is RecordingState.RECORDING
            now = self._controller.machine.now()
            made.append(recording_figure(stats, self.recording_s, now, healthy=healthy))
        if self.session is None or self._controller.webhooks.state.url:
            made.append(self._receiver())
        return [*made, self._disk(stats)]

    def _disk(self, stats: Any = None) -> Figure:
        return disk_figure(self._controller.recording.free_disk_bytes, stats)

    def _take_rates(self, core: Any, now: float) -> None:
        """Counters of the core, now or as they were."""
        self._bits.add(now, sum(track.bytes for track in core.tracks.values()) * 8)
        track = core.tracks.get((Medium.VIDEO, self._main_video(self.session.core)))
        if track is not None:
            self._frames.add(now, track.count)

    def _receiver(self) -> Figure:
        url = self._controller.webhooks.state.url
        tip = f"Webhooks are received at {url}." if url else "Webhooks are not received."
        return Figure("receiver", "", "", "receiver on" if url else "receiver off", tip, icon="webhook")

    def _notes(self) -> Figure:
        """What the server should not have done, or what was not understood; errors weigh most."""
        warnings, errors = self._odd[Severity.WARNING], self._odd[Severity.ERROR]
        noted = self._odd[Severity.NOTE]
        token = "error" if errors else "warn" if warnings else "text1"
        kinds = (errors, "error"), (warnings, "warning")
        parts = [f"{count} {word}{'s' if count > 1 else ''}" for count, word in kinds if count]
        tip = (
            "Oddities of the server: unexpected fields, wrong order, unknown types, timestamps that run backwards. "
            f"Notes {noted}, warnings {warnings}, errors {errors}; Events lists them. 0 is normal."
        )
        return Figure("notes", "notes", grouped(noted + warnings + errors), ", ".join(parts), tip, token)

    def _behind(self) -> Figure:
        behind = self._controller.shift.behind_s
        if behind is not None:
            tip = "How long ago that was what you see. Capture and recording go on; L goes back to live."
            return Figure("behind", "behind live", f"{behind:.1f} s", "", tip)
        pipeline = self._controller.pipeline
        playout = getattr(pipeline.stats, "playout_ms", None) if pipeline is not None else None
        value = DASH if playout is None else f"{playout / 1000:.1f} s"
        tip = "How far what you see and hear is behind its arrival: the playout buffer. 0.1 to 0.4 s is normal."
        return Figure("behind", "behind live", value, "", tip)

    def _video(self, core: Any, now: float) -> Figure:
        key = self._main_video(core)
        track = core.tracks.get((Medium.VIDEO, key)) if key is not None else None
        tip = "Size and frames per second of the speaker's video as received. 25 fps is what was asked for."
        if track is None:
            return Figure("video", NAMES["video"], DASH, "", tip)
        self._frames.add(now, track.count)
        fps = self._frames.per_second()
        size = self._size(key)
        shown = f"{fps:.1f} fps" if fps is not None else f"{DASH} fps"
        height = size.rpartition("×")[2]
        short = f"{height}p  {shown}" if height.isdigit() else shown
        return Figure("video", "", f"{size}  {shown}", "", tip, short=short)

    def _main_video(self, core: Any) -> int | None:
        users = [user_id for medium, user_id in core.tracks if medium is Medium.VIDEO]
        if core.active_speaker in users:
            return core.active_speaker
        return users[0] if users else None

    def _size(self, user_id: int | None) -> str:
        source = self._source_size(("video", user_id)) if user_id is not None else None
        return f"{source[0]}×{source[1]}" if source else DASH

    def _bitrate(self, core: Any, now: float) -> Figure:
        self._bits.add(now, sum(track.bytes for track in core.tracks.values()) * 8)
        rate = self._bits.per_second()
        tip = "Audio, video and share together, after base64, over the last 3 s. On the wire it is a third more."
        if rate is None:
            return Figure("bitrate", NAMES["bitrate"], DASH, "", tip)
        return Figure("bitrate", "", f"{rate / 1e6:.2f} Mbit/s", "", tip)

    def _sync(self) -> Figure:
        tip = "Picture against sound; plus means the picture is late. Within ±45 ms nobody notices."
        return Figure("av", "A/V", av_text(self._controller.pipeline), "", tip)

    def _keep_alive(self, core: Any, now: float) -> Figure:
        ages, missed = [], 0
        for view in core.links.values():
            if view.state in (LinkState.READY, LinkState.STREAMING, LinkState.PAUSED):
                last = view.stats.last_keep_alive_at
                if last is not None:
                    ages.append(now - last)
                    missed = max(missed, view.stats.missed, int(max(0.0, now - last) // KEEP_ALIVE_S))
        tip = "Seconds since the oldest 12 KEEP_ALIVE_REQ of any socket; one comes every 10 s. Three missed: lost."
        value = f"{max(ages):.0f} s" if ages else DASH
        return Figure("alive", "keep-alive", value, f"missed {missed} of 3", tip, "warn" if missed else "text1")

    def _gaps(self, core: Any) -> Figure:
        lost = [gap for gap in core.closed_gaps if gap.reason in LOST_REASONS]
        open_now = [gap for gap in core.open_gaps if gap.reason in LOST_REASONS]
        seconds = sum((gap.end_ms - gap.start_ms) / 1000 for gap in lost if gap.end_ms is not None)
        tip = "Holes in a medium that should have had data, and how long they were together. 0 is normal."
        note = span(seconds) if lost else ""
        return Figure("gaps", "gaps", str(len(lost) + len(open_now)), note, tip, "warn" if open_now else "text1")

    def _dropped(self) -> Figure:
        pipeline = self._controller.pipeline
        count = pipeline.stats.frames_dropped if pipeline is not None else 0
        tip = "Pictures that arrived but were not shown because a newer one was due. A few are normal."
        return Figure("dropped", "dropped", grouped(count), "", tip)


def code_of(ended: Any) -> str:
    """`3 INVALID_SIGNATURE`: number and name of what ended a session, as far as it has them."""
    if ended.stop_reason is not None:
        return label(StopReason, ended.stop_reason)
    return explain_status(ended.status_code, ended.reason).label if ended.status_code is not None else ""


def _unsettled(figure: Figure) -> Figure:
    note = "missed – of 3" if figure.key == "alive" else ""
    return Figure(figure.key, figure.label or NAMES.get(figure.key, ""), DASH, note, figure.tip)
