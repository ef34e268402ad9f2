"""Pictures into Matroska: bytes as received, a file at a key picture only, a new one where the format changes."""

from __future__ import annotations

from pathlib import Path

import av
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtms_desktop.bitstream import h264
from rtms_desktop.recording.video_track import VideoTrackWriter
from tests.recording import material as m


def write(folder: Path, units: list[tuple[bytes, int]]) -> VideoTrackWriter:
    writer = VideoTrackWriter(folder, "7")
    for unit, ms in units:
        writer.add(unit, ms)
    writer.close()
    return writer


def timed(units: tuple[bytes, ...] | list[bytes], start: int = 0, step: int = 40) -> list[tuple[bytes, int]]:
    return [(unit, start + number * step) for number, unit in enumerate(units)]


def frames(path: Path) -> list[tuple[int, int, bytes]]:
    with av.open(str(path)) as container:
        return [(f.width, f.height, bytes(f.to_ndarray())) for f in container.decode(video=0)]


def source_frames(units: tuple[bytes, ...]) -> list[tuple[int, int, bytes]]:
    decoder = av.CodecContext.create("h264", "r")
    found = [frame for unit in units for frame in decoder.decode(av.Packet(unit))] + decoder.decode(None)
    return [(f.width, f.height, bytes(f.to_ndarray())) for f in found]


def test_pictures_decode_to_the_same_as_the_source(tmp_path: Path) -> None:
    writer = write(tmp_path, timed(m.clip()))
    assert writer.paths == [tmp_path / "7-1.mkv"] and writer.skipped == 0
    assert frames(tmp_path / "7-1.mkv") == source_frames(m.clip())


def test_timestamps_are_milliseconds_and_never_step_back(tmp_path: Path) -> None:
    stamps = [5, 45, 45, 30, 100, 1000]
    write(tmp_path, list(zip(m.clip()[:6], stamps, strict=True)))
    assert [ms for ms, _ in m.mkv_packets(tmp_path / "7-1.mkv")] == [5, 45, 46, 47, 100, 1000]


def test_nothing_is_written_before_a_key_picture(tmp_path: Path) -> None:
    writer = write(tmp_path, timed(m.clip()[3:]))
    assert writer.skipped == 22
    assert m.mkv_packets(tmp_path / "7-1.mkv")[0][0] == 22 * 40
    late = write(tmp_path / "none", timed(m.clip()[1:25]))
    assert late.paths == [] and late.skipped == 24


def test_an_idr_without_parameter_sets_never_opens_a_file(tmp_path: Path) -> None:
    bare = b"".join(b"\0\0\0\1" + nal for nal in m.nals(m.clip()[0]) if nal[0] & 31 == 5)
    writer = write(tmp_path, timed([bare, *m.clip()[1:5]]))
    assert writer.paths == [] and writer.skipped == 5


def test_parameter_sets_that_travel_alone_join_the_picture_behind_them(tmp_path: Path) -> None:
    parts = m.nals(m.clip()[0])
    sets = b"".join(b"\0\0\0\1" + nal for nal in parts if nal[0] & 31 in (7, 8))
    rest = b"".join(b"\0\0\0\1" + nal for nal in parts if nal[0] & 31 not in (7, 8))
    writer = write(tmp_path, [(sets, 0), (rest, 3), *timed(m.clip()[1:25], 43)])
    assert writer.skipped == 0
    assert len(frames(tmp_path / "7-1.mkv")) == 25


def test_a_new_sps_begins_a_new_file(tmp_path: Path) -> None:
    small, large = m.clip(), m.clip(640, 360, 25)
    write(tmp_path, timed(small) + timed(large, 2000) + timed(small, 3000))
    assert frames(tmp_path / "7-1.mkv") == source_frames(small)
    assert frames(tmp_path / "7-2.mkv") == source_frames(large)
    assert frames(tmp_path / "7-3.mkv") == source_frames(small)
    assert m.mkv_packets(tmp_path / "7-2.mkv")[0][0] == 2000


def test_header_tells_size_and_colour(tmp_path: Path) -> None:
    write(tmp_path, timed(m.clip()))
    with av.open(str(tmp_path / "7-1.mkv")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (320, 180)
        assert stream.codec_context.extradata is not None and container.duration is not None
        assert stream.codec_context.pix_fmt == "yuv420p"


def test_after_a_lost_link_it_goes_on_where_it_can_be_decoded(tmp_path: Path) -> None:
    writer = VideoTrackWriter(tmp_path, "7")
    units = timed(m.clip())
    for unit, ms in units[:10]:
        writer.add(unit, ms)
    writer.rejoin()
    for unit, ms in units[15:]:
        writer.add(unit, ms)
    writer.close()
    assert writer.skipped == 10
    whole = source_frames(m.clip())
    assert frames(writer.paths[0]) == whole[:10]
    assert frames(writer.paths[1]) == whole[25:]


def test_a_link_that_lost_nothing_leaves_no_hole(tmp_path: Path) -> None:
    writer = VideoTrackWriter(tmp_path, "7")
    for number, (unit, ms) in enumerate(timed(m.clip())):
        if number == 12:
            writer.rejoin()
        writer.add(unit, ms)
    writer.close()
    assert writer.skipped == 0 and len(writer.paths) == 1
    assert frames(writer.paths[0]) == source_frames(m.clip())


def test_length_prefixed_units_are_taken_too(tmp_path: Path) -> None:
    avcc = [b"".join(len(nal).to_bytes(4, "big") + nal for nal in m.nals(unit)) for unit in m.clip()]
    assert h264.to_annexb(avcc[0]) != avcc[0]
    write(tmp_path, timed(avcc))
    assert frames(tmp_path / "7-1.mkv") == source_frames(m.clip())


def test_jpegs_become_a_track_as_they_are(tmp_path: Path) -> None:
    picture, larger = m.image("mjpeg"), m.image("mjpeg", 128, 96)
    write(tmp_path, timed([picture] * 3 + [larger] * 2, step=200))
    assert [data for _, data in m.mkv_packets(tmp_path / "7-1.mkv")] == [picture] * 3
    assert [data for _, data in m.mkv_packets(tmp_path / "7-2.mkv")] == [larger] * 2
    with av.open(str(tmp_path / "7-1.mkv")) as container:
        assert container.streams.video[0].codec_context.name == "mjpeg"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(st.binary(max_size=60), st.integers(0, 49), st.tuples(st.integers(0, 49), st.integers(0, 80))))
)
def test_garbage_costs_only_itself(tmp_path: Path, items: list[bytes | int | tuple[int, int]]) -> None:
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    folder.mkdir()
    writer = VideoTrackWriter(folder, "7")
    for number, item in enumerate(items):
        match item:
            case int():
                data = m.clip()[item]
            case (which, cut):
                data = m.clip()[which][:cut]
            case _:
                data = item
        try:
            writer.add(data, number * 40)
        except av.FFmpegError as error:
            assert not isinstance(error, OSError)
    before = len(writer.paths)
    for unit, ms in timed(m.clip(640, 360, 5), 100_000):
        writer.add(unit, ms)
    writer.close()
    assert len(writer.paths) == before + 1
    assert len(frames(writer.paths[-1])) == 5
