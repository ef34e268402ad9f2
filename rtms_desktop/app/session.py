"""One session as the program holds it: core, driver, tape and, when asked for, a recorder. Loop's thread."""

from __future__ import annotations

import asyncio
import functools
import random
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from rtms_desktop.app.bundle_change import BundleChange, moving_tracks
from rtms_desktop.app.driver import Driver
from rtms_desktop.app.naming import stream_name
from rtms_desktop.app.tape import SessionTape
from rtms_desktop.clock import Clock
from rtms_desktop.recording import names
from rtms_desktop.recording.control import seed_record
from rtms_desktop.recording.figures import Look
from rtms_desktop.recording.manifest import RecordingInfo
from rtms_desktop.recording.marks import Mark, MarkBook, mark_record
from rtms_desktop.recording.recorder import Recorder
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.core import SessionCore
from rtms_desktop.session.events import Event, HandshakeAnswered, ParticipantChanged, SessionEnded, SessionZero
from rtms_desktop.transport.hosts import endpoint
from rtms_desktop.wire.enums import Medium, StopReason
from rtms_desktop.wire.invite import Invite

# What a recording that starts later still has to know. The bound holds a large webinar's comings and goings.
LASTING = (HandshakeAnswered, SessionZero, ParticipantChanged)
HISTORY = 5_000


class ActiveSession:
    """A session from the first connection to its end.

    Args:
        allowed_hosts: hosts that the server's URLs may name beside *.zoom.us, this computer and the host of
            ``config.signaling_url``, which the caller has checked.

    Attributes:
        core: its figures are read by whoever shows them, at their own pace.
        recorder: writes while not None; during a change of bundles the newer one.
        bundles: folders of finished recordings; a revoked stream leaves none.
        book: what a person marked; a recording that starts later has it from the tape's prologue.
        made: files beside them that came from the stream, such as snapshots.
    """

    is_replay: Literal[False] = False

    def __init__(
        self,
        invite: Invite,
        config: SessionConfig,
        *,
        publish: Callable[[Sequence[Event]], None],
        clock: Clock,
        tls: ssl.SSLContext,
        allowed_hosts: Callable[[], frozenset[str]] = frozenset,
        secret: str = "",
    ) -> None:
        """``secret``: the client secret, only to keep it out of whatever a server sends."""
        self.invite, self.config = invite, config
        self.opened_at, self.opened_wall_ms = clock.now(), clock.wall_ms()
        self.recorder: Recorder | None = None
        self._change: BundleChange | None = None
        self._disk_floor: int | None = None
        self._finishing: set[Recorder] = set()
        self.bundles: list[Path] = []
        self.made: list[Path] = []
        self.book = MarkBook()
        self._publish, self._clock = publish, clock
        seed = random.SystemRandom().getrandbits(32)
        self.core = SessionCore(config, random.Random(seed))
        self.tape = SessionTape()
        self._history: deque[Event] = deque(maxlen=HISTORY)
        self.tape.control(seed_record(config, seed, self.opened_at), self.opened_at)
        own = endpoint(config.signaling_url).host
        secrets = (config.signature, secret)
        self.driver = Driver(self.core, self._told, self.tape, clock, tls, lambda: allowed_hosts() | {own}, secrets)

    @property
    def title(self) -> str:
        """What a person calls it; nobody is named in the title of a stream that was taken back."""
        people = () if self.revoked else [person.user_name for person in self.core.participants.values()]
        return stream_name(self.invite.product.value, people, self.opened_wall_ms)

    @property
    def ended(self) -> SessionEnded | None:
        return self.driver.ended

    @property
    def revoked(self) -> bool:
        """Whether the server took the stream back (stop reason 8): nothing of it may be kept."""
        return self.core.stop_reason == StopReason.STREAM_REVOKED

    def looks(self, first: float, last: float) -> list[Look]:
        """Of a stream only the present is known; a recording tells its core's amounts behind the playhead, too."""
        return []

    def start(self) -> None:
        self.driver.start()

    def record(self, folder: Path, *, disk_floor: int | None = None) -> Recorder:
        """Start a bundle in ``folder``; ``disk_floor`` as for the Recorder, also for those that follow it.

        Raises:
            DiskError: the folder cannot be made.
            LocalProtocolError: it records already.
        """
        started_ms = self._clock.wall_ms()
        info = RecordingInfo.from_config(self.config, started_ms, session_zero_ms=self.core.session_zero_ms)
        self._disk_floor = disk_floor
        bundle = names.new_bundle(folder, started_ms, self.config.meeting_id)
        recorder = Recorder(bundle, info, self._clock, disk_floor=disk_floor)
        self.tape.attach(recorder)
        recorder.events(tuple(self._history))
        self.recorder = recorder
        return recorder

    def split(self, folder: Path) -> Recorder | None:
        """Go on in another bundle; both are written until every picture track has begun in the new one.

        None: nothing is recorded, or a change is under way. Raises DiskError; the recording then goes on as it is.
        """
        old = self.recorder
        if old is None or self._change is not None:
            return None
        new = self.record(folder, disk_floor=self._disk_floor)
        self._change = BundleChange(old, moving_tracks(self.core.tracks, self._clock.now()), self._clock.now())
        return new

    async def finish_split(self) -> Path | None:
        """Close the older bundle once nothing is missing in the newer one; returns it then."""
        change = self._change
        if change is None or not change.is_ready(self._clock.now()):
            return None
        self._change = None
        return await self._finish(change.old)

    async def stop_recording(self) -> Path | None:
        """Finalise the bundle and return its folder; a revoked stream (reason 8) leaves a tombstone instead."""
        recorder, self.recorder = self.recorder, None
        change, self._change = self._change, None
        if change is not None:
            await self._finish(change.old)
        return None if recorder is None else await self._finish(recorder)

    def hurry(self, within_s: float) -> None:
        """What is recorded, or being finalised, is to be whole by then."""
        older = None if self._change is None else self._change.old
        for recorder in (*self._finishing, self.recorder, older):
            if recorder is not None:
                recorder.hurry(within_s)

    async def _finish(self, recorder: Recorder) -> Path:
        self.tape.detach(recorder)
        self._finishing.add(recorder)
        revoked = self.revoked
        finish = recorder.destroy if revoked else functools.partial(recorder.close, self.core.stop_reason)
        try:
            folder = await asyncio.get_running_loop().run_in_executor(None, finish)
        finally:
            self._finishing.discard(recorder)
        if not revoked:
            self.bundles.append(folder)
        return folder

    @property
    def marks(self) -> list[Mark]:
        """What a person marked, by time."""
        return self.book.marks

    @property
    def can_mark(self) -> bool:
        return self.ended is None

    def change_mark(self, change: Mark) -> bool:
        """Take a change of a mark, and put it onto the tape; False: there are too many."""
        if not self.book.take(change):
            return False
        now = self._clock.now()
        self.tape.control(mark_record(change, now), now)
        return True

    def server_ms_of_at(self, at: float) -> int:
        """What the server's clock read at a monotonic time, by the media that came the shortest way."""
        ways = [
            track.last_at * 1000.0 - track.last_ms
            for (medium, _), track in self.core.tracks.items()
            if medium in (Medium.AUDIO, Medium.VIDEO) and track.last_ms is not None
        ]
        return round(at * 1000.0 - min(ways) if ways else self.opened_wall_ms + (at - self.opened_at) * 1000.0)

    async def disconnect(self) -> SessionEnded:
        """Close every socket with 1000 and wait for it."""
        if self.ended is None:
            self.driver.request("disconnect")
        return await self.driver.wait_ended()

    def _told(self, events: Sequence[Event]) -> None:
        self._history.extend(event for event in events if isinstance(event, LASTING))
        if self.recorder is not None:
            self.recorder.events(events)
        if self._change is not None:
            self._change.events(events)
        self._publish(events)
