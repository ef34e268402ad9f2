"""The pictures of a recording, track by track, as packets that can be copied. Worker thread or command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.stream import Stream

from rtms_desktop.recording.export.material import Material, tracks_in
from rtms_desktop.recording.export.spans import Timeline
from rtms_desktop.recording.video_track import TIME_BASE
from rtms_desktop.wire.enums import Medium

H264 = "h264"
USUAL_MS = 40
_SPS, _IDR = 7, 5
_TYPE_BITS = 0x1F


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a track.

    Attributes:
        sets: SPS and PPS with their lengths before them, as in a packet; empty for other codecs than H.264.
    """

    path: Path
    codec: str
    width: int
    height: int
    sets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTrack:
    """One participant's video or screen share; ``parts`` follow each other. ``pictures``: how many were received."""

    medium: Medium
    user_id: int
    title: str
    parts: list[Part]
    pictures: int

    @property
    def codecs(self) -> set[str]:
        return {part.codec for part in self.parts}


@dataclass(frozen=True, slots=True)
class Picture:
    """One coded picture, ``ms`` after session zero."""

    ms: int
    part: Part
    data: bytes
    is_key: bool


def picture_tracks(material: Material, user_id: int | None = None) -> list[PictureTrack]:
    """All tracks in which there is a picture: video first, then shares that came as video."""
    found: list[PictureTrack] = []
    for medium in (Medium.VIDEO, Medium.SHARE):
        for user, paths in tracks_in(material.folder / medium, ".mkv").items():
            parts = [part for path in paths if (part := _probe(path)) is not None]
            if parts and user_id in (None, user):
                facts = material.facts.observed.get(medium, {}).get(user)
                title = material.speaker(user) + (" (share)" if medium is Medium.SHARE else "")
                found.append(
                    PictureTrack(
                        medium=medium,
                        user_id=user,
                        title=title,
                        parts=parts,
                        pictures=facts.messages if facts is not None else 0,
                    )
                )
    return found


def pictures_of(parts: list[Part]) -> Iterator[Picture]:
    """Every picture of files that follow each other; a damaged end is left out."""
    for part in parts:
        try:
            with av.open(str(part.path)) as container:
                for packet in container.demux(container.streams.video[0]):
                    if packet.pts is not None and packet.size:
                        ms = round(packet.pts * packet.time_base * 1000)
                        yield Picture(ms, part, bytes(packet), packet.is_keyframe)
        except (av.FFmpegError, IndexError):
            continue


def add_copy_stream(output: OutputContainer, part: Part, title: str) -> Stream:
    """A track of ``output`` that takes packets as they are in ``part`` and in what follows it."""
    with av.open(str(part.path)) as template:
        assert isinstance(template, InputContainer)
        stream = output.add_stream_from_template(template.streams.video[0])
    stream.time_base = TIME_BASE
    stream.metadata["title"] = title
    return stream


def copied(pictures: Iterator[Picture], stream: Stream, timeline: Timeline) -> Iterator[av.Packet[Stream]]:
    """Packets for ``stream``, each as long as until the next; parameter sets go along wherever the file changes."""
    part: Part | None = None
    waiting: av.Packet[Stream] | None = None
    for picture in pictures:
        data = picture.data
        if picture.part is not part:
            part = picture.part
            data = data if has_sets(data) else part.sets + data
        packet: av.Packet[Stream] = av.Packet(data)
        packet.stream, packet.time_base, packet.is_keyframe = stream, TIME_BASE, picture.is_key
        packet.pts = timeline.at(picture.ms)
        if waiting is not None and waiting.pts is not None:
            # Neither container takes a step back, and two pictures in one millisecond help no player.
            packet.pts = max(packet.pts, waiting.pts + 1)
            waiting.duration = packet.pts - waiting.pts
            yield waiting
        packet.dts = packet.pts
        waiting = packet
    if waiting is not None:
        waiting.duration = USUAL_MS
        yield waiting


def has_sets(data: bytes) -> bool:
    """Whether a packet with lengths before its NAL units brings an SPS before its first slice."""
    return any(kind == _SPS for kind in _kinds_before_slice(data))


# -- inside ------------------------------------------------------------------------------------------------


def _kinds_before_slice(data: bytes) -> Iterator[int]:
    position = 0
    while position + 4 < len(data):
        kind = data[position + 4] & _TYPE_BITS
        if 1 <= kind <= _IDR:
            return
        yield kind
        position += 4 + int.from_bytes(data[position : position + 4], "big")


def _probe(path: Path) -> Part | None:
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            context = stream.codec_context
            if not context.width or next(container.demux(stream)).pts is None:
                return None
            sets = _sets_of(context.extradata or b"") if context.name == H264 else b""
            return Part(path=path, codec=context.name, width=context.width, height=context.height, sets=sets)
    except (av.FFmpegError, IndexError, StopIteration):
        return None


def _sets_of(avcc: bytes) -> bytes:
    """The parameter sets of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15), four bytes of length before each."""
    if len(avcc) < 7 or avcc[0] != 1:
        return b""
    found, position = b"", 5
    for mask in (_TYPE_BITS, 0xFF):
        if position >= len(avcc):
            break
        count, position = avcc[position] & mask, position + 1
        for _ in range(count):
            size = int.from_bytes(avcc[position : position + 2], "big")
            found += size.to_bytes(4, "big") + avcc[position + 2 : position + 2 + size]
            position += 2 + size
    return found
