"""A decode thread from access unit to frame."""

from __future__ import annotations

import threading
import time

import pytest

from rtms_desktop.clock import SystemClock
from rtms_desktop.media import video_track
from rtms_desktop.media.access_units import MAX_UNITS
from rtms_desktop.media.frames import VideoFrame
from rtms_desktop.media.mailbox import FrameMailbox
from rtms_desktop.media.playback_clock import PlaybackClock
from rtms_desktop.media.scaling import Size
from rtms_desktop.media.video_track import VideoTrack
from tests.fakes.clips import jpeg
from tests.media.pictures import bar_at, clip, cut
from tests.media.waiting import until

EPOCH = 1_700_000_000_000
CLIP = clip(100, gop=20)


class Rig:
    """One track whose sound, if wanted, is heard when the test says so."""

    def __init__(self, kind: str = "video", surface: Size | None = Size(320, 180)) -> None:
        self.clock, self.playback = SystemClock(), PlaybackClock()
        self.frames: list[VideoFrame] = []
        self.mailbox = FrameMailbox(self._collect)
        self.track = VideoTrack((kind, 7), self.clock, self.playback, self.mailbox)
        self.track.set_surface(surface)
        self.began = self.clock.now()

    def _collect(self) -> None:
        self.frames += self.mailbox.take().values()

    def feed(self, number: int, data: bytes | None = None, arrived_at: float | None = None) -> None:
        at = self.clock.now() if arrived_at is None else arrived_at
        self.track.feed(CLIP[number] if data is None else data, EPOCH + 40 * number, at)

    def feed_past(self, numbers: range) -> None:
        """As if they had come one after the other until now, so that each is due at once."""
        for number in numbers:
            self.feed(number, arrived_at=self.began - 40 + 0.04 * number)
            assert until(lambda: self.track.stats.queue == 0 and self.track.stats.held == 0)

    def shown(self) -> list[int]:
        return [(frame.pts_ms - EPOCH) // 40 for frame in self.frames if not frame.repeat]


@pytest.fixture
def rig():
    made: list[Rig] = []

    def make(*args, **kwargs) -> Rig:
        made.append(Rig(*args, **kwargs))
        return made[-1]

    yield make
    for one in made:
        one.track.close()
        assert not [t.name for t in threading.enumerate() if t.name.startswith("video-decode")]


def test_every_picture_is_shown_once_with_its_content(rig) -> None:
    one = rig()
    one.feed_past(range(40))
    assert until(lambda: len(one.frames) == 40)
    assert one.shown() == list(range(40))
    for number, frame in enumerate(one.frames):
        assert (frame.width, frame.height, frame.source_width, frame.source_height) == (320, 180, 320, 180)
        assert frame.key == ("video", 7)
        assert frame.keyframe == (number % 20 == 0)
        assert bar_at(frame.bgra, frame.width, frame.height, frame.stride) == pytest.approx(number * 4, abs=3)
    stats = one.track.stats
    assert (stats.decoded, stats.published, stats.dropped, stats.errors) == (40, 40, 0, 0)


def test_with_sound_a_picture_waits_for_its_time(rig) -> None:
    one = rig()
    one.playback.observe(one.began + 0.2, EPOCH, 1.0)
    one.feed(0)
    assert until(lambda: one.track.stats.held == 1)
    assert one.frames == []
    assert until(lambda: one.frames)
    late = one.clock.now() - (one.began + 0.2)
    assert -0.01 < late < 0.05
    assert one.frames[0].due_at == pytest.approx(one.began + 0.2)
    assert one.frames[0].held_s == pytest.approx(0.2, abs=0.1)


def test_of_pictures_that_are_due_together_only_the_newest_is_shown(rig) -> None:
    one = rig()
    one.playback.observe(one.began + 0.25, EPOCH + 500, 1.0)
    for number in range(10):
        one.feed(number)
    assert until(lambda: one.track.stats.held == 0 and one.frames)
    one.playback.observe(one.began, EPOCH + 5000, 1.0)
    assert until(lambda: one.shown()[-1:] == [9])
    assert one.track.stats.dropped == 10 - len(one.frames)


def test_pictures_after_a_loss_are_hidden_until_the_next_keyframe(rig) -> None:
    one = rig()
    one.feed_past(range(5))
    one.feed_past(range(7, 12))
    assert one.track.stats.corrupt_until_keyframe
    assert one.track.stats.lost_references == 2
    one.feed_past(range(12, 30))
    assert one.shown() == [*range(5), *range(20, 30)]
    assert not one.track.stats.corrupt_until_keyframe
    assert one.track.stats.dropped == 13


def test_a_damaged_picture_is_shown_in_the_end(rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_track, "CORRUPT_HOLD_S", 0.19)
    one = rig()
    one.feed_past(range(5))
    one.feed_past(range(7, 20))
    corrupt = [frame.corrupt for frame in one.frames]
    assert one.shown() == [*range(5), *range(12, 20)]
    assert corrupt == [False] * 5 + [True] * 8


def test_joining_in_the_middle(rig) -> None:
    one = rig()
    one.feed_past(range(7, 30))
    assert one.shown() == list(range(20, 30))
    assert one.track.stats.before_keyframe == 13


def test_a_hidden_track_decodes_keyframes_and_shows_the_last_one_when_it_appears(rig) -> None:
    one = rig()
    one.feed_past(range(41))  # three keyframes: their distance is known to be short
    one.track.set_surface(None)
    before = len(one.frames)
    one.feed_past(range(41, 75))
    assert len(one.frames) == before
    assert one.track.stats.decoded == 42
    one.track.set_surface(Size(160, 90))
    assert until(lambda: len(one.frames) > before)
    assert one.frames[-1].repeat
    assert (one.frames[-1].width, (one.frames[-1].pts_ms - EPOCH) // 40) == (160, 60)
    one.feed_past(range(75, 85))
    assert one.shown()[before:] == [80, 81, 82, 83, 84]


def test_a_hidden_track_with_rare_keyframes_is_decoded_all_the_same(rig) -> None:
    one = rig(surface=None)
    one.feed_past(range(15))
    assert one.track.stats.decoded == 15
    one.track.set_surface(Size(320, 180))
    assert until(lambda: one.frames)
    one.feed_past(range(15, 19))
    assert one.shown() == [15, 16, 17, 18]


def test_a_new_size_repeats_the_last_picture(rig) -> None:
    one = rig("share")
    one.feed(0, jpeg(640, 360))
    assert until(lambda: one.frames)
    one.track.set_surface(Size(200, 200))
    assert until(lambda: len(one.frames) == 2)
    assert (one.frames[1].width, one.frames[1].height, one.frames[1].repeat) == (200, 112, True)
    full = one.track.snapshot()
    assert full is not None
    assert (full.width, full.height) == (640, 360)


def test_video_that_comes_as_jpeg(rig) -> None:
    one = rig()
    for number in range(5):
        one.feed(number, jpeg(320, 180, number), arrived_at=one.began - 40 + 0.04 * number)
        assert until(lambda: one.track.stats.queue == one.track.stats.held == 0)
    assert one.shown() == [0, 1, 2, 3, 4]


def test_an_overflow_drops_to_the_next_keyframe(rig) -> None:
    one = rig()
    with one.track._changed:  # the thread cannot take anything meanwhile
        for number in range(MAX_UNITS + 5):
            one.track._queue.put(video_track.AccessUnit(CLIP[number % 100], EPOCH + 40 * number, one.began))
    one.feed(60)
    one.feed(61)
    assert until(lambda: one.track.stats.queue == 0)
    assert until(lambda: one.track.stats.decoded == 2)
    assert one.track.stats.queue_dropped == MAX_UNITS + 5
    assert one.track.stats.errors == 0


def test_damage_is_counted_and_never_ends_the_thread(rig) -> None:
    one = rig()
    for data in (b"", b"\0\0\0\1", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", cut(CLIP[0]), b"\x00" * 99):
        one.feed(0, data)
    assert until(lambda: one.track.stats.queue == 0)
    one.feed_past(range(20, 25))
    assert one.shown()[-5:] == list(range(20, 25))
    stats = one.track.stats
    assert (stats.errors, stats.refused, stats.before_keyframe) == (1, 2, 3)


def test_the_thread_ends_when_nothing_comes_and_another_takes_over(rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_track, "IDLE_S", 0.05)
    one = rig()
    one.feed_past(range(5))
    assert until(lambda: one.track._thread is None)
    one.feed_past(range(5, 10))
    assert one.shown() == list(range(10))
    assert until(lambda: one.track._thread is None)
    one.track.set_surface(Size(100, 100))
    assert until(lambda: one.frames[-1].repeat)


def test_after_closing_nothing_starts_again(rig) -> None:
    one = rig()
    one.feed_past(range(3))
    one.track.close()
    one.feed(3)
    one.track.set_surface(Size(10, 10))
    assert one.track._thread is None


@pytest.mark.slow
def test_a_busy_track_shows_something_and_decodes_everything(rig) -> None:
    one = rig(surface=Size(640, 360))
    units = clip(100, 1280, 720, 20)
    for number, unit in enumerate(units):
        one.feed(number, unit, arrived_at=one.began - 5 + 0.001 * number)
        if number % 60 == 59:
            assert until(lambda: one.track.stats.queue == 0)
    assert until(lambda: one.track.stats.decoded == 100)
    assert until(lambda: one.shown()[-1:] == [99])
    assert one.track.stats.dropped + len(one.frames) + one.mailbox.replaced == 100


@pytest.mark.slow
def test_nothing_leaks(rig) -> None:
    import resource

    def megabytes() -> float:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize() / 1e6

    one = rig(surface=Size(640, 360))
    units = clip(100, 1280, 720, 20)

    def rounds(count: int) -> None:
        for turn in range(count):
            for number, unit in enumerate(units):
                one.feed(number, unit, arrived_at=one.began - 5)
                if number % 20 == 19:
                    assert until(lambda: one.track.stats.queue == one.track.stats.held == 0)
            one.frames.clear()
            one.track.set_surface(Size(320 + turn, 180))

    rounds(4)
    before = megabytes()
    rounds(12)
    assert megabytes() - before < 25
    assert time.monotonic() > one.began
