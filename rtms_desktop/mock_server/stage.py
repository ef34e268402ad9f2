"""The meeting as it happens, shared by all clients: its clock, its people, one encoder per participant and format."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from rtms_desktop.mock_server.pacing import Feed, MediaClock
from rtms_desktop.mock_server.sources.base import AudioFormat, Happening, Participant, PictureFormat, Recorded, Source
from rtms_desktop.mock_server.sources.script import event
from rtms_desktop.mock_server.tasks import Tasks
from rtms_desktop.wire.enums import EventType, Medium, StopReason
from rtms_desktop.wire.messages import EventUpdate, MediaData, Message, TranscriptData

LINGER_S = 10.0
"""How long a stream that nobody watches stays drawn: a client that comes back gets its keyframe at once."""

TAIL_S = 0.3
"""Real seconds between the end of a recording and that of the meeting: what is on its way still arrives."""

MediaSink = Callable[[Sequence[MediaData]], None]
Listener = Callable[[Message], None]
_PictureKey = tuple[Medium, int, PictureFormat]


@dataclass(slots=True)
class _SharedFeed:
    feed: Feed
    sinks: list[MediaSink]
    linger: asyncio.TimerHandle | None = None


class Subscription:
    """A client's wish for one stream; close() ends it."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close: Callable[[], None] | None = close

    def close(self) -> None:
        if self._close is not None:
            self._close()
            self._close = None


class Stage:
    """Loop only; the threads of the feeds are its own."""

    def __init__(self, source: Source, ppm: float = 0.0, speed: float = 1.0) -> None:
        self._source, self._ppm, self._speed = source, ppm, speed
        self.on_end: Callable[[int], None] = lambda reason: None
        """Called with the stop reason when a recorded meeting is over; the next begin() starts it anew."""
        self._clock: MediaClock | None = None
        self.begun = asyncio.Event()
        self._tasks = Tasks()
        self._pictures: dict[_PictureKey, _SharedFeed] = {}
        self._sounds: set[Feed] = set()
        self._ending: list[Feed] = []
        self._listeners: list[Listener] = []
        self._size: tuple[int, int] | None = None
        self._sharing_by_hand: bool | None = None
        self.sharing = False
        self._sharer: Participant | None = None
        self._told: set[int] = set()
        self.active_user: int | None = None
        self.muted: set[int] = set()
        self.camera_off: set[int] = set()
        self.absent: set[int] = set()

    # -- time and people ------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        return self._clock is not None

    @property
    def clock(self) -> MediaClock:
        """The media clock; begin() must have been called."""
        if self._clock is None:
            raise RuntimeError("the stage has not begun")
        return self._clock

    def media_ms(self) -> float | None:
        """Media time now; None before the beginning."""
        return None if self._clock is None else self._clock.media_ms()

    def epoch_ms(self) -> int:
        """Unix milliseconds as this server believes them; the machine's own before the beginning."""
        return time.time_ns() // 1_000_000 if self._clock is None else self._clock.epoch_ms()

    def begin(self) -> None:
        """Starts the meeting; later calls change nothing."""
        if self._clock is None:
            self._clock = MediaClock(self._ppm, self._speed)
            self.begun.set()
            self._tasks.start(self._direct(self._clock), "mock-director")

    @property
    def everybody(self) -> Sequence[Participant]:
        return self._source.people

    @property
    def people(self) -> list[Participant]:
        """Who is in the meeting now."""
        return [person for person in self._source.people if person.user_id not in self.absent]

    @property
    def recorded(self) -> Recorded | None:
        return self._source.recorded

    @property
    def introduced(self) -> list[Participant]:
        """Who is known to be here: in a recording, whose joining has been told."""
        return [person for person in self.people if self.recorded is None or person.user_id in self._told]

    @property
    def sharer(self) -> Participant:
        """Who shares the screen, or would: the second at the table."""
        everybody = self.everybody or (Participant(0, ""),)
        return self._sharer or everybody[1 % len(everybody)]

    def listen(self, listener: Listener) -> None:
        """`listener` gets every event, line and chat message of the meeting."""
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        self._listeners.remove(listener)

    async def _direct(self, clock: MediaClock) -> None:
        happenings = self._source.happenings(clock.zero_ms)
        # On a thread: in a recording the next one may have to be searched for.
        while (happening := await asyncio.to_thread(next, happenings, None)) is not None:
            await asyncio.sleep(clock.due_in_s(happening.at_ms))
            self._happen(happening)
        recorded = self.recorded
        if recorded is not None and recorded.end_ms is not None:
            await asyncio.sleep(max(0.0, clock.due_in_s(recorded.end_ms)) + TAIL_S)
            self.on_end(StopReason.MEETING_ENDED if recorded.stop_reason is None else recorded.stop_reason)
            self._rewind()

    def _rewind(self) -> None:
        """Nobody is here any more; the next begin() is a new one."""
        for shared in self._pictures.values():
            if shared.linger is not None:
                shared.linger.cancel()
            self._end(shared.feed)
        self._pictures.clear()
        self._told.clear()
        self._clock, self.sharing, self._sharer, self.active_user = None, False, None, None
        self.begun.clear()

    def _happen(self, happening: Happening) -> None:
        message = happening.message
        if isinstance(message, EventUpdate):
            if message.event_type in (EventType.SHARING_START, EventType.SHARING_STOP):
                if self._sharing_by_hand is not None:
                    return
                self._set_sharing(message.event_type == EventType.SHARING_START)
                self._sharer = (
                    Participant(message.people[0].user_id, message.people[0].user_name) if message.people else None
                )
            elif message.event_type == EventType.ACTIVE_SPEAKER_CHANGE and message.people:
                if message.people[0].user_id in self.muted | self.absent:
                    return
                self.active_user = message.people[0].user_id
            elif message.event_type == EventType.PARTICIPANT_JOIN:
                self._told.update(person.user_id for person in message.people)
            elif message.event_type == EventType.PARTICIPANT_LEAVE:
                self._told.difference_update(person.user_id for person in message.people)
        elif isinstance(message, TranscriptData) and message.user_id in self.muted | self.absent:
            return
        self._tell(message)

    def _tell(self, message: Message) -> None:
        for listener in list(self._listeners):
            listener(message)

    # -- by hand --------------------------------------------------------------------------------------------------

    def share_by_hand(self, on: bool | None) -> None:
        """Starts or stops sharing against the script; None gives it back to the script."""
        self._sharing_by_hand = on
        if on is not None and on != self.sharing:
            self._set_sharing(on)
            kind = EventType.SHARING_START if on else EventType.SHARING_STOP
            self._tell(event(kind, self.epoch_ms(), self.sharer))

    def set_present(self, user_id: int, present: bool) -> None:
        """Lets a participant join or leave."""
        person = self.person(user_id)
        (self.absent.discard if present else self.absent.add)(user_id)
        self._hold_pictures()
        kind = EventType.PARTICIPANT_JOIN if present else EventType.PARTICIPANT_LEAVE
        self._tell(event(kind, self.epoch_ms(), person))

    def set_camera(self, user_id: int, on: bool) -> None:
        person = self.person(user_id)
        (self.camera_off.discard if on else self.camera_off.add)(user_id)
        self._hold_pictures()
        kind = EventType.PARTICIPANT_VIDEO_ON if on else EventType.PARTICIPANT_VIDEO_OFF
        self._tell(event(kind, self.epoch_ms(), person))

    def set_muted(self, user_id: int, muted: bool) -> None:
        """The muted send no packets of their own (data_opt 2) and no lines; a mixed stream is left as it is."""
        self.person(user_id)
        (self.muted.add if muted else self.muted.discard)(user_id)

    def person(self, user_id: int) -> Participant:
        """Raises LookupError for a stranger."""
        for person in self.everybody:
            if person.user_id == user_id:
                return person
        raise LookupError(f"nobody here has the user id {user_id}")

    def set_size(self, width: int, height: int) -> None:
        """Changes the size of all camera pictures, in the middle of their streams."""
        self._size = (width, height)
        for key in [key for key in self._pictures if key[0] is Medium.VIDEO]:
            shared = self._pictures[key]
            self._end(shared.feed)
            shared.feed = self._start_picture(key)
            shared.feed.hold(not shared.sinks or self._is_held(*key[:2]))

    def _set_sharing(self, on: bool) -> None:
        self.sharing = on
        self._hold_pictures()

    def _is_held(self, medium: Medium, user_id: int) -> bool:
        if medium is Medium.SHARE:
            return self._sharing_by_hand is False if self.recorded else not self.sharing
        return user_id in self.camera_off or user_id in self.absent

    def _hold_pictures(self) -> None:
        for (medium, user_id, _), shared in self._pictures.items():
            shared.feed.hold(not shared.sinks or self._is_held(medium, user_id))

    # -- streams --------------------------------------------------------------------------------------------------

    def video(self, user_id: int, form: PictureFormat, sink: MediaSink) -> Subscription:
        """The camera of one participant; begins with a keyframe."""
        return self._picture((Medium.VIDEO, user_id, form), sink)

    def share(self, form: PictureFormat, sink: MediaSink) -> Subscription:
        """The shared screen, while there is one."""
        return self._picture((Medium.SHARE, 0, form), sink)

    def audio(self, form: AudioFormat, sink: MediaSink, from_ms: float | None = None) -> Subscription:
        """The voices; `from_ms` in the past gives everything since then at once."""
        clock = self.clock

        def deliver(units: Sequence[MediaData]) -> None:
            silent = self.muted | self.absent
            heard = [unit for unit in units if unit.user_id not in silent] if silent else units
            if heard and feed in self._sounds:
                sink(heard)

        feed = Feed(
            "audio",
            partial(self._source.audio, form, clock.zero_ms),
            clock,
            asyncio.get_running_loop(),
            deliver,
            from_ms=clock.media_ms() if from_ms is None else from_ms,
            may_skip=False,
        )
        self._sounds.add(feed)

        def close() -> None:
            self._sounds.discard(feed)
            self._end(feed)

        return Subscription(close)

    def _picture(self, key: _PictureKey, sink: MediaSink) -> Subscription:
        shared = self._pictures.get(key)
        if shared is None:
            shared = self._pictures[key] = _SharedFeed(self._start_picture(key), [])
        if shared.linger is not None:
            shared.linger.cancel()
            shared.linger = None
        shared.sinks.append(sink)
        shared.feed.refresh()
        shared.feed.hold(self._is_held(*key[:2]))

        def close() -> None:
            shared.sinks.remove(sink)
            if not shared.sinks:
                shared.feed.hold(True)
                shared.linger = asyncio.get_running_loop().call_later(LINGER_S, self._forget, key)

        return Subscription(close)

    def _forget(self, key: _PictureKey) -> None:
        self._end(self._pictures.pop(key).feed)

    def _start_picture(self, key: _PictureKey) -> Feed:
        medium, user_id, form = key
        zero_ms = self.clock.zero_ms
        if medium is Medium.VIDEO and self._size is not None:
            form = replace(form, width=self._size[0], height=self._size[1])
        make = self._source.share if medium is Medium.SHARE else partial(self._source.video, user_id)

        def deliver(units: Sequence[MediaData]) -> None:
            shared = self._pictures.get(key)
            if shared is not None and shared.feed is feed and not self._is_held(medium, user_id):
                for sink in list(shared.sinks):
                    sink(units)

        feed = Feed(
            f"{medium.value}-{user_id}",
            partial(make, form, zero_ms),
            self.clock,
            asyncio.get_running_loop(),
            deliver,
            from_ms=self.clock.media_ms(),
            may_skip=self.recorded is None,
            held=self._is_held(medium, user_id),
        )
        return feed

    def _end(self, feed: Feed) -> None:
        feed.stop()
        self._ending = [old for old in self._ending if old.alive] + [feed]

    def skipped(self) -> int:
        """Pictures left out because this machine was too slow."""
        return sum(shared.feed.skipped for shared in self._pictures.values())

    async def close(self) -> None:
        """Ends the director and all feeds; their threads are gone afterwards."""
        await self._tasks.finish()
        for shared in self._pictures.values():
            if shared.linger is not None:
                shared.linger.cancel()
        feeds = [shared.feed for shared in self._pictures.values()] + list(self._sounds) + self._ending
        self._pictures.clear()
        self._sounds.clear()
        for feed in feeds:
            feed.stop()
        for feed in feeds:
            await asyncio.to_thread(feed.join)
        self._source.close()
