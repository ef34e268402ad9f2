"""A recording that goes on in another bundle: nothing is missing between the two."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rtms_desktop.app.bundle_change import LONGEST_S, BundleChange, is_due, moving_tracks
from rtms_desktop.bitstream.h264 import is_keyframe
from rtms_desktop.recording.manifest import read_manifest
from rtms_desktop.recording.reader import replay
from rtms_desktop.recording.recorder import RecorderStats
from rtms_desktop.session.events import MediaReceived
from rtms_desktop.wire.enums import Medium
from tests.app.test_controller import media, running
from tests.recording.material import ANN, BOB, clip, image
from tests.recording.material import media as unit


class Old:
    def __init__(self) -> None:
        self.told: list[Any] = []

    def events(self, events: Any) -> None:
        self.told += events


def test_the_old_bundle_goes_on_until_every_picture_has_begun_anew() -> None:
    old: Any = Old()
    tracks = [(Medium.VIDEO, ANN), (Medium.VIDEO, BOB), (Medium.SHARE, ANN)]
    change = BundleChange(old, tracks, 100.0)
    key, other = clip()[0], clip()[1]
    change.events([unit(Medium.VIDEO, key, 0), unit(Medium.VIDEO, other, 0, BOB)])
    change.events([unit(Medium.SHARE, image("mjpeg"), 0)])
    assert not change.is_ready(101.0) and change.is_ready(100.0 + LONGEST_S + 1)
    change.events([unit(Medium.VIDEO, key, 40, BOB)])
    assert change.is_ready(101.0) and len(old.told) == 4


def test_only_moving_pictures_are_waited_for() -> None:
    at = {(Medium.VIDEO, 1): 99.5, (Medium.VIDEO, 2): 90.0, (Medium.AUDIO, 1): 99.9, (Medium.SHARE, 1): 99.0}
    tracks: Any = {key: SimpleNamespace(last_at=last_at) for key, last_at in at.items()}
    assert moving_tracks(tracks, 100.0) == {(Medium.VIDEO, 1), (Medium.SHARE, 1)}


@pytest.mark.parametrize(
    ("seconds", "size", "due"), [(0, 0, False), (60, 0, True), (61, 0, False), (0, 500, True), (0, 501, False)]
)
def test_time_or_size_decide(seconds: float, size: float, due: bool) -> None:
    assert is_due(RecorderStats(started_at=40.0, bytes_written=500), 100.0, seconds, size) is due


@pytest.mark.slow
async def test_a_long_recording_becomes_several_bundles(tmp_path: Path) -> None:
    async with running(tmp_path) as (controller, seen):
        controller.settings.change(split_mb=1)
        controller.try_it_now(record=True)
        await seen.until(media(Medium.VIDEO))
        async with asyncio.timeout(40):
            while len(controller.recordings) < 1:
                await asyncio.sleep(0.1)
        session = controller.session
        assert session is not None and not session.is_replay and session.recorder is not None
        assert session.recorder.folder not in [entry.folder for entry in controller.recordings]
        await asyncio.sleep(1.5)
        controller.settings.change(split_mb=0)
        async with asyncio.timeout(20):
            while (left := session.recorder.stats.seconds_left) is None:  # the newer bundle has only begun
                await asyncio.sleep(0.1)
        assert left > 60
        await controller.shutdown()
        assert len(controller.recordings) >= 2
        newer, older = (entry.folder for entry in controller.recordings[-2:])  # a third may have just begun
    ends: dict[int, int] = {}
    for bundle in (older, newer):
        manifest = read_manifest(bundle)
        assert manifest is not None and manifest["closed"]
    for _, events in replay(older / "tape.mcap"):
        ends |= {e.user_id: e.timestamp_ms for e in events if isinstance(e, MediaReceived) and e.medium is Medium.VIDEO}
    begins: dict[int, int] = {}
    for _, events in replay(newer / "tape.mcap"):
        for event in events:
            if isinstance(event, MediaReceived) and event.medium is Medium.VIDEO and is_keyframe(event.data):
                begins.setdefault(event.user_id, event.timestamp_ms)
    assert begins.keys() == ends.keys() and len(ends) == 2
    assert all(begins[user] <= ends[user] for user in ends)
