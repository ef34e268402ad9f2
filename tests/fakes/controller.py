"""A controller without a network: one scripted meeting on a clock that only `step` moves. For view tests and demos.

`FakeController(folder)` is idle; `live()` opens a session with people, pictures, text, sound levels and one gap; each
`step(seconds)` lets the meeting go on. Every call of a view-model is noted in `calls`.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rtms_desktop.app.alert_desk import AlertDesk
from rtms_desktop.app.connect import ConnectRequest
from rtms_desktop.app.credentials import CredentialStore
from rtms_desktop.app.events import (
    ConnectAsked,
    ConnectChecked,
    MachineChecked,
    SessionClosed,
    SessionOpened,
    WebhookArrived,
)
from rtms_desktop.app.examination import Examination
from rtms_desktop.app.hub import Hub
from rtms_desktop.app.marks_desk import MarksDesk
from rtms_desktop.app.metrics_desk import MetricsDesk
from rtms_desktop.app.metrics_output import look_at
from rtms_desktop.app.moment import Moment
from rtms_desktop.app.settings import RecentSession, Settings
from rtms_desktop.app.tape import SessionTape
from rtms_desktop.recording.marks import Mark, MarkBook
from rtms_desktop.session.config import DEFAULT_PARAMS, SessionConfig
from rtms_desktop.session.events import (
    ActiveSpeakerChanged,
    ChatReceived,
    EndCause,
    Gap,
    GapClosed,
    GapOpened,
    GapReason,
    HandshakeAnswered,
    KeepAlive,
    LinkState,
    LinkStateChanged,
    Participant,
    ParticipantChanged,
    Phase,
    PhaseChanged,
    ReadySent,
    Reconnected,
    ReconnectScheduled,
    SessionEnded,
    SessionZero,
    SharingChanged,
    TranscriptReceived,
)
from rtms_desktop.transport.link import Reach
from rtms_desktop.transport.webhook_receiver import ReceivedWebhook
from rtms_desktop.wire.enums import Medium, Product
from rtms_desktop.wire.invite import Invite
from rtms_desktop.wire.messages import ChatData, Person, TranscriptData
from rtms_desktop.wire.payload import read_webhook
from rtms_desktop.wire.signature import WebhookVerdict
from tests.fakes.controller_desks import (
    FakeDiagnostics,
    FakeMock,
    FakeRecorder,
    FakeRecording,
    FakeShift,
    FakeSound,
    FakeWebhooks,
)
from tests.fakes.exports import FakeExports
from tests.fakes.library import FakeLibrary
from tests.fakes.pictures import picture

MAYA, TOMAS, IRIS = 16778240, 16779264, 16780288
NAMES = {MAYA: "Maya Okafor", TOMAS: "Tomás Rivera", IRIS: "Iris Lehmann"}
WALL0_MS = 1_795_183_331_000
MEDIA = tuple(m.value for m in Medium)
LINKS = ("signaling", *MEDIA)
SCRIPT = (
    (MAYA, "Shall we start with the rollout?"),
    (TOMAS, "Nordics are done, and so is most of DACH."),
    (TOMAS, "The other three regions are where we expected them."),
    (MAYA, "Is it the bank again?"),
    (TOMAS, "Yes. One issuer refuses the newer tokens, so the payment sheet never opens."),
    (TOMAS, "The fix is a fallback to the older version for that issuer only."),
    (MAYA, "And the risk of that?"),
    (MAYA, "So if the fallback lands on Thursday, we can still reach one hundred per cent before the fourth."),
)
SAID = (
    "The dashboard link is in the notes",
    "I see 46 % for Iberia",
    "That is the one bank",
    "Shipping Thursday then?",
)
# Bytes a second and messages a second of each medium.
RATES = {
    "audio": (64_000, 50.0),
    "video": (105_000, 25.0),
    "share": (8_200, 1.0),
    "transcript": (60, 0.4),
    "chat": (9, 0.05),
}


class FakeClock:
    """Monotonic seconds and wall milliseconds that move together, by `step` only."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    def wall_ms(self) -> int:
        return WALL0_MS + round((self.seconds - 1000.0) * 1000)


@dataclass
class LinkStats:
    messages_in: int = 0
    messages_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    last_message_at: float | None = None
    last_keep_alive_at: float | None = None
    keep_alives: int = 0
    missed: int = 0
    anomalies: int = 0


@dataclass
class LinkView:
    state: LinkState = LinkState.CLOSED
    url: str = ""
    attempt: int = 0
    opened_at: float | None = None
    stats: LinkStats = field(default_factory=LinkStats)


@dataclass
class TrackStats:
    user_name: str = ""
    count: int = 0
    bytes: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    last_at: float | None = None
    jitter_ms: float = 0.0
    step_ms: float = 0.0
    gaps: int = 0
    lost: int = 0


@dataclass
class FakeCore:
    """The figures of SessionCore that others read."""

    phase: Phase = Phase.IDLE
    links: dict[str, LinkView] = field(default_factory=lambda: {name: LinkView() for name in LINKS})
    tracks: dict[tuple[Medium, int], TrackStats] = field(default_factory=dict)
    participants: dict[int, Participant] = field(default_factory=dict)
    active_speaker: int | None = None
    granted: Any = DEFAULT_PARAMS
    reconnects: int = 0
    counts: Counter[Medium] = field(default_factory=Counter)
    anomalies: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    session_zero_ms: int | None = None
    stop_reason: int | None = None
    session_id: str = ""
    closed_gaps: list[Gap] = field(default_factory=list)
    open_gaps: list[Gap] = field(default_factory=list)


@dataclass(frozen=True)
class Level:
    rms_db: float
    peak_db: float


@dataclass(frozen=True, kw_only=True)
class VideoFrame:
    key: tuple[str, int]
    width: int
    height: int
    stride: int
    bgra: bytes
    source_width: int
    source_height: int
    pts_ms: int
    arrived_at: float
    due_at: float
    keyframe: bool = False


class FakePipeline:
    """Pictures of the size that the surfaces asked for, and levels of whoever speaks."""

    def __init__(self, controller: FakeController) -> None:
        self._controller = controller
        self.surfaces: dict[tuple[str, int], tuple[int, int] | None] = {}
        self.frames: dict[tuple[str, int], VideoFrame] = {}
        self.painted_frames: list[tuple[tuple[str, int], float]] = []
        self.people: dict[int, tuple[bool, bool]] = {}
        self.master = 1.0
        self.loud: dict[int, Level] = {}
        self.cameras = {MAYA, TOMAS, IRIS}
        self.stats = SimpleNamespace(
            frames_shown=0, frames_dropped=0, frames_late=0, audio_underruns=0, underruns=0, playout_ms=200.0,
            decode_errors=0, lost_references=0, queue_depth=2, queue_dropped=0,
            audio=SimpleNamespace(inbox=1, inbox_dropped=0),
        )  # fmt: skip
        self.av_offset_ms: float | None = 8.0

    def set_surface(self, key: tuple[str, int], width: int | None, height: int | None) -> None:
        self.surfaces[key] = (width, height) if width and height else None

    @property
    def visible(self) -> list[tuple[str, int]]:
        return [key for key, size in self.surfaces.items() if size is not None]

    def take_frames(self) -> dict[tuple[str, int], VideoFrame]:
        frames, self.frames = self.frames, {}
        return frames

    def painted(self, frame: VideoFrame, now: float) -> None:
        self.stats.frames_shown += 1
        self.painted_frames.append((frame.key, now - frame.arrived_at))

    def levels(self) -> dict[int, Level]:
        return dict(self.loud)

    @property
    def master_level(self) -> Level:
        """The loudest, through the master fader."""
        if not self.loud or self.master <= 0:
            return Level(-75.0, -75.0)
        fader = 20 * math.log10(self.master)
        loudest = max(self.loud.values(), key=lambda level: level.rms_db)
        return Level(loudest.rms_db + fader, loudest.peak_db + fader)

    def set_person(self, user_id: int, *, mute: bool, solo: bool) -> None:
        self.people[user_id] = (mute, solo)

    def set_master(self, value: float) -> None:
        self.master = value

    def draw(self, key: tuple[str, int], keyframe: bool = False) -> None:
        """Decode one picture for a surface that is on screen."""
        size = self.surfaces.get(key)
        if size is None:
            return
        source = (1920, 1080) if key[0] == "share" else (1280, 720)
        scale = min(size[0] / source[0], size[1] / source[1])
        width, height = max(2, round(source[0] * scale)), max(2, round(source[1] * scale))
        now = self._controller.clock.now()
        self.frames[key] = VideoFrame(
            key=key, width=width, height=height, stride=width * 4,
            bgra=picture(key[0], list(NAMES).index(key[1]), width, height), source_width=source[0],
            source_height=source[1], pts_ms=self._controller.clock.wall_ms(), arrived_at=now - 0.004, due_at=now,
            keyframe=keyframe,
        )  # fmt: skip


class FakeSession:
    is_replay = False

    def __init__(self, invite: Invite, config: SessionConfig, clock: FakeClock) -> None:
        self.invite, self.config, self.core = invite, config, FakeCore()
        self.opened_at, self.opened_wall_ms = clock.now(), clock.wall_ms()
        self.recorder: FakeRecorder | None = None
        self.bundles: list[Path] = []
        self.ended: SessionEnded | None = None
        self.title = "Weekly product sync"
        self.tape = SessionTape()
        self.book, self.revoked = MarkBook(), False
        self.driver = SimpleNamespace(reach={"signaling": Reach("203.0.113.7", "TLSv1.3", 0.041)})

    @property
    def marks(self) -> list[Mark]:
        return self.book.marks

    @property
    def can_mark(self) -> bool:
        return self.ended is None

    def change_mark(self, change: Mark) -> bool:
        return self.book.take(change)

    def server_ms_of_at(self, at: float) -> int:
        return round(self.opened_wall_ms + (at - self.opened_at) * 1000)


class FakeController:
    """What `app.controller.Controller` offers, over a scripted meeting."""

    def __init__(self, folder: Path, people: tuple[int, ...] = (MAYA, TOMAS)) -> None:
        self.clock = FakeClock()
        self.hub = Hub()
        self.settings = Settings(folder)
        self.credentials = CredentialStore(self.settings)
        self.examination = Examination(self.hub, self.clock)
        self.moment = Moment(self.hub, self.clock.now)
        self.marks = MarksDesk(self.hub, shown=lambda: self.session, now=lambda: self.clock.now())  # type: ignore[arg-type,return-value]
        self.last_request: ConnectRequest | None = None
        self.session: FakeSession | None = None
        self.pipeline: FakePipeline | None = None
        self.sound, self.mock = FakeSound(self), FakeMock(self)
        self.recording, self.webhooks = FakeRecording(self), FakeWebhooks(self)
        self.shift = FakeShift(self)
        self.diagnostics = FakeDiagnostics(self)
        self.alerts = AlertDesk(
            self.hub, self.clock, pipeline=lambda: self.pipeline, limits=lambda: self.settings.values.alerts
        )
        self.metrics = MetricsDesk(
            self.hub, self.clock, self.settings, pipeline=lambda: self.pipeline, stalled=lambda: 0.0
        )
        self.library, self.exports = FakeLibrary(self.hub), FakeExports(self.hub)
        self.calls: list[tuple[Any, ...]] = []
        self.kept: list[Any] = []
        self.people = people
        self.wake: Any = lambda: None
        self._said = 0
        self._next_line = self._next_chat = self._next_alive = self._next_frame = 0.0

    # -- what the real one offers --------------------------------------------------------------------------------

    @property
    def stream(self) -> FakeSession | None:
        return None if self.session is None or self.session.is_replay else self.session

    @property
    def live_pipeline(self) -> FakePipeline | None:
        return self.pipeline

    @property
    def machine(self) -> FakeClock:
        return self.clock

    @property
    def recent(self) -> list[RecentSession]:
        return self.settings.values.recent

    @property
    def recordings(self) -> list[Any]:
        return self.kept

    def understand(self, text: str) -> Any:
        from rtms_desktop.app.connect import understand

        return understand(text)

    def connect(self, request: Any) -> None:
        self.calls.append(("connect", request))
        self.ask(request)
        self.live(request.invite, streaming=False)
        if request.record:
            self.recording.start()

    def try_it_now(self, *, record: bool = False) -> None:
        self.calls.append(("try_it_now",))
        self.mock.start()
        self.live()

    def stop(self) -> None:
        self.calls.append(("stop",))
        self.end(EndCause.STOPPED, 20, "The stream was closed as asked: 20 RECEIVER_REQUEST_CLOSE")

    def disconnect(self) -> None:
        self.calls.append(("disconnect",))
        self.end(EndCause.LOCAL, None, "Disconnected.")

    def request_video(self, user_id: int, subscribe: bool) -> None:
        self.calls.append(("request_video", user_id, subscribe))

    def close_recording(self) -> None:
        self.calls.append(("close_recording",))

    def reconnect_now(self) -> None:
        self.calls.append(("reconnect_now",))

    def connect_again(self, client_id: str = "") -> None:
        self.calls.append(("connect_again", client_id))

    def check_first(self, request: ConnectRequest) -> None:
        self.calls.append(("check_first", request))
        self.hub.publish([ConnectChecked(url=request.invite.signaling_url)])

    def check_machine(self) -> None:
        self.calls.append(("check_machine",))
        self.hub.publish([MachineChecked()])

    def snapshot(self, key: tuple[str, int]) -> Path | None:
        self.calls.append(("snapshot", key))
        return self.settings.recordings / "snapshot.png"

    # -- the script ----------------------------------------------------------------------------------------------

    def ask(self, request: ConnectRequest) -> None:
        """A person wants this stream; the Doctor begins a file on it."""
        self.last_request = request
        self.hub.publish([ConnectAsked(request=request)])

    def socket_opens(self) -> None:
        """The signaling socket is there."""
        assert self.session is not None
        self.clock.seconds += 0.079
        self.session.tape.control({"do": "link_opened", "link": "signaling"}, self.clock.now())

    def webhook(self, body: dict[str, Any], verdict: str = "ok", duplicate: bool = False) -> ReceivedWebhook:
        """A webhook comes in."""
        text = json.dumps(body)
        made = ReceivedWebhook(
            webhook=read_webhook(text), verdict=WebhookVerdict(verdict == "ok", verdict, f"It is {verdict}."),
            text=text, duplicate=duplicate, received_ms=self.clock.wall_ms(),
        )  # fmt: skip
        self.hub.publish([WebhookArrived(received=made)])
        return made

    def live(self, invite: Invite | None = None, *, streaming: bool = True) -> FakeSession:
        """Open a session; with `streaming` it is past its handshakes and everybody is there."""
        invite = invite or an_invite()
        config = SessionConfig(
            meeting_id=invite.meeting_id, stream_id=invite.stream_id, signature="0" * 64,
            signaling_url=invite.signaling_url, product=invite.product,
        )  # fmt: skip
        self.session = session = FakeSession(invite, config, self.clock)
        self.pipeline = FakePipeline(self)
        self.pipeline.set_master(self.settings.values.volume)
        self.hub.publish([SessionOpened(session=session)])
        self._phase(Phase.CONNECTING)
        self.link("signaling", LinkState.CONNECTING)
        if streaming:
            self.arrive()
        return session

    def arrive(self) -> None:
        """All handshakes pass, the people are there, the pictures begin."""
        core, now = self.core, self.clock.now()
        urls = dict.fromkeys(MEDIA, "wss://rtms-sjc1.zoom.us:443")
        self.link("signaling", LinkState.AUTHENTICATED)
        self.hub.publish([HandshakeAnswered(at=now, link="signaling", ok=True, status_code=0, reason="", urls=urls)])
        for medium in MEDIA:
            for state in (LinkState.CONNECTING, LinkState.AUTHENTICATED, LinkState.READY, LinkState.STREAMING):
                self.link(medium, state)
            self.hub.publish([HandshakeAnswered(at=now, link=medium, ok=True, status_code=0, reason="")])
            self.session.tape.control({"do": "link_opened", "link": medium}, now)
        self.link("signaling", LinkState.READY)
        core.session_zero_ms = self.clock.wall_ms()
        self.hub.publish([ReadySent(at=now), SessionZero(at=now, timestamp_ms=core.session_zero_ms)])
        self._phase(Phase.CONNECTED)
        for user_id in self.people:
            self.join(user_id)
        self._phase(Phase.STREAMING)
        self.speak(self.people[0])
        self._next_line = self._next_chat = self._next_alive = self._next_frame = now
        self.step(0.04)

    @property
    def core(self) -> FakeCore:
        assert self.session is not None
        return self.session.core

    def join(self, user_id: int, video_on: bool | None = True) -> None:
        person = Participant(user_id=user_id, user_name=NAMES[user_id], video_on=video_on)
        self.core.participants[user_id] = person
        for medium in (Medium.AUDIO, Medium.VIDEO):
            self.core.tracks[medium, user_id] = TrackStats(user_name=NAMES[user_id])
        self.hub.publish([ParticipantChanged(at=self.clock.now(), participant=person, joined=True)])

    def leave(self, user_id: int) -> None:
        person = Participant(user_id=user_id, user_name=NAMES[user_id], present=False)
        self.core.participants[user_id] = person
        self.hub.publish([ParticipantChanged(at=self.clock.now(), participant=person, left=True)])

    def camera(self, user_id: int, on: bool) -> None:
        person = Participant(user_id=user_id, user_name=NAMES[user_id], video_on=on)
        self.core.participants[user_id] = person
        assert self.pipeline is not None
        (self.pipeline.cameras.add if on else self.pipeline.cameras.discard)(user_id)
        self.hub.publish([ParticipantChanged(at=self.clock.now(), participant=person)])

    def share(self, user_id: int | None) -> None:
        """Somebody begins to share, or with None the sharing ends."""
        if user_id is not None:
            self.core.tracks[Medium.SHARE, user_id] = TrackStats(user_name=NAMES[user_id])
        self._sharer = user_id
        name = NAMES.get(user_id or 0, "")
        self.hub.publish(
            [SharingChanged(at=self.clock.now(), sharing=user_id is not None, user_id=user_id, user_name=name,
                            timestamp_ms=self.clock.wall_ms())]
        )  # fmt: skip

    _sharer: int | None = None

    def speak(self, user_id: int) -> None:
        self.core.active_speaker = user_id
        self.hub.publish(
            [ActiveSpeakerChanged(at=self.clock.now(), user_id=user_id, user_name=NAMES[user_id],
                                  timestamp_ms=self.clock.wall_ms())]
        )  # fmt: skip

    def say(self, user_id: int, text: str) -> None:
        wall = self.clock.wall_ms()
        message = TranscriptData(
            user_id=user_id, user_name=NAMES[user_id], text=text, timestamp=wall, start_time=wall - 2000, end_time=wall,
            language=9,
        )  # fmt: skip
        self.hub.publish([TranscriptReceived(at=self.clock.now(), link="transcript", message=message)])

    def write(self, user_id: int, text: str) -> None:
        self._said += 1
        message = ChatData(
            text=text, timestamp=self.clock.wall_ms(), message_id=f"m{self._said}", session_type=1,
            sender=Person(user_id=user_id, user_name=NAMES[user_id]),
        )  # fmt: skip
        self.hub.publish([ChatReceived(at=self.clock.now(), link="chat", message=message)])

    def link(self, name: str, state: LinkState, cause: str = "", code: int | None = None, reason: str = "") -> None:
        view = self.core.links[name]
        old, view.state = view.state, state
        view.url = view.url or "wss://rtms-sjc1.zoom.us:443"
        if state is LinkState.CONNECTING:
            view.attempt += 1
            view.opened_at = self.clock.now()
        self.hub.publish(
            [
                LinkStateChanged(
                    at=self.clock.now(), link=name, old=old, new=state, cause=cause, code=code, reason=reason
                )
            ]
        )

    def lose(self, name: str = "video", wait_s: float = 3.0) -> None:
        """A media socket is cut; a gap opens for everybody on it."""
        now = self.clock.now()
        self.link(name, LinkState.INTERRUPTED, "socket lost", 1006)
        self.link(name, LinkState.WAITING, "scenario 3")
        self._phase(Phase.RECONNECTING)
        gap = Gap(
            medium=Medium(name),
            user_id=self.people[0],
            start_ms=self.clock.wall_ms(),
            end_ms=None,
            reason=GapReason.SOCKET_DOWN,
        )
        self.core.open_gaps.append(gap)
        self.hub.publish(
            [
                ReconnectScheduled(at=now, link=name, due=now + wait_s, attempt=1, window_ends=now + 65, scenario="3"),
                GapOpened(at=now, gap=gap),
            ]
        )

    def regain(self, name: str = "video", down_s: float = 4.1) -> None:
        now = self.clock.now()
        for state in (LinkState.CONNECTING, LinkState.AUTHENTICATED, LinkState.READY, LinkState.STREAMING):
            self.link(name, state)
        self.core.reconnects += 1
        opened = self.core.open_gaps.pop()
        closed = Gap(
            medium=opened.medium,
            user_id=opened.user_id,
            start_ms=opened.start_ms,
            end_ms=self.clock.wall_ms(),
            reason=opened.reason,
        )
        self.core.closed_gaps.append(closed)
        self.hub.publish([Reconnected(at=now, link=name, down_s=down_s), GapClosed(at=now, gap=closed)])
        self._phase(Phase.STREAMING)

    def end(
        self, cause: EndCause, stop_reason: int | None, sentence: str, status_code: int | None = None, reason: str = ""
    ) -> None:
        session, now = self.session, self.clock.now()
        if session is None:
            return
        for name in LINKS:
            if self.core.links[name].state is not LinkState.CLOSED:
                self.link(name, LinkState.CLOSED)
        session.core.stop_reason = stop_reason
        ended = SessionEnded(
            at=now, cause=cause, stop_reason=stop_reason, status_code=status_code, reason=reason, sentence=sentence
        )
        session.ended = ended
        self._phase(Phase.ENDED)
        self.recording.stop()
        self.settings.remember(
            RecentSession(
                title=session.title, product=session.invite.product.value, opened_ms=session.opened_wall_ms,
                seconds=now - session.opened_at, outcome=sentence,
                failed=cause not in (EndCause.STOPPED, EndCause.LOCAL),
            )
        )  # fmt: skip
        self.session = self.pipeline = None
        self.hub.publish([ended, SessionClosed(session=session, ended=ended)])

    def step(self, seconds: float, grain: float = 0.04) -> None:
        """Let the meeting go on for so long."""
        until = self.clock.seconds + seconds
        while self.session is not None and self.clock.seconds < until - 1e-9:
            dt = min(grain, until - self.clock.seconds)
            self.clock.seconds += dt
            if self.core.phase in (Phase.STREAMING, Phase.RECONNECTING):
                self._go_on(dt)
            if self.clock.seconds >= self._next_look:
                self._next_look = self.clock.seconds + 0.5
                self.alerts.look()
                self.metrics.meter.look(look_at(self.core, self.pipeline, self.session.recorder, 0.004))
        self.clock.seconds = max(self.clock.seconds, until)

    def _go_on(self, dt: float) -> None:
        now, core = self.clock.now(), self.core
        self._count(dt, now)
        if now >= self._next_line:
            user_id, text = SCRIPT[self._said_lines % len(SCRIPT)]
            user_id = user_id if user_id in self.people else self.people[0]
            self._said_lines += 1
            if core.active_speaker != user_id:
                self.speak(user_id)
            self.say(user_id, text)
            self._next_line = now + 5.0
        if now >= self._next_chat:
            self.write(self.people[self._said % len(self.people)], SAID[self._said % len(SAID)])
            self._next_chat = now + 40.0
        if now >= self._next_alive:
            self._keep_alive(now)
        self._sound(now)
        if now >= self._next_frame:
            self._next_frame = now + 0.04
            self._pictures()

    _said_lines = 0
    _next_look = 0.0

    def _count(self, dt: float, now: float) -> None:
        for name, (bytes_s, messages_s) in RATES.items():
            view, medium = self.core.links[name], Medium(name)
            if view.state is not LinkState.STREAMING:
                continue
            before = int(view.stats.messages_in)
            wobble = 1 + 0.25 * math.sin(now * 3.1 + len(name))
            view.stats.bytes_in += round(bytes_s * dt * wobble)
            due = int((now - 1000) * messages_s)
            view.stats.messages_in = max(before, due)
            if view.stats.messages_in > before:
                view.stats.last_message_at = now
                self.core.counts[medium] += view.stats.messages_in - before
            for (kind, _user), track in self.core.tracks.items():
                if kind is medium:
                    track.count = view.stats.messages_in
                    track.bytes += round(bytes_s * dt * wobble / len(self.people))
                    track.last_at, track.last_ms = now, self.clock.wall_ms() - 184
                    track.first_ms = track.first_ms or track.last_ms
                    track.jitter_ms = 6 + 2 * math.sin(now * 1.7)

    def _keep_alive(self, now: float) -> None:
        self._next_alive = now + 10.0
        for name, view in self.core.links.items():
            if view.state in (LinkState.READY, LinkState.STREAMING):
                view.stats.last_keep_alive_at = view.stats.last_message_at = now
                view.stats.keep_alives += 1
                view.stats.messages_in += 1
                self.hub.publish([KeepAlive(at=now, link=name, interval_s=10.0)])

    def _sound(self, now: float) -> None:
        assert self.pipeline is not None
        speaking = self.core.active_speaker
        for index, user_id in enumerate(self.people):
            level = -14 + 5 * math.sin(now * 7 + index) if user_id == speaking else -75.0
            self.pipeline.loud[user_id] = Level(rms_db=level, peak_db=min(0.0, level + 6))
        if self.session is not None and self.session.recorder is not None:
            self.session.recorder.stats.bytes_written += 2600
            self.session.recorder.stats.last_write_at = now

    def _pictures(self) -> None:
        assert self.pipeline is not None
        if self.core.links["video"].state is LinkState.STREAMING:
            for user_id in self.people:
                if user_id in self.pipeline.cameras:
                    self.pipeline.draw(("video", user_id))
        if self._sharer is not None:
            self.pipeline.draw(("share", self._sharer))
        self.wake()

    def _phase(self, phase: Phase) -> None:
        old, self.core.phase = self.core.phase, phase
        self.hub.publish([PhaseChanged(at=self.clock.now(), old=old, new=phase)])


def an_invite(stream_id: str = "609340fb2a7946909659956c8aa9250c", host: str = "rtms-sjc1.zoom.us:443") -> Invite:
    return Invite(
        product=Product.MEETING, meeting_id="4444AAAiAAAAAiAiAiiAii==", id_key="meeting_uuid", stream_id=stream_id,
        signaling_url=f"wss://{host}", event="meeting.rtms_started", event_ts=WALL0_MS - 12_000, form="whole webhook",
    )  # fmt: skip
