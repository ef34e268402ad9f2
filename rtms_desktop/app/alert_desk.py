"""Looks at a live session twice a second and tells the alerts that follow. Main thread; owned by the controller."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rtms_desktop.app.alert_rules import AUDIBLE_DB, Facts, Limits, Shown, Waiting
from rtms_desktop.app.alerts import Alert, AlertBook, AlertState
from rtms_desktop.app.events import AlertChanged, SessionOpened
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.app.loop_watch import LoopWatch
from rtms_desktop.clock import Clock
from rtms_desktop.session.events import (
    ALL,
    SIGNALING,
    LinkState,
    LinkStateChanged,
    Reconnected,
    ReconnectScheduled,
    SessionEnded,
)
from rtms_desktop.transport.tasks import spawn
from rtms_desktop.wire.enums import DataOpt, Medium, StopReason, label

if TYPE_CHECKING:
    from rtms_desktop.app.session import ActiveSession
    from rtms_desktop.media.pipeline import MediaPipeline

LOOK_S = 0.5
HISTORY = 500
CLOCK_DRIFT, CLOCK_STEP_S = 5.0e-4, 120.0
"""Two clocks may part so fast (seconds a second), or one may be set: neither is lag."""

FRESH_S = 2.0
"""What came longer ago says nothing of how late things come now."""

FLOWS = (LinkState.READY, LinkState.STREAMING)
NOT_WAITING = (
    LinkState.READY, LinkState.STREAMING, LinkState.PAUSED, LinkState.CLOSED, LinkState.CLOSING, LinkState.REFUSED,
    LinkState.FAILED,
)  # fmt: skip


@dataclass(slots=True)
class _Memory:
    """What the figures of one moment do not tell."""

    since: dict[Medium, float] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    shown: tuple[int, ...] = ()
    heard_at: float | None = None
    spoke_at: float | None = None
    revoked: str = ""
    quickest_s: float | None = None
    """The least that arrival was ever behind the server's timestamps; holds the difference of the two clocks."""


class AlertDesk:
    """Args:
        pipeline: gives that of the present session.
        limits: gives the thresholds of the settings.

    Attributes:
        history: begins and ends, newest last; what is older than the last 500 is dropped.
        loop: how late the loop is; runs while a session does.
    """

    def __init__(self, hub: Hub, clock: Clock, *, pipeline: Callable[[], Any], limits: Callable[[], Limits]) -> None:
        self.history: deque[Alert] = deque(maxlen=HISTORY)
        self.loop = LoopWatch(clock)
        self._stood_still = self.loop.reader()
        self._hub, self._clock, self._pipeline, self._limits = hub, clock, pipeline, limits
        self._book = AlertBook()
        self._session: ActiveSession | None = None
        self._memory = _Memory()
        self._task: asyncio.Task[None] | None = None
        self._handlers: dict[type, Callable[[Any], None]] = {
            SessionOpened: lambda event: self._begin(None if event.session.is_replay else event.session),
            ReconnectScheduled: self._waits,
            Reconnected: lambda event: self._no_longer_waits(event.link),
            LinkStateChanged: self._link_changed,
            SessionEnded: self._end,
        }
        hub.subscribe_stream(self._note)

    @property
    def active(self) -> list[Alert]:
        """The alerts that stand, oldest first."""
        return self._book.active

    def watch(self, session: ActiveSession) -> None:
        """Look again and again until this session ends or another begins."""
        self._session = session
        self._task = spawn(self._watch(), name="alerts")

    def look(self) -> None:
        """Take the figures of this moment and tell what follows from them."""
        now = self._clock.now()
        self._tell(self._book.look(self._facts(now), self._limits(), now))

    # -- what happens ----------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        self.loop.start()
        try:
            while True:
                await asyncio.sleep(LOOK_S)
                self.look()
        finally:
            self.loop.stop()

    def _note(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            handler = self._handlers.get(type(event))
            # What a recording tells happened long ago.
            if handler is not None and (self._session is not None or isinstance(event, SessionOpened)):
                handler(event)

    def _begin(self, session: ActiveSession | None) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        self._session, self._memory = session, _Memory()
        self._tell(self._book.clear(self._clock.now()))

    def _waits(self, event: ReconnectScheduled) -> None:
        waiting = Waiting(link=event.link, due=event.due, window_ends=event.window_ends)
        self._memory.waiting[event.link] = waiting
        self.look()

    def _link_changed(self, event: LinkStateChanged) -> None:
        if event.new in NOT_WAITING:
            self._no_longer_waits(event.link)

    def _no_longer_waits(self, link: str) -> None:
        if self._memory.waiting.pop(link, None) is not None:
            self.look()

    def _end(self, event: SessionEnded) -> None:
        """The session's alerts are over with it; that it was taken back stands until another begins."""
        self._begin(None)
        if event.stop_reason == StopReason.STREAM_REVOKED:
            self._memory.revoked = label(StopReason, event.stop_reason)
            self.look()

    def _tell(self, alerts: Sequence[Alert]) -> None:
        self.history.extend(alert for alert in alerts if alert.state is not AlertState.CHANGED)
        self._hub.publish([AlertChanged(alert=alert) for alert in alerts])

    # -- figures ---------------------------------------------------------------------------------------------------

    def _facts(self, now: float) -> Facts:
        session, memory = self._session, self._memory
        if session is None:
            return Facts(revoked=memory.revoked)
        core, pipeline = session.core, self._pipeline()
        for medium in (Medium.AUDIO, Medium.VIDEO):
            self._note_flow(core, medium, now)
        self._listen(core, pipeline, now)
        stats = session.recorder.stats if session.recorder is not None else None
        stalled = stats is not None and stats.stalled
        return Facts(
            audio_since=memory.since.get(Medium.AUDIO) if _anybody(core) else None,
            spoke_at=memory.spoke_at,
            heard_at=memory.heard_at,
            audio_at=max((track.last_at for track in _tracks(core, Medium.AUDIO).values()), default=None),
            video_since=memory.since.get(Medium.VIDEO),
            shown=self._shown(core, pipeline),
            behind_s=self._behind(core, pipeline, now),
            seconds_left=stats.seconds_left if stats is not None else None,
            free_bytes=stats.free_disk if stats is not None else None,
            floor_bytes=stats.disk_floor if stats is not None else 0,
            stalled_s=0.0 if stalled else None,
            waiting=_first(memory.waiting),
            stood_still_s=self._stood_still(),
        )

    def _behind(self, core: Any, pipeline: MediaPipeline | None, now: float) -> float | None:
        """How late sound and pictures come (beyond the quickest so far), and how long they are held here."""
        fresh = [
            track.last_at - track.last_ms / 1000.0
            for medium in (Medium.AUDIO, Medium.VIDEO)
            for track in _tracks(core, medium).values()
            if track.last_ms and now - track.last_at < FRESH_S
        ]
        if pipeline is None and not fresh:
            return None
        held: float = pipeline.stats.playout_ms / 1000.0 if pipeline is not None else 0.0
        if not fresh:
            return held
        known = self._memory.quickest_s
        if known is None or max(fresh) - known > CLOCK_STEP_S:
            known = min(fresh)
        quickest = self._memory.quickest_s = min(known + CLOCK_DRIFT * LOOK_S, *fresh)
        late: float = max(fresh) - quickest
        return held + late

    def _note_flow(self, core: Any, medium: Medium, now: float) -> None:
        """Remember since when a medium could come."""
        links = [core.links[name] for name in (medium.value, ALL) if name in core.links]
        flows = any(link.state in FLOWS for link in links)
        if not flows:
            self._memory.since.pop(medium, None)
        elif medium not in self._memory.since:
            self._memory.since[medium] = now

    def _listen(self, core: Any, pipeline: MediaPipeline | None, now: float) -> None:
        """Note what is heard now, and when it began that anything could be."""
        memory = self._memory
        levels = pipeline.levels().values() if pipeline is not None else ()
        if any(level.peak_db > AUDIBLE_DB for level in levels):
            memory.heard_at = now
        if memory.spoke_at is None and (memory.heard_at is not None or core.active_speaker is not None):
            memory.spoke_at = now

    def _shown(self, core: Any, pipeline: MediaPipeline | None) -> tuple[Shown, ...]:
        """The tracks on screen that should deliver; of a window that was put away those that were there before."""
        visible = tuple(user for kind, user in pipeline.visible if kind == "video") if pipeline is not None else ()
        self._memory.shown = visible or self._memory.shown
        tracks = _tracks(core, Medium.VIDEO)
        granted = core.granted.video
        if granted is not None and granted.data_opt == DataOpt.VIDEO_SINGLE_ACTIVE:
            return _one_stream(core, tracks) if self._memory.shown else ()
        wanted = [user for user in self._memory.shown if user in tracks and _camera(core, user)]
        return tuple(Shown(user_id=user, name=_name(core, user), last_at=tracks[user].last_at) for user in wanted)


def _tracks(core: Any, medium: Medium) -> dict[int, Any]:
    """The tracks of a medium that have brought anything, by user_id."""
    return {user: track for (kind, user), track in core.tracks.items() if kind is medium and track.count}


def _one_stream(core: Any, tracks: dict[int, Any]) -> tuple[Shown, ...]:
    """The server sends only who speaks: then all tracks are one, and the others stand still for a good reason."""
    if not tracks:
        return ()
    user = max(tracks, key=lambda user: tracks[user].last_at)
    expected = core.active_speaker if core.active_speaker is not None else user
    if not (_camera(core, user) and _camera(core, expected)):
        return ()
    return (Shown(user_id=0, name="", last_at=tracks[user].last_at),)


def _camera(core: Any, user_id: int) -> bool:
    """Whether somebody is there and, as far as known, has the camera on."""
    person = core.participants.get(user_id)
    return person is None or (person.present and person.video_on is not False)


def _name(core: Any, user_id: int) -> str:
    person = core.participants.get(user_id)
    return (person.user_name if person is not None else "") or f"user {user_id}"


def _anybody(core: Any) -> bool:
    """Whether anybody is there who could speak, as far as known."""
    people = core.participants.values()
    return not people or any(person.present for person in people)


def _first(waiting: dict[str, Waiting]) -> Waiting | None:
    """The loss to tell: that of signaling takes the others with it."""
    if SIGNALING in waiting:
        return waiting[SIGNALING]
    return min(waiting.values(), key=lambda one: one.due, default=None)
