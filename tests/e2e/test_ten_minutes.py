"""Ten minutes of the mock server, recorded and fed again: the same events as live, the same pictures and samples.

Time runs twenty times faster, for server and stamps; RTMS_REAL_TIME=1 in the environment takes the ten minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rtms_desktop.app.connect import configure
from rtms_desktop.app.credentials import Credential
from rtms_desktop.app.session import ActiveSession
from rtms_desktop.clock import SystemClock
from rtms_desktop.recording.export.options import Format
from rtms_desktop.recording.reader import open_recording, rebuild, replay
from rtms_desktop.session import events as ev
from rtms_desktop.transport.tls import client_context
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.payload import read_payload
from tests.e2e.test_kill_recorder import mock_server
from tests.recording.export.studio import ffmpeg_hashes, made, needs_ffmpeg, samples

SPEED = 1 if os.environ.get("RTMS_REAL_TIME") else 20
SCENARIO = Path(__file__).with_name("ten_minutes.toml")
ANN, BO = 16_778_240, 16_779_264
SLACK = 160  # samples: half of the smallest block is rounding of the timestamps
OPTIONS = (
    "--participants",
    "2",
    "--fps",
    "4",
    "--resolution",
    "360p",
    "--speed",
    str(SPEED),
    "--scenario",
    str(SCENARIO),
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(120 + 700 / SPEED)]


@dataclass
class Recorded:
    """A bundle, and every event that was told while it was made."""

    bundle: Path
    live: list[ev.Event]

    def units(self, medium: Medium, user_id: int) -> list[ev.MediaReceived]:
        units = [event for event in self.live if isinstance(event, ev.MediaReceived)]
        return [unit for unit in units if unit.medium is medium and unit.user_id == user_id]


@pytest.fixture(scope="module")
def meeting(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("ten minutes")

    async def record() -> Recorded:
        live: list[ev.Event] = []
        async with mock_server("pattern", *OPTIONS) as mock:
            told = mock.listening
            invite = read_payload(json.dumps(told["webhook"]))
            config = configure(invite, Credential(told["client_id"], told["client_secret"]))
            session = ActiveSession(invite, config, publish=live.extend, clock=SystemClock(), tls=client_context(None))
            recorder = session.record(folder)
            session.start()
            async with asyncio.timeout(60 + 600 / SPEED):
                ended = await session.driver.wait_ended()
            assert ended.stop_reason == 6, ended
            stats = recorder.stats
            assert (stats.problem, stats.dropped_messages, stats.dropped_units) == ("", 0, 0)
            bundle = await session.stop_recording()
        assert bundle is not None
        return Recorded(bundle, live)

    return asyncio.run(record())


def kinds(events: Sequence[ev.Event]) -> Counter[str]:
    return Counter(type(event).__name__ for event in events)


def test_it_was_ten_minutes_in_which_everything_happened(meeting: Recorded) -> None:
    told = kinds(meeting.live)
    for kind in (
        ev.TranscriptReceived, ev.ChatReceived, ev.ActiveSpeakerChanged, ev.SharingChanged, ev.ParticipantChanged,
        ev.ReconnectScheduled, ev.GapOpened, ev.GapClosed,
    ):  # fmt: skip
        assert told[kind.__name__] > 1, kind
    back = Counter(event.link for event in meeting.live if isinstance(event, ev.Reconnected) and event.own)
    assert back == {"video": 2, "audio": 1, "signaling": 1}
    phases = {event.new for event in meeting.live if isinstance(event, ev.PhaseChanged)}
    assert {ev.Phase.PAUSED, ev.Phase.RECONNECTING, ev.Phase.ENDED} <= phases
    pictures = meeting.units(Medium.VIDEO, ANN)
    assert pictures[-1].timestamp_ms - pictures[0].timestamp_ms > 570_000
    assert len(meeting.units(Medium.AUDIO, ANN)) > 3_000


def test_fed_again_it_tells_the_same(meeting: Recorded) -> None:
    again = [event for _, events in replay(meeting.bundle / "tape.mcap") for event in events]
    assert kinds(again) == kinds(meeting.live)
    differing = [(n, a, b) for n, (a, b) in enumerate(zip(again, meeting.live, strict=True)) if a != b]
    assert not differing[:1]


def test_the_tape_alone_gives_the_manifest_again(meeting: Recorded) -> None:
    manifest = open_recording(meeting.bundle).manifest
    assert manifest["closed"]
    assert rebuild(meeting.bundle, meeting.bundle / "tape.mcap").manifest | {"closed": True} == manifest
    assert manifest["counts"] == {
        medium.value: sum(1 for event in meeting.live if medium_of(event) is medium) for medium in Medium
    }
    assert {gap["reason"] for gap in manifest["gaps"]} >= {"socket_down", "pause"}
    assert "dropped_here" not in {gap["reason"] for gap in manifest["gaps"]}


def medium_of(event: ev.Event) -> Medium | None:
    match event:
        case ev.MediaReceived(medium=medium):
            return medium
        case ev.TranscriptReceived():
            return Medium.TRANSCRIPT
        case ev.ChatReceived():
            return Medium.CHAT
        case _:
            return None


@needs_ffmpeg
def test_exported_pictures_are_those_that_were_sent(meeting: Recorded, tmp_path: Path) -> None:
    """Through two losses of the socket, a pause, a camera that was off and two changes of the resolution."""
    units = meeting.units(Medium.VIDEO, ANN)
    source = tmp_path / "source.h264"
    source.write_bytes(b"".join(unit.data for unit in units))
    expected = ffmpeg_hashes(source)
    assert len(expected) == len(units)
    (film,) = made(meeting.bundle, tmp_path / "ann.mp4", Format.MP4, user_id=ANN)
    assert ffmpeg_hashes(film) == expected
    assert len(list((meeting.bundle / "video").glob(f"{ANN}-*.mkv"))) == 3


@pytest.mark.parametrize("user", [ANN, BO])
def test_exported_samples_are_those_that_were_sent(meeting: Recorded, tmp_path: Path, user: int) -> None:
    (zero,) = {event.timestamp_ms for event in meeting.live if isinstance(event, ev.SessionZero)}
    (path,) = made(meeting.bundle, tmp_path / "voice.wav", Format.WAV, user_id=user)
    heard = samples(path)
    silence = np.ones(len(heard), bool)
    end = 0
    for unit in meeting.units(Medium.AUDIO, user):
        place = (unit.timestamp_ms - zero) * 16
        place = end if abs(place - end) <= SLACK else place
        sent = np.frombuffer(unit.data, "<i2")
        end = place + len(sent)
        assert np.array_equal(heard[place:end], sent), unit.timestamp_ms - zero
        silence[place:end] = False
    assert end == len(heard)
    assert not heard[silence].any()
