"""Everything that media brings: tracks, counts, names, gaps, the zero of the timeline. Part of the core."""

from __future__ import annotations

from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.events import ChatReceived, MediaReceived, SessionZero, TranscriptReceived
from rtms_desktop.session.gap_book import TRACKED, GapBook
from rtms_desktop.session.links import SessionLink
from rtms_desktop.session.outbox import Outbox
from rtms_desktop.session.participants import Roster
from rtms_desktop.session.server_time import ServerTime
from rtms_desktop.session.tracks import TrackStats
from rtms_desktop.wire.enums import Codec, EventType, Medium, SampleRate
from rtms_desktop.wire.messages import AudioParams, ChatData, EventUpdate, MediaData, MediaParams, TranscriptData

_ODD_TIMES = {
    "late": "media arrived whose timestamp runs backwards",
    "clock_back": "the timestamps of a track were set back",
    "clock_jump": "the timestamps of a track jumped by more than an hour",
}
# Raw frames carry no time: as long as the count of samples agrees so well with the clock, samples are the better clock.
_DRIFT_MS = 200
_HZ = {rate.value: rate.hz for rate in SampleRate}

Key = tuple[Medium, int]


class Intake:
    """Takes in media and events.

    Attributes:
        roster: who takes part.
        tracks: figures per (medium, user_id).
        counts: messages received per medium.
        gaps: the holes of all tracks.
        time: server time as far as it is known.
        zero_ms: zero of the session's timeline, None before anything was stamped.
        granted: what the server agreed to on all media links together.
    """

    def __init__(self, config: SessionConfig, outbox: Outbox) -> None:
        self.roster = Roster(config.product)
        self.tracks: dict[Key, TrackStats] = {}
        self.counts = dict.fromkeys(Medium, 0)
        self.time = ServerTime()
        self.zero_ms: int | None = None
        self.granted = MediaParams()
        self.gaps = GapBook(outbox, config.timing.gap_min_ms, self.roster.camera_is_off)
        self._gap_min_ms = config.timing.gap_min_ms
        self._asked = config.params
        self._outbox = outbox
        self._next_ms: dict[Key, float] = {}
        self._ahead_ms: dict[Key, float] = {}

    def grant(self, params: MediaParams) -> None:
        """A media link was given ``params``; what they do not name stays as it was."""
        old = self.granted
        self.granted = MediaParams(
            audio=params.audio or old.audio,
            video=params.video or old.video,
            share=params.share or old.share,
            transcript=params.transcript or old.transcript,
            chat=params.chat or old.chat,
        )

    def set_zero(self, timestamp_ms: int, now: float) -> None:
        """The first stamp of the session is its zero: event 1, STARTED, or media that came before both."""
        if self.zero_ms is None and timestamp_ms > 0:
            self.zero_ms = timestamp_ms
            self._outbox.tell(SessionZero(at=now, timestamp_ms=timestamp_ms))

    def event(self, message: EventUpdate, now: float) -> None:
        """Message 6: who came, left, speaks, shares, turned the camera."""
        if message.event_type == EventType.FIRST_PACKET_TIMESTAMP:
            self.set_zero(message.timestamp, now)
            if message.timestamp > self.time.ms(now):  # when the session began: it cannot be earlier now
                self.time.note(message.timestamp, now)
        else:
            self.time.note(message.timestamp, now)
        for event in self.roster.wire_event(message, now):
            self._outbox.tell(event)
        for person in message.people:
            self._follow(person.user_id, now)
        self.gaps.explain(now)

    def _follow(self, user_id: int, now: float) -> None:
        """Who has left leaves no gap behind, but an end."""
        person = self.roster.people.get(user_id)
        if person is not None and not person.present:
            for medium in TRACKED:
                self.gaps.retire((medium, user_id), now)

    def media(self, link: SessionLink, message: MediaData, now: float) -> None:
        """One unit of audio, video or share."""
        medium, user_id = message.medium, message.user_id
        key = (medium, user_id)
        timestamp = self._stamp(key, message, now)
        if not self.time.is_known:
            self.time.note(timestamp, now)  # it may have been buffered, but is better than nothing
        name = self._named(user_id, message.user_name, now)
        track = self._track(key, name)
        self._count(key, track, link, timestamp, len(message.data), now)
        self.set_zero(timestamp, now)
        self._outbox.tell(
            MediaReceived(
                at=now,
                link=link.name,
                medium=medium,
                user_id=user_id,
                user_name=name,
                data=message.data,
                timestamp_ms=timestamp,
            )
        )

    def _count(self, key: Key, track: TrackStats, link: SessionLink, timestamp: int, size: int, now: float) -> None:
        self.counts[key[0]] += 1
        odd = track.add(timestamp, size, now)
        if odd:
            link.anomaly(odd, _ODD_TIMES[odd], now)
        if key[0] not in TRACKED or odd == "late":
            return
        if odd:
            self.gaps.retire(key, now)
        known = self.gaps.known_until(key)
        over = self.gaps.unit(key, link.name, timestamp, track.step_ms, now)
        track.note_holes(over, timestamp - known if known is not None else 0.0, self._gap_min_ms)

    def transcript(self, link: SessionLink, message: TranscriptData, now: float) -> None:
        """One line of text; a missing name is filled in."""
        name = self._named(message.user_id, message.user_name, now)
        self._count_text(Medium.TRANSCRIPT, message.user_id, name, message.timestamp, len(message.text), now)
        if name != message.user_name:
            fields = {field: getattr(message, field) for field in message.__struct_fields__}
            message = TranscriptData(**fields | {"user_name": name})
        self._outbox.tell(TranscriptReceived(at=now, link=link.name, message=message))

    def chat(self, link: SessionLink, message: ChatData, now: float) -> None:
        sender = message.sender
        user_id = 0 if sender is None else sender.user_id
        name = "" if sender is None else self._named(user_id, sender.user_name, now)
        self._count_text(Medium.CHAT, user_id, name, message.timestamp, len(message.text), now)
        self._outbox.tell(ChatReceived(at=now, link=link.name, message=message))

    def _count_text(self, medium: Medium, user_id: int, name: str, timestamp: int, size: int, now: float) -> None:
        """Text is stamped with the begin of an utterance: it may come in any order and proves nothing about time."""
        self.counts[medium] += 1
        self._track((medium, user_id), name).add_text(timestamp, size, now)
        self.set_zero(timestamp, now)

    def _named(self, user_id: int, given: str, now: float) -> str:
        for event in self.roster.seen(user_id, given, now):
            self._outbox.tell(event)
        return self.roster.name(user_id, given)

    def _track(self, key: Key, name: str) -> TrackStats:
        track = self.tracks.get(key)
        if track is None:
            track = self.tracks[key] = TrackStats(medium=key[0], user_id=key[1], step_ms=self._agreed_step(key[0]))
        if name:
            track.user_name = name
        return track

    def _agreed_step(self, medium: Medium) -> float:
        """Milliseconds between two units by agreement."""
        match medium:
            case Medium.AUDIO:
                return float(self._audio().send_rate)
            case Medium.VIDEO | Medium.SHARE:
                given = getattr(self.granted, medium) or getattr(self._asked, medium)
                return 1000 / given.fps if given is not None and given.fps > 0 else 0.0
            case _:
                return 0.0

    def _audio(self) -> AudioParams:
        return self.granted.audio or self._asked.audio or AudioParams()

    def _stamp(self, key: Key, message: MediaData, now: float) -> int:
        """The unit's timestamp; media that came without stand where the unit before ended, if the clock agrees.

        The clock is that of the track's own timestamps, else that of the server.
        """
        if message.timestamp > 0:
            start = float(message.timestamp)
            self._ahead_ms[key] = start - now * 1000
        else:
            ahead = self._ahead_ms.get(key)
            by_clock = float(self.time.ms(now)) if ahead is None else now * 1000 + ahead
            by_samples = self._next_ms.get(key, by_clock)
            start = by_samples if abs(by_samples - by_clock) <= _DRIFT_MS else by_clock
        if lasts := self._lasts(key[0], message.data):
            self._next_ms[key] = start + lasts
        return round(start)

    def _lasts(self, medium: Medium, data: bytes) -> float:
        """Milliseconds of sound, as far as counting bytes tells; else 0."""
        if medium is not Medium.AUDIO:
            return 0.0
        audio = self._audio()
        hz = _HZ.get(audio.sample_rate)
        if audio.codec != Codec.L16 or hz is None:
            return 0.0
        return len(data) * 1000 / (hz * 2 * max(1, audio.channel))
