"""A recording opened again: the manifest from the tape, the same events as live, clear sentences for what is none."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtms_desktop.errors import BundleError
from rtms_desktop.recording import describe, tape
from rtms_desktop.recording.manifest import KEYS, read_manifest
from rtms_desktop.recording.reader import open_recording, replay
from rtms_desktop.recording.tape import TapeWriter
from rtms_desktop.session import events as ev
from rtms_desktop.wire.enums import Medium
from tests.recording import material as m
from tests.recording.live import LiveSession, scenario

DERIVED = ("closed",)
"""Keys that a manifest made from the tape may tell otherwise."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LiveSession]:
    folder = tmp_path_factory.mktemp("recorded") / "20250604T000000Z_meeting.rtmsrec"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tape, "CHUNK_BYTES", 16_000)  # several chunks in two seconds
        live = scenario(folder)
        live.recorder.close(live.core.stop_reason)
    return folder, live


def copy(recorded: Path, tmp_path: Path, *leave: str) -> Path:
    bundle = tmp_path / recorded.name
    for path in recorded.rglob("*"):
        name = path.relative_to(recorded)
        if path.is_file() and str(name) not in leave:
            (bundle / name).parent.mkdir(parents=True, exist_ok=True)
            (bundle / name).write_bytes(path.read_bytes())
    return bundle


def test_the_scenario_is_what_it_says(recorded: tuple[Path, LiveSession]) -> None:
    bundle, live = recorded
    told = open_recording(bundle)
    assert not told.rebuilt and not told.notes
    manifest = told.manifest
    assert manifest["closed"] and manifest["stop_reason"] == 6
    assert manifest["reconnects"] == live.core.reconnects == 2
    assert manifest["counts"] == {medium.value: live.core.counts[medium] for medium in Medium}
    assert manifest["counts"]["audio"] == 50
    assert manifest["granted"]["video"]["codec"] == 7
    assert {"user_id": m.BOB, "name": "Bob"} in manifest["participants"]
    down = [gap for gap in manifest["gaps"] if gap["reason"] == "socket_down" and gap["medium"] == "audio"]
    assert [(gap["start_ms"] - m.ZERO_MS, gap["end_ms"] - m.ZERO_MS) for gap in down] == [(600, 1400), (1600, 1800)]


def test_invented_audio_is_listed_with_its_reason(recorded: tuple[Path, LiveSession]) -> None:
    bundle, _ = recorded
    rows = [line.split(",") for line in (bundle / "gaps.csv").read_text().splitlines()[1:]]
    assert [(row[0], row[5], row[6], row[7]) for row in rows] == [
        (f"audio/{m.ANN}.flac", "9600", "12800", "socket_down"),
        (f"audio/{m.ANN}.flac", "25600", "3200", "socket_down"),
    ]
    samples, source = m.flac_samples(bundle / f"audio/{m.ANN}.flac"), m.tone(32_000)
    assert (samples[:9600] == source[:9600]).all() and (samples[22400:25600] == source[22400:25600]).all()
    assert not samples[9600:22400].any() and not samples[25600:28800].any()


def test_driving_a_core_from_the_tape_gives_the_same_events(recorded: tuple[Path, LiveSession]) -> None:
    bundle, live = recorded
    again = [event for _, events in replay(bundle / "tape.mcap") for event in events]
    assert again == live.events
    assert any(isinstance(event, ev.ReconnectScheduled) for event in again)


def test_a_lost_manifest_is_made_again(recorded: tuple[Path, LiveSession], tmp_path: Path) -> None:
    whole = open_recording(recorded[0]).manifest
    told = open_recording(copy(recorded[0], tmp_path, "manifest.json"))
    assert told.rebuilt and tuple(told.manifest) == KEYS
    assert {k: v for k, v in told.manifest.items() if k not in DERIVED} == {
        k: v for k, v in whole.items() if k not in DERIVED
    }
    assert told.manifest["closed"] is False


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"schema": 1}', b'{"schema": 2, "closed": true}', b"\xff" * 100]
)
def test_a_manifest_that_cannot_be_trusted_is_made_again(
    recorded: tuple[Path, LiveSession], tmp_path: Path, content: bytes
) -> None:
    bundle = copy(recorded[0], tmp_path)
    (bundle / "manifest.json").write_bytes(content)
    assert read_manifest(bundle) is None
    assert open_recording(bundle).manifest["counts"]["audio"] == 50


def test_a_recording_that_was_cut_off_is_read_as_far_as_it_goes(
    recorded: tuple[Path, LiveSession], tmp_path: Path
) -> None:
    bundle = copy(recorded[0], tmp_path)
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    (bundle / "manifest.json").write_text(json.dumps(manifest | {"closed": False}))
    path = bundle / "tape.mcap"
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    told = open_recording(bundle)
    assert told.rebuilt and any("cut off" in note for note in told.notes)
    assert 0 < told.manifest["counts"]["video"]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.floats(0, 1), st.integers(0, 255))
def test_any_damage_gives_a_recording_or_a_sentence(
    recorded: tuple[Path, LiveSession], tmp_path: Path, where: float, value: int
) -> None:
    whole = (recorded[0] / "tape.mcap").read_bytes()
    place = int(where * (len(whole) - 1))
    for bad in (whole[:place], whole[:place] + bytes([value]) + whole[place + 1 :]):
        path = tmp_path / "bad.mcap"
        path.write_bytes(bad)
        try:
            assert tuple(open_recording(path).manifest) == KEYS
        except BundleError as error:
            assert error.sentence()


def test_bundle_tape_and_open_file_are_the_same_recording(recorded: tuple[Path, LiveSession], tmp_path: Path) -> None:
    bundle = recorded[0]
    expected = open_recording(bundle)
    assert open_recording(bundle / "open.rtms") == expected == open_recording(bundle / "tape.mcap")
    bare = tmp_path / "copied.mcap"
    bare.write_bytes((bundle / "tape.mcap").read_bytes())
    told = open_recording(bare)
    assert told.bundle is None and told.manifest["files"] == ["copied.mcap"]
    assert told.manifest["counts"] == expected.manifest["counts"]


def test_without_its_tape_a_closed_bundle_still_tells(recorded: tuple[Path, LiveSession], tmp_path: Path) -> None:
    told = open_recording(copy(recorded[0], tmp_path, "tape.mcap"))
    assert told.tape is None and told.notes == ["The tape is missing."]


def test_what_is_no_recording_gets_a_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="there is no recording at"):
        open_recording(tmp_path / "nothing")
    (tmp_path / "empty.rtmsrec").mkdir()
    with pytest.raises(BundleError, match="holds no recording"):
        open_recording(tmp_path / "empty.rtmsrec")
    (tmp_path / "photo.mcap").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(BundleError, match="is no tape"):
        open_recording(tmp_path / "photo.mcap")
    TapeWriter(tmp_path / "short.mcap").abandon()
    with pytest.raises(BundleError) as short:
        open_recording(tmp_path / "short.mcap")
    assert "first moment" in short.value.sentence()
    other = TapeWriter(tmp_path / "other.mcap")
    other.control({"do": "something"}, 1)
    other.close()
    with pytest.raises(BundleError) as foreign:
        open_recording(tmp_path / "other.mcap")
    assert "which session" in foreign.value.sentence()
    seed = TapeWriter(tmp_path / "seed.mcap")
    seed.control({"do": "seed", "config": {"meeting_id": 5}, "rng": "x"}, 1)
    seed.close()
    with pytest.raises(BundleError, match="seed cannot be read"):
        open_recording(tmp_path / "seed.mcap")


def test_a_revoked_recording_is_named_so(tmp_path: Path) -> None:
    live = LiveSession(tmp_path / "x.rtmsrec")
    live.recorder.destroy()
    with pytest.raises(BundleError, match="was deleted because the stream was revoked"):
        open_recording(tmp_path / "x.rtmsrec")


def test_messages_one_a_line(recorded: tuple[Path, LiveSession]) -> None:
    lines = list(describe.message_lines(recorded[0] / "tape.mcap"))
    types = {line.type for line in lines}
    assert {
        "recording", "seed", "request", "link_opened", "link_closed", "wake", "1 SIGNALING_HAND_SHAKE_REQ",
        "2 SIGNALING_HAND_SHAKE_RESP", "3 DATA_HAND_SHAKE_REQ", "4 DATA_HAND_SHAKE_RESP", "6 EVENT_UPDATE",
        "7 CLIENT_READY_ACK", "8 STREAM_STATE_UPDATE", "9 SESSION_STATE_UPDATE", "12 KEEP_ALIVE_REQ",
        "13 KEEP_ALIVE_RESP", "14 MEDIA_DATA_AUDIO", "15 MEDIA_DATA_VIDEO", "17 MEDIA_DATA_TRANSCRIPT",
        "18 MEDIA_DATA_CHAT", "UNKNOWN",
    } <= types  # fmt: skip
    said = next(line for line in lines if line.type.startswith("17"))
    assert (said.link, said.direction, said.user_id, said.text) == ("transcript", "in", m.ANN, "hello")
    assert "17 MEDIA_DATA_TRANSCRIPT" in str(said) and "hello" in str(said)
    audio = [line for line in lines if line.type.startswith("14")]
    assert len(audio) == 50 and {line.attempt for line in audio} == {1, 2, 3}
    assert json.dumps([line.row() for line in lines])
    assert m.SIGNATURE not in "".join(map(str, lines))


def test_the_summary_for_a_person_and_for_a_program(recorded: tuple[Path, LiveSession]) -> None:
    recording = open_recording(recorded[0])
    row: dict[str, Any] = describe.summary_dict(recording)
    assert list(row)[: len(KEYS)] == list(KEYS)
    text = describe.summary_text(recording)
    for part in ("6 MEETING_ENDED", "16778241  Bob", "320x180 25 fps", "16000 Hz", "socket_down", "tape.mcap"):
        assert part in text, text
    cut = describe.summary_text(dataclasses.replace(recording, notes=["Something is missing."]))
    assert "Something is missing." in cut
