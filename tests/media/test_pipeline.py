"""From session events to frames and sound."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from rtms_desktop.clock import SystemClock
from rtms_desktop.media import pipeline as pipeline_module
from rtms_desktop.media.frames import VideoFrame
from rtms_desktop.media.pcm import AudioFormat
from rtms_desktop.media.pipeline import MediaPipeline
from rtms_desktop.session.events import (
    EndCause,
    HandshakeAnswered,
    LinkState,
    LinkStateChanged,
    MediaReceived,
    SessionEnded,
)
from rtms_desktop.wire.enums import Codec, Medium
from rtms_desktop.wire.messages import AudioParams, MediaParams
from tests.fakes.clips import jpeg
from tests.media.devices import RecordingSink
from tests.media.pictures import bar_at, clip
from tests.media.sounds import EPOCH, noise, packets
from tests.media.waiting import until

CLIP = clip(100, gop=20)


class Rig:
    """A pipeline and a main thread that takes and paints what it is woken for."""

    def __init__(self, sink: RecordingSink | None = None) -> None:
        self.clock = SystemClock()
        self.woken = threading.Event()
        self.sink = sink
        self.pipeline = MediaPipeline(self.clock, sink, self.woken.set)
        self.frames: list[VideoFrame] = []
        self.began = self.clock.now()

    def receive(self, medium: Medium, user_id: int, data: bytes, ts: int, at: float | None = None) -> None:
        event = MediaReceived(
            at=self.clock.now() if at is None else at, link=medium.value, medium=medium, user_id=user_id,
            user_name="", data=data, timestamp_ms=ts,
        )  # fmt: skip
        self.pipeline.handle([event])

    def paint(self) -> None:
        self.woken.clear()
        for frame in self.pipeline.take_frames().values():
            self.frames.append(frame)
            self.pipeline.painted(frame, self.clock.now())

    def settle(self) -> bool:
        def done() -> bool:
            self.paint()
            return all(track.queue == track.held == 0 for track in self.pipeline.stats.video.values())

        return until(done) and until(lambda: (self.paint(), True)[1])

    def run(self, seconds: float, feeds: list[tuple[float, Medium, int, bytes, int]]) -> None:
        """Delivers each (after, medium, user, data, timestamp) in real time and paints meanwhile."""
        began, index = self.clock.now(), 0
        feeds = sorted(feeds, key=lambda feed: feed[0])
        while (now := self.clock.now() - began) < seconds:
            while index < len(feeds) and feeds[index][0] <= now:
                self.receive(*feeds[index][1:])
                index += 1
            due = feeds[index][0] - now if index < len(feeds) else seconds - now
            self.woken.wait(min(max(due, 0.0), 0.05))
            self.paint()


@pytest.fixture(autouse=True)
def _as_the_program_does() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.001)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def rig():
    made: list[Rig] = []

    def make(sink: RecordingSink | None = None) -> Rig:
        made.append(Rig(sink))
        return made[-1]

    yield make
    for one in made:
        one.pipeline.close()
        if one.sink is not None:
            one.sink.close()


def granted(audio: AudioParams) -> HandshakeAnswered:
    return HandshakeAnswered(at=0.0, link="audio", ok=True, status_code=0, reason="", granted=MediaParams(audio=audio))


def meeting(seconds: float, users: tuple[int, ...] = (7,), video_late: float = 0.0) -> list:
    feeds = []
    for user in users:
        feeds += [
            (0.04 * n + video_late, Medium.VIDEO, user, CLIP[n % 100], EPOCH + 40 * n) for n in range(int(seconds * 25))
        ]
        sound = packets(noise(16_000, seconds, seed=user), 16_000)
        feeds += [(0.02 * n, Medium.AUDIO, user, data, ts) for n, (ts, data) in enumerate(sound)]
    return feeds


@pytest.mark.slow
def test_a_meeting_is_seen_and_heard_in_sync(rig) -> None:
    one = rig(RecordingSink(latency_s=0.04))
    one.pipeline.handle([granted(AudioParams())])
    for user in (7, 8):
        one.pipeline.set_surface(("video", user), 320, 180)
    one.run(4.0, meeting(3.9, (7, 8)))
    stats = one.pipeline.stats
    assert stats.frames_shown >= 2 * 88
    assert stats.frames_dropped <= 2
    assert stats.frames_late <= 2
    assert stats.audio_underruns == 0
    assert stats.decode_errors == stats.lost_references == stats.queue_depth == stats.queue_dropped == 0
    assert stats.latency_p50_ms is not None
    assert stats.latency_p50_ms < 8
    assert 60 < stats.playout_ms < 160
    assert stats.av_offset_ms is not None
    assert abs(stats.av_offset_ms) < 40
    assert set(one.pipeline.levels()) == {7, 8}
    assert one.pipeline.levels()[7].rms_db > -30
    assert one.pipeline.master_level.peak_db > -20
    assert (stats.sink, stats.sink_problem) == ("recorder", "")
    assert (one.pipeline.sink_name, one.pipeline.sink_problem) == ("recorder", "")
    assert np.abs(one.sink.samples).max() > 10_000
    for frame in one.frames[-4:]:
        number = (frame.pts_ms - EPOCH) // 40
        assert bar_at(frame.bgra, frame.width, frame.height, frame.stride) == pytest.approx(number * 4 % 304, abs=3)


@pytest.mark.slow
def test_video_that_is_late_is_shown_at_once_and_its_offset_is_named(rig) -> None:
    one = rig(RecordingSink(latency_s=0.02))
    one.pipeline.set_surface(("video", 7), 320, 180)
    one.run(3.0, meeting(2.9, video_late=0.4))
    offset = one.pipeline.av_offset_ms
    assert offset is not None
    assert 220 < offset < 340
    assert one.pipeline.stats.latency_p50_ms < 8
    assert one.pipeline.stats.frames_late > 50


def test_video_without_sound_is_shown_soon(rig) -> None:
    one = rig()
    one.pipeline.set_surface(("video", 7), 320, 180)
    one.run(0.6, [(0.04 * n, Medium.VIDEO, 7, CLIP[n], EPOCH + 40 * n) for n in range(12)])
    assert [(frame.pts_ms - EPOCH) // 40 for frame in one.frames] == list(range(12))
    assert max(frame.due_at - frame.arrived_at for frame in one.frames) < 0.085
    assert one.pipeline.av_offset_ms is None


def test_a_speaker_who_takes_over_in_the_stream_has_frames_of_their_own(rig) -> None:
    one = rig()
    for user in (7, 8):
        one.pipeline.set_surface(("video", user), 320, 180)
    turns = [(7, range(10)), (8, range(20, 30)), (7, range(40, 45)), (8, range(31, 35))]
    for user, numbers in turns:
        for number in numbers:
            one.receive(Medium.VIDEO, user, CLIP[number], EPOCH + 40 * number, one.began - 40 + 0.04 * number)
            assert one.settle()
    shown = {user: [(f.pts_ms - EPOCH) // 40 for f in one.frames if f.key == ("video", user)] for user in (7, 8)}
    assert shown[7] == [*range(10), *range(40, 45)]
    assert shown[8] == list(range(20, 30))  # 31 follows a frame that never came
    stats = one.pipeline.stats
    assert stats.video[("video", 8)].corrupt_until_keyframe
    assert stats.lost_references == 1


def test_share_and_video_are_tracks_of_their_own_and_video_may_be_jpeg(rig) -> None:
    one = rig()
    one.pipeline.set_surface(("share", 7), 200, 200)
    one.pipeline.set_surface(("video", 7), 160, 90)
    one.receive(Medium.SHARE, 7, jpeg(640, 360), EPOCH, one.began - 1)
    one.receive(Medium.VIDEO, 7, jpeg(320, 180), EPOCH, one.began - 1)
    assert one.settle()
    assert {frame.key: (frame.width, frame.height) for frame in one.frames} == {
        ("share", 7): (200, 112),
        ("video", 7): (160, 90),
    }
    full = one.pipeline.snapshot(("share", 7))
    assert full is not None
    assert (full.width, full.height) == (640, 360)
    assert one.pipeline.snapshot(("video", 99)) is None


def test_hidden_tracks_give_no_frames(rig) -> None:
    one = rig()
    one.receive(Medium.VIDEO, 7, CLIP[0], EPOCH, one.began - 1)
    one.pipeline.set_surface(("video", 8), 0, 0)
    one.receive(Medium.VIDEO, 8, CLIP[0], EPOCH, one.began - 1)
    assert until(lambda: sum(track.decoded for track in one.pipeline.stats.video.values()) == 2)
    assert one.settle()
    assert one.frames == []
    one.pipeline.set_surface(("video", 7), 320, 180)
    assert until(lambda: (one.paint(), one.frames)[1])
    assert one.frames[0].repeat
    assert one.pipeline.stats.frames_shown == 0


def test_one_wake_until_the_frames_are_taken(rig) -> None:
    one = rig()
    wakes: list[None] = []
    one.pipeline._mailbox._wake = lambda: wakes.append(None)
    one.pipeline.set_surface(("video", 7), 320, 180)
    for number in range(10):
        one.receive(Medium.VIDEO, 7, CLIP[number], EPOCH + 40 * number, one.began - 40 + 0.04 * number)
        assert until(lambda n=number: one.pipeline.stats.video[("video", 7)].published == n + 1)
    assert len(wakes) == 1
    assert [frame.pts_ms for frame in one.pipeline.take_frames().values()] == [EPOCH + 360]
    assert one.pipeline.stats.frames_dropped == 9


def test_sound_before_the_handshake_and_after_it(rig) -> None:
    one = rig()
    sent = packets(noise(48_000, 0.2), 48_000)
    for ts, data in sent[:5]:
        one.receive(Medium.AUDIO, 7, data, ts)
    assert until(lambda: one.pipeline.stats.audio.tracks)
    assert until(lambda: one.pipeline.stats.audio.tracks[7].packets == 5)
    assert one.pipeline.stats.audio.tracks[7].format == AudioFormat(Codec.L16, 48_000)
    one.pipeline.handle([granted(AudioParams(codec=2, sample_rate=0))])
    one.receive(Medium.AUDIO, 7, b"\xd5" * 160, EPOCH + 100)
    assert until(lambda: one.pipeline.stats.audio.tracks[7].format.codec is Codec.G711)


def test_sound_without_timestamps_is_played(rig) -> None:
    """Raw binary frames carry none."""
    one = rig(RecordingSink())
    one.run(0.3, [])  # the device begins
    sound = [data for _, data in packets(noise(16_000, 1.0), 16_000)]
    one.run(1.2, [(0.02 * n, Medium.AUDIO, 0, data, 0) for n, data in enumerate(sound)])
    loud = np.abs(one.sink.samples[:, 0]).reshape(-1, 960).max(axis=1) > 0
    assert loud.sum() == pytest.approx(50, abs=3)
    assert one.pipeline.stats.audio.tracks[0].gaps <= 1


def test_other_events_and_later_ones_do_no_harm(rig) -> None:
    one = rig()
    one.pipeline.handle([
        LinkStateChanged(at=0.0, link="video", old=LinkState.READY, new=LinkState.INTERRUPTED),
        HandshakeAnswered(at=0.0, link="audio", ok=False, status_code=3, reason="no"),
        SessionEnded(at=0.0, cause=EndCause.LOCAL, stop_reason=None, status_code=None, reason="", sentence=""),
        object(),
    ])  # fmt: skip
    one.receive(Medium.TRANSCRIPT, 7, b"x", EPOCH)
    one.pipeline.close()
    one.receive(Medium.VIDEO, 7, CLIP[0], EPOCH)
    one.receive(Medium.AUDIO, 7, b"\0" * 640, EPOCH)
    one.pipeline.close()
    assert one.pipeline.stats.video == {}


def test_gains_and_master(rig) -> None:
    one = rig(RecordingSink())
    one.pipeline.set_master(0.0)
    one.pipeline.set_person(7, mute=False, solo=True)
    one.run(0.3, [])  # the device begins
    one.run(0.4, [feed for feed in meeting(0.3) if feed[1] is Medium.AUDIO])
    assert len(one.sink.samples) > 4800
    assert not one.sink.samples.any()
    assert one.pipeline.levels()[7].peak_db > -20


def test_old_tracks_make_room_for_new_ones(rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "MAX_VIDEO_TRACKS", 3)
    one = rig()
    for user in (1, 2, 3, 1, 4):
        one.receive(Medium.VIDEO, user, CLIP[0], EPOCH, one.began + user / 100 if user != 1 else one.began + 1)
    assert set(one.pipeline.stats.video) == {("video", 1), ("video", 3), ("video", 4)}


def test_nonsense_of_every_kind_is_survived(rig) -> None:
    rng, one = random.Random(4), rig(None)
    one.pipeline.set_surface(("video", 7), 160, 90)
    for _ in range(300):
        medium = rng.choice([Medium.AUDIO, Medium.VIDEO, Medium.SHARE])
        data = rng.choice([b"", rng.randbytes(rng.randrange(900)), CLIP[rng.randrange(100)], jpeg(320, 180)])
        one.receive(medium, rng.choice([0, 7, 2**40]), data, rng.choice([0, -5, EPOCH, 2**62, 10]))
    assert one.settle()
    assert until(lambda: one.pipeline.stats.audio.inbox == 0)
    one.receive(Medium.VIDEO, 7, CLIP[0], EPOCH, one.clock.now())
    before = one.pipeline.stats.video[("video", 7)].decoded
    assert until(lambda: one.pipeline.stats.video[("video", 7)].decoded > before)


def test_closing_joins_every_thread() -> None:
    before = set(threading.enumerate())
    one = Rig(None)
    for user in range(5):
        one.receive(Medium.VIDEO, user, CLIP[0], EPOCH)
        one.receive(Medium.AUDIO, user, b"\0" * 640, EPOCH)
    one.pipeline.close()
    assert set(threading.enumerate()) == before
