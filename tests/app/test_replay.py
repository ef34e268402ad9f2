"""A recording as a session: what it tells, what it shows, wherever the playhead is sent."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtms_desktop.app.events import Notice, ReplayChanged, ReplayIndexed, ReplayJumped, ReplaySettled
from rtms_desktop.app.replay import ReplaySession
from rtms_desktop.clock import SystemClock
from rtms_desktop.errors import BundleError
from rtms_desktop.media.frames import VideoFrame
from rtms_desktop.media.replay.pipeline import ReplayPipeline
from rtms_desktop.mock_server.sources.barcode import read_barcode
from rtms_desktop.recording import names
from rtms_desktop.recording.overview import JumpTo
from rtms_desktop.recording.reader import replay
from rtms_desktop.session import events as ev
from rtms_desktop.session.core import SessionCore
from rtms_desktop.wire.enums import Medium
from tests.fakes import long_recording as lr
from tests.recording import live

KEY = ("video", lr.FIRST_USER)
OTHER = ("video", lr.FIRST_USER + 1024)
SECONDS = 24.0
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people, 24 seconds, every picture numbered by a bar code."""
    return lr.make_bundle(tmp_path_factory.mktemp("replay"), SECONDS, people=2, size=(320, 180))


class Player:
    """A session with what it told and showed."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.frames: dict[tuple[str, int], VideoFrame] = {}
        self.session: ReplaySession
        self.pipeline: ReplayPipeline

    def number(self, key: tuple[str, int] = KEY) -> int | None:
        """The bar code of the picture that is shown."""
        self.frames |= self.pipeline.take_frames()
        frame = self.frames.get(key)
        if frame is None:
            return None
        rows = np.frombuffer(frame.bgra, np.uint8)[: frame.stride * frame.height].reshape(frame.height, frame.stride)
        return read_barcode(rows[:, : frame.width * 4].reshape(frame.height, frame.width, 4))

    async def until(self, what: Callable[[], bool], seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not what():
                await asyncio.sleep(0.003)

    async def shows(self, number: int, key: tuple[str, int] = KEY) -> None:
        try:
            await self.until(lambda: self.number(key) == number, 5.0)
        except TimeoutError:
            pytest.fail(f"shows {self.number(key)} instead of {number} at {self.session.position_ms} ms")

    async def settled(self) -> None:
        await self.until(lambda: self.session.settled)


@asynccontextmanager
async def playing(path: Path, *keys: tuple[str, int], follow: bool = False) -> AsyncIterator[Player]:
    player = Player()
    player.session = await ReplaySession.open(path, player.told.extend, SystemClock(), follow=follow)
    player.pipeline = player.session.open_pipeline(None, lambda: None)
    for key in keys or (KEY,):
        player.pipeline.set_surface(key, 320, 180)
    player.session.start()
    try:
        yield player
    finally:
        await player.session.close()


# -- what it tells ---------------------------------------------------------------------------------------------


async def test_it_tells_what_was_told_live_in_the_same_order(tmp_path: Path) -> None:
    recorded = live.scenario(tmp_path / "x.rtmsrec")
    recorded.wait(3.0)
    recorded.recorder.close()
    async with playing(tmp_path / "x.rtmsrec") as player:
        session = player.session
        await player.settled()
        begun = len(player.told)
        session.set_speed(4.0)
        session.play()
        await player.until(lambda: session.ended is not None)
        told = [event for event in player.told[begun:] if isinstance(event, ev.Event)]
        at = told[0].at
        assert told == [event for event in recorded.events if event.at >= at]
        assert told[0].at <= session.opened_at + 0.01
        assert session.core.stop_reason == recorded.core.stop_reason == 6
        assert session.core.counts == recorded.core.counts
        assert session.ended == recorded.events[-1]
        await player.until(lambda: not session.playing)


async def test_events_come_at_their_time(bundle: Path) -> None:
    async with playing(bundle) as player:
        session = player.session
        session.seek(5000)
        await player.settled()
        arrivals: list[tuple[float, float]] = []
        begun = len(player.told)
        session.play()
        while session.position_ms < 6500:
            fresh = player.told[begun:]
            begun += len(fresh)
            now = session.clock.now()
            arrivals += [(event.at, now) for event in fresh if isinstance(event, ev.MediaReceived)]
            await asyncio.sleep(0.005)
        late = [now - at for at, now in arrivals]
        assert len(late) > 150 and min(late) >= 0
        assert sorted(late)[len(late) // 2] < 0.06


async def test_after_a_jump_everybody_learns_how_things_stand(bundle: Path) -> None:
    linear = [event for _, events in replay(bundle / names.TAPE) for event in events]
    async with playing(bundle) as player:
        session = player.session
        await player.settled()
        for position in (17_000.0, 3_000.0):
            player.told.clear()
            before = session.core
            session.seek(position)
            assert isinstance(player.told[0], ReplayChanged) and player.told[0].position_ms == position
            assert not session.settled
            await player.settled()
            assert session.core is not before
            start = next(n for n, event in enumerate(player.told) if isinstance(event, ReplayJumped))
            end = next(n for n, event in enumerate(player.told) if isinstance(event, ReplaySettled))
            assert player.told[start].position_ms == pytest.approx(position)
            history = player.told[start + 1 : end]
            at = session.clock.now()
            wanted = [e for e in linear if e.at <= at and not isinstance(e, ev.MediaReceived | ev.KeepAlive)]
            assert [e for e in history if not isinstance(e, ev.MediaReceived)] == wanted
            assert session.core.counts[Medium.TRANSCRIPT] == sum(isinstance(e, ev.TranscriptReceived) for e in wanted)
            media = [e for e in linear if e.at <= at and isinstance(e, ev.MediaReceived)]
            assert session.core.counts[Medium.VIDEO] == sum(e.medium is Medium.VIDEO for e in media)
            assert session.history() == history


async def test_many_seeks_end_at_the_last_one(bundle: Path) -> None:
    async with playing(bundle) as player:
        session = player.session
        for position in range(2_010, 22_010, 500):
            session.seek(position)
            await asyncio.sleep(0.001)
        await player.settled()
        await player.shows(lr.number_at(21.51))
        assert session.position_ms == pytest.approx(21_510)
        at = session.clock.now()
        assert max(track.last_at for track in session.core.tracks.values()) <= at
        assert at - max(track.last_at for track in session.core.tracks.values()) < 0.05
        assert isinstance(session.core, SessionCore)


# -- what it shows ---------------------------------------------------------------------------------------------


async def test_a_seek_shows_the_picture_that_is_due(bundle: Path) -> None:
    async with playing(bundle, KEY, OTHER) as player:
        for s in (10.0, 10.05, 2.51, 23.91, 0.12, 14.03):
            player.session.seek(s * 1000)
            await player.shows(lr.number_at(s))
            await player.shows(lr.number_at(s), OTHER)


async def test_steps_show_exactly_the_next_and_the_previous_picture(bundle: Path) -> None:
    async with playing(bundle) as player:
        session = player.session
        session.seek(8_110)  # the first picture of a group is number 200
        await player.shows(lr.number_at(8.11))
        here = lr.number_at(8.11)
        for frames in (1, 1, -1, -1, -1, -1, 1):
            session.step(frames, KEY)
            here = (here + frames) % lr.CYCLE
            await player.shows(here)
            assert not session.playing
        session.step(-3)
        await player.shows((here - 3) % lr.CYCLE)


async def test_steps_at_the_ends_stay_where_they_are(bundle: Path) -> None:
    async with playing(bundle) as player:
        session = player.session
        session.seek(110)
        await player.shows(0)
        session.step(-1)
        await asyncio.sleep(0.05)
        assert session.position_ms == pytest.approx(110)
        session.seek(session.duration_ms)
        last = (round((SECONDS - 0.1) * 50) - 1) // 2 % lr.CYCLE
        await player.shows(last)
        session.step(1)
        await asyncio.sleep(0.05)
        await player.shows(last)


async def test_hidden_pictures_come_back_at_the_playhead(bundle: Path) -> None:
    async with playing(bundle) as player:
        session = player.session
        session.seek(3_000)
        await player.shows(lr.number_at(3.0))
        player.pipeline.set_surface(KEY, None, None)
        session.seek(15_000)
        await player.settled()
        player.frames.clear()
        player.pipeline.take_frames()
        player.pipeline.set_surface(KEY, 160, 90)
        await player.shows(lr.number_at(15.0))
        assert player.frames[KEY].width == 160 and player.frames[KEY].source_width == 320
        assert player.pipeline.visible == [KEY]


async def test_what_is_shown_is_handed_over_again_after_the_history(bundle: Path) -> None:
    """Views forget their pictures at ReplayJumped, which may come behind the picture."""
    async with playing(bundle) as player:
        session = player.session
        session.seek(6_000)
        await player.settled()
        await player.shows(lr.number_at(6.0))
        player.frames.clear()
        session.seek(6_001)  # the same picture
        await player.settled()
        await player.shows(lr.number_at(6.0))
        session.seek(60)  # before the first one
        await player.settled()
        await asyncio.sleep(0.05)
        player.pipeline.take_frames()
        player.frames.clear()
        player.pipeline.show_again()
        await asyncio.sleep(0.05)
        assert player.number() is None


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.0, 2.0, 4.0])
async def test_it_plays_at_other_speeds(bundle: Path, speed: float) -> None:
    async with playing(bundle) as player:
        session = player.session
        session.seek(4_000)
        await player.shows(lr.number_at(4.0))
        session.set_speed(speed)
        machine = session.clock.machine
        session.play()
        start, shown, behind = machine.now(), 0, []
        while machine.now() - start < 0.8:
            before = player.frames.get(KEY)
            number = player.number()
            if player.frames.get(KEY) is not before and number is not None:
                shown += 1
                position = session.position_ms / 1000
                behind.append((lr.number_at(position) - number) % lr.CYCLE)
            await asyncio.sleep(0.003)
        played_ms = (machine.now() - start) * 1000  # a busy machine may have let the loop run on
        assert session.position_ms == pytest.approx(4_000 + played_ms * speed, abs=60 * max(1.0, speed))
        assert shown >= 0.5 * min(0.8 * lr.FPS * speed, 60)
        assert sorted(min(n, lr.CYCLE - n) for n in behind)[len(behind) // 2] <= math.ceil(speed)


async def test_sound_is_heard_at_the_playhead_and_not_while_it_stands(bundle: Path) -> None:
    async with playing(bundle) as player:
        session, pipeline = player.session, player.pipeline
        session.seek(5_000)
        await player.settled()
        session.play()

        def error_ms() -> float:
            heard = pipeline.playback.position_ms(session.clock.machine.now())
            return math.inf if heard is None else abs(heard - session.source.units.server_ms(session.clock.now()))

        await player.until(lambda: error_ms() < 40 and pipeline.levels()[lr.FIRST_USER].rms_db > -30)
        session.seek(15_000)
        await player.until(lambda: error_ms() > 1000 or session.position_ms > 15_100)
        await player.until(lambda: error_ms() < 40)
        session.pause()
        await player.until(lambda: pipeline.levels()[lr.FIRST_USER].rms_db < -60)
        session.set_speed(4.0)
        session.play()
        await asyncio.sleep(0.2)
        assert pipeline.master_level.rms_db < -60


# -- transport -------------------------------------------------------------------------------------------------


async def test_a_loop_goes_from_b_back_to_a(bundle: Path) -> None:
    async with playing(bundle) as player:
        session = player.session
        session.seek(9_000)
        session.loop(9_000, 9_300)
        await player.settled()
        positions = []
        session.play()
        for _ in range(250):
            positions.append(session.position_ms)
            await asyncio.sleep(0.004)
        assert min(positions) >= 8_999 and max(positions) <= 9_301
        assert sum(b < a for a, b in itertools.pairwise(positions)) >= 2
        assert session.playing
        session.loop(None)
        assert session.loop_ms is None
        await player.until(lambda: session.position_ms > 9_400)


async def test_a_loop_is_set_by_its_two_ends(bundle: Path) -> None:
    async with playing(bundle) as player:
        session = player.session
        session.seek(4_000)
        session.loop_start()
        assert session.loop_ms == (pytest.approx(4_000), pytest.approx(session.duration_ms))
        session.seek(6_000)
        session.loop_end()
        assert session.loop_ms == (pytest.approx(4_000), pytest.approx(6_000))
        assert player.told[-1].loop_ms == session.loop_ms


async def test_jumps_lead_to_turns_lines_and_back(bundle: Path) -> None:
    async with playing(bundle) as player:
        session = player.session
        await player.until(lambda: session.source.index.complete)
        session.seek(1_000)
        assert session.jump(JumpTo.SPEAKER)
        assert session.position_ms == pytest.approx(10_115, abs=20)
        assert session.jump(JumpTo.LINE)
        assert session.position_ms == pytest.approx(12_115, abs=20)
        assert session.jump(JumpTo.SPEAKER, forward=False)
        assert session.position_ms == pytest.approx(10_115, abs=20)
        assert not session.jump(JumpTo.GAP) and not session.jump(JumpTo.MARK)
        session.seek_server_ms(lr.server_ms(18.0))
        await player.until(lambda: session.position_ms == pytest.approx(18_000, abs=5))


async def test_it_stops_at_the_end_and_begins_again(bundle: Path) -> None:
    async with playing(bundle) as player:
        session = player.session
        session.seek(session.duration_ms - 150)
        await player.settled()
        session.play()
        await player.until(lambda: not session.playing)
        assert session.position_ms == pytest.approx(session.duration_ms)
        assert session.ended is not None and session.ended.stop_reason == 6
        session.play()
        await player.settled()
        assert session.ended is None and session.position_ms < 2_000
        session.change_speed(faster=True)
        assert session.speed == 1.5
        session.set_speed(100)
        assert session.speed == 4.0


# -- what is on disk -------------------------------------------------------------------------------------------


async def test_the_second_time_the_index_is_there_at_once(tmp_path: Path) -> None:
    bundle = lr.make_bundle(tmp_path, 4.0, people=1, size=(160, 90))
    async with playing(bundle) as player:
        await player.until(lambda: (bundle / names.REPLAY_INDEX).exists())
        await player.until(lambda: any(isinstance(e, ReplayIndexed) and e.complete for e in player.told))
        first = player.session.overview()
    async with playing(bundle) as player:
        assert player.session.source.builder is None and player.session.progress == 1.0
        player.session.seek(3_000)
        await player.settled()
        assert player.session.overview() == first
    assert names.REPLAY_INDEX not in names.list_files(bundle)


async def test_a_cut_tape_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    bundle = lr.make_bundle(tmp_path, 6.0, people=1, size=(320, 180), closed=False)
    tape = bundle / names.TAPE
    tape.write_bytes(tape.read_bytes()[: -tape.stat().st_size // 4])
    async with playing(tape.rename(tmp_path / "bare.mcap")) as player:
        session = player.session
        assert 3_000 < session.duration_ms < 6_000
        session.seek(2_000)
        await player.shows(lr.number_at(2.0))
        await player.settled()
        session.seek(session.duration_ms - 100)
        session.play()
        await player.until(lambda: not session.playing)
        assert session.ended is None
    assert sorted(found.name for found in tmp_path.glob("bare*")) == ["bare.mcap"]


async def test_a_tape_that_is_being_written_is_followed(tmp_path: Path) -> None:
    """Live time shift: back into what is on disk, and to the edge again while it moves on."""
    path = tmp_path / "growing.mcap"
    out = lr.Tape(path)
    out.join()
    units = lr.cycle(320, 180)

    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            s = 0.1 + number / lr.FPS
            message = lr.media_text(15, units[number]) % (lr.FIRST_USER, lr.FIRST_USER, lr.server_ms(s))
            out.receive(s, "video", message)
        out.tape.flush()

    grow(0, 75)
    async with playing(path, follow=True) as player:
        session = player.session
        assert session.duration_ms == pytest.approx(3_060, abs=1)
        session.seek(1_000)
        await player.shows(lr.number_at(1.0))
        session.seek(session.duration_ms)
        session.play()
        await player.settled()
        assert session.position_ms >= session.duration_ms - 500
        before = session.position_ms
        grow(75, 100)
        await player.until(lambda: session.position_ms > before + 200)
        assert session.playing
        session.seek(3_800)
        session.pause()
        await player.settled()
        await player.shows(lr.number_at(3.8))
        assert session.core.counts[Medium.VIDEO] == 93
        out.tape.close()
        await player.until(lambda: session.source.index.complete)
        session.play()
        await player.until(lambda: not session.playing)


async def test_a_recording_that_began_in_mid_session_begins_there(tmp_path: Path) -> None:
    path = tmp_path / "late.mcap"
    out = lr.Tape(path, started=600.0)
    out.join()
    for number, unit in enumerate(lr.cycle(320, 180)[:75]):
        s = 600.1 + number / lr.FPS
        out.receive(s, "video", lr.media_text(15, unit) % (lr.FIRST_USER, lr.FIRST_USER, lr.server_ms(s)))
        if number % 20 == 0:
            out.tape.flush()
    out.tape.close()
    async with playing(path) as player:
        session = player.session
        await player.settled()
        assert session.begin_ms == pytest.approx(600_000) and session.position_ms == pytest.approx(600_000)
        assert session.core.session_zero_ms == lr.server_ms(0.05)
        assert session.core.links["video"].is_open and session.core.counts[Medium.VIDEO] == 0
        session.seek(0)
        assert session.position_ms == pytest.approx(600_000)
        session.seek(601_010)
        await player.settled()
        await player.shows(22)
        assert session.core.counts[Medium.VIDEO] == 23


async def test_a_disk_that_refuses_stops_the_playhead_with_a_reason(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with playing(bundle) as player:
        session = player.session
        await player.settled()
        chunks, read = session.source.chunks, session.source.chunks.records

        def refuse(number: int) -> Any:
            raise OSError(5, "Input/output error")

        await player.until(lambda: session.source.index.complete)
        monkeypatch.setattr(chunks, "records", refuse)
        session.seek(20_000)
        session.play()
        await player.until(lambda: any(isinstance(told, Notice) for told in player.told))
        assert not session.playing and "Input/output" in player.told[-1].why
        monkeypatch.setattr(chunks, "records", read)
        session.seek(20_010)
        await player.settled()
        await player.shows(lr.number_at(20.01))
        assert session.core.counts[Medium.VIDEO] > 900


async def test_what_is_no_recording_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.rtmsrec").mkdir()
    (tmp_path / "text.mcap").write_text("no tape")
    for name in ("x.rtmsrec", "text.mcap", "nowhere"):
        with pytest.raises(BundleError):
            await ReplaySession.open(tmp_path / name, lambda events: None, SystemClock())
