"""Reads a tape back in the order in which it was written, whole or cut. Any thread.

Called by the reader of bundles, by exports and by replay.
"""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Footer
from mcap.records import ChunkIndex as ChunkIndexRecord

from rtms_desktop.errors import BundleError
from rtms_desktop.recording.tape import CONTROL_TOPIC, MAGIC

_RECORD = struct.Struct("<BQ")
_MESSAGE = struct.Struct("<HIQQ")
_CHUNK = struct.Struct("<QQQII")  # first time, last time, size, crc, length of the compression's name
_FOOTER_SIZE = _RECORD.size + 8 + 8 + 4 + len(MAGIC)
MAX_CHUNK_BYTES = 256 * 1024 * 1024


class TapeRecord(msgspec.Struct, frozen=True, gc=False):
    """One message of one link, or one control record (then ``topic`` is ``/control`` and ``link`` "")."""

    time_ns: int
    topic: str
    link: str
    attempt: int
    direction: str
    opcode: str
    data: bytes

    @property
    def is_control(self) -> bool:
        return self.topic == CONTROL_TOPIC

    def json(self) -> dict[str, Any]:
        """The control record; {} for data that is none."""
        try:
            value = msgspec.json.decode(self.data)
        except msgspec.DecodeError:
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class ChunkPlace:
    """Where a chunk stands in the file, and which time it covers."""

    offset: int
    first_ns: int
    last_ns: int


@dataclass(slots=True)
class Damage:
    """What a pass over the tape could not read."""

    cut_at: int | None = None  # the file ends inside the record that begins here
    bad_chunks: int = 0
    notes: list[str] = field(default_factory=list)


class TapeReader:
    """An open tape. Raises BundleError when the file is no tape at all; a cut or damaged one is read as far as it goes.

    Attributes:
        damage: what the passes so far could not read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage = Damage()
        self._channels: dict[int, Channel] = {}
        self._chunks: list[ChunkPlace] | None = None
        self._knows_channels = False
        self._channel_chunks = 0  # chunks that were asked which channels they use
        try:
            self._file: BinaryIO = path.open("rb")
        except FileNotFoundError:
            raise BundleError(f"there is no tape at {path}", fix="Check the path.") from None
        except OSError as error:
            raise BundleError(f"the tape {path} cannot be opened", error.strerror or str(error)) from error
        self._size = self._file.seek(0, 2)
        self._file.seek(0)
        if self._file.read(len(MAGIC)) != MAGIC:
            self._file.close()
            why = "the file is empty" if not self._size else "it does not begin like an MCAP file"
            raise BundleError(f"{path.name} is no tape", why, "Choose a tape.mcap or a .rtmsrec folder.")

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> TapeReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_finished(self) -> bool:
        """Whether the tape was closed in order (summary and footer are there)."""
        return self._footer() is not None

    def chunks(self) -> list[ChunkPlace]:
        """The index: from the summary, or by one pass over the heads of the records where the summary is missing."""
        if self._chunks is None:
            self._chunks = self._index_from_summary()
        if self._chunks is None:
            self._chunks = [place for place, _ in self._walk()]
        return self._chunks

    def records(self, since_ns: int | None = None) -> Iterator[TapeRecord]:
        """All records in the order of writing; with ``since_ns``, from the chunk that holds that time on."""
        start = len(MAGIC)
        if since_ns is not None:
            places = self.chunks()
            number = bisect_right(places, since_ns, key=lambda place: place.first_ns)
            start = places[max(0, number - 1)].offset if places else start
            self._learn_channels(places, start)
        for _, length in self._walk(start):
            yield from self._read_chunk(length)

    def chunk(self, number: int) -> list[TapeRecord]:
        """The records of one chunk of ``chunks()``; a tape without a summary is asked for its channels first."""
        place = self.chunks()[number]
        if not self._knows_channels:
            self._learn_all_channels()
        self._file.seek(place.offset)
        head = self._file.read(_RECORD.size)
        _, length = _RECORD.unpack(head)
        return list(self._read_chunk(min(length, self._size - place.offset - _RECORD.size)))

    def content(self, number: int) -> bytes:
        """The records of one chunk of ``chunks()`` as they are in it, unpacked; b"" for one that is damaged."""
        self._file.seek(self.chunks()[number].offset)
        _, length = _RECORD.unpack(self._file.read(_RECORD.size))
        return self._content(self._file.read(length))

    def indexes(self, number: int) -> tuple[int, list[tuple[int, bytes]]]:
        """The unpacked size of a chunk, and for each channel in it its pairs of (time, place in the chunk), u64 each.

        Read from what stands behind the chunk, without unpacking it; no channels where the file is cut before that.
        """
        places = self.chunks()
        end = places[number + 1].offset if number + 1 < len(places) else self._size
        self._file.seek(places[number].offset)
        head = self._file.read(_RECORD.size + _CHUNK.size)
        size = _CHUNK.unpack_from(head, _RECORD.size)[2]
        position = places[number].offset + _RECORD.size + _RECORD.unpack_from(head)[1]
        self._file.seek(min(position, end))
        data, at = self._file.read(max(0, end - position)), 0
        found: list[tuple[int, bytes]] = []
        while at + _RECORD.size <= len(data):
            opcode, length = _RECORD.unpack_from(data, at)
            body = data[at + _RECORD.size : at + _RECORD.size + length]
            if opcode != Opcode.MESSAGE_INDEX or len(body) < length:
                break
            found.append((int.from_bytes(body[:2], "little"), body[6:]))
            at += _RECORD.size + length
        return size, found

    def channel_metadata(self, channel_id: int) -> tuple[str, dict[str, str]] | None:
        """(topic, metadata) of a channel of the tape."""
        if not self._knows_channels:
            self._learn_all_channels()
        channel = self._channels.get(channel_id)
        return None if channel is None else (channel.topic, dict(channel.metadata))

    def channels(self) -> list[Channel]:
        """All channels that the tape describes."""
        self.chunks()
        if not self._knows_channels:
            self._learn_all_channels()
        return list(self._channels.values())

    def refresh(self) -> int:
        """Look again at a tape that is still being written; returns how many whole chunks there are now."""
        places = self.chunks()
        self._size = self._file.seek(0, 2)
        self._knows_channels = False
        self.damage = Damage(None, self.damage.bad_chunks, self.damage.notes)
        last = places[-1].offset if places else len(MAGIC)
        places[len(places) - bool(places) :] = [place for place, _ in self._walk(last)]
        if places and places[-1].offset == self.damage.cut_at:  # no damage: it is being written at this moment
            places.pop()
            self.damage.cut_at = None
        return len(places)

    # -- inside --------------------------------------------------------------------------------------------

    def _walk(self, start: int = len(MAGIC)) -> Iterator[tuple[ChunkPlace, int]]:
        """Chunks from ``start`` on; the file stands behind the chunk's fixed head, ``length`` bytes of body follow."""
        position = start
        while position + _RECORD.size <= self._size:
            self._file.seek(position)
            opcode, length = _RECORD.unpack(self._file.read(_RECORD.size))
            end = position + _RECORD.size + length
            if opcode in (Opcode.DATA_END, Opcode.FOOTER):
                return
            if end > self._size:
                self.damage.cut_at = position
            held = min(length, self._size - position - _RECORD.size)
            if opcode == Opcode.CHUNK and held >= _CHUNK.size:
                first, last, *_ = _CHUNK.unpack(self._file.read(_CHUNK.size))
                self._file.seek(-_CHUNK.size, 1)
                yield ChunkPlace(position, first, last), held
            position = end
        if position != self._size:
            self.damage.cut_at = min(position, self._size)

    def _read_chunk(self, length: int) -> Iterator[TapeRecord]:
        yield from self._read_records(self._content(self._file.read(length)))

    def _content(self, body: bytes) -> bytes:
        _, _, size, crc, name_length = _CHUNK.unpack_from(body)
        name_end = _CHUNK.size + name_length
        compression = body[_CHUNK.size : name_end].decode("ascii", "replace")
        if len(body) < name_end + 8 or size > MAX_CHUNK_BYTES:
            return b""
        (data_length,) = struct.unpack_from("<Q", body, name_end)
        data = body[name_end + 8 : name_end + 8 + data_length]
        whole = len(data) == data_length
        content = _unpack(compression, data, size)
        if whole and (len(content) != size or (crc and zlib.crc32(content) != crc)):
            self.damage.bad_chunks += 1
            self.damage.notes.append("a chunk does not match its checksum and was left out")
            return b""
        return content

    def _read_records(self, content: bytes) -> Iterator[TapeRecord]:
        position = 0
        while position + _RECORD.size <= len(content):
            opcode, length = _RECORD.unpack_from(content, position)
            start = position + _RECORD.size
            position = start + length
            if position > len(content):
                return
            if opcode == Opcode.CHANNEL:
                self._add_channel(content[start:position])
            elif opcode == Opcode.MESSAGE and length >= _MESSAGE.size:
                channel_id, _, time_ns, _ = _MESSAGE.unpack_from(content, start)
                channel = self._channels.get(channel_id)
                if channel is not None:
                    yield _record(channel, time_ns, content[start + _MESSAGE.size : position])

    def _add_channel(self, data: bytes) -> None:
        try:
            channel = Channel.read(ReadDataStream(BytesIO(data)))
        except (McapError, struct.error, UnicodeDecodeError):
            self.damage.notes.append("the description of a channel cannot be read")
            return
        self._channels[channel.id] = channel

    def _learn_channels(self, places: list[ChunkPlace], before: int) -> None:
        """A reader that starts in the middle has not seen where the channels were described."""
        if self._footer() is not None:
            return
        for place in places:
            if place.offset >= before:
                return
            for _, length in self._walk(place.offset):
                for _ in self._read_chunk(length):
                    pass
                break

    def _learn_all_channels(self) -> None:
        """A channel is described in the first chunk that uses it, and the index behind each chunk names its channels.

        So without a summary only the heads of a few records and some chunks need to be read.
        """
        places, self._knows_channels = self.chunks(), True
        if self._footer() is not None:
            return
        for number in range(self._channel_chunks, len(places)):
            end = places[number + 1].offset if number + 1 < len(places) else self._size
            if not self._channels_used(places[number].offset, end) <= self._channels.keys():
                for _, length in self._walk(places[number].offset):
                    for _ in self._read_chunk(length):
                        pass
                    break
        self._channel_chunks = max(0, len(places) - 1)  # the last one may have been read while it was written

    def _channels_used(self, start: int, end: int) -> set[int]:
        """The channels named between two chunks; {0}, which is none, where an index is cut off."""
        used: set[int] = set()
        position = start
        while position + _RECORD.size <= end:
            self._file.seek(position)
            opcode, length = _RECORD.unpack(self._file.read(_RECORD.size))
            if opcode == Opcode.MESSAGE_INDEX:
                data = self._file.read(2)
                used.add(int.from_bytes(data, "little"))
            elif opcode in (Opcode.DATA_END, Opcode.FOOTER):
                break
            position += _RECORD.size + length
        return used or {0}

    def _footer(self) -> Footer | None:
        if self._size < _FOOTER_SIZE + len(MAGIC):
            return None
        self._file.seek(self._size - _FOOTER_SIZE)
        tail = self._file.read(_FOOTER_SIZE)
        if tail[0] != Opcode.FOOTER or not tail.endswith(MAGIC):
            return None
        footer: Footer = Footer.read(ReadDataStream(BytesIO(tail[_RECORD.size :])))
        return footer

    def _index_from_summary(self) -> list[ChunkPlace] | None:
        footer = self._footer()
        if footer is None or not len(MAGIC) <= footer.summary_start < self._size:
            return None
        self._file.seek(footer.summary_start)
        data = self._file.read(self._size - _FOOTER_SIZE - footer.summary_start)
        places, position = [], 0
        while position + _RECORD.size <= len(data):
            opcode, length = _RECORD.unpack_from(data, position)
            body = data[position + _RECORD.size : position + _RECORD.size + length]
            position += _RECORD.size + length
            if opcode == Opcode.CHANNEL:
                self._add_channel(body)
            elif opcode == Opcode.CHUNK_INDEX:
                try:
                    index = ChunkIndexRecord.read(ReadDataStream(BytesIO(body)))
                except (McapError, struct.error, UnicodeDecodeError):
                    return None
                places.append(ChunkPlace(index.chunk_start_offset, index.message_start_time, index.message_end_time))
        return places


def _record(channel: Channel, time_ns: int, data: bytes) -> TapeRecord:
    meta = channel.metadata
    attempt = meta.get("attempt", "")
    return TapeRecord(
        time_ns,
        channel.topic,
        meta.get("link", ""),
        int(attempt) if attempt.isdecimal() else 0,
        meta.get("direction", ""),
        meta.get("opcode", ""),
        data,
    )


def _unpack(compression: str, data: bytes, size: int) -> bytes:
    """As much of a chunk's content as ``data`` holds; the content of a cut chunk ends early."""
    try:
        if compression == "zstd":
            return _read_all(zstandard.ZstdDecompressor().stream_reader(data), size)
    except zstandard.ZstdError:
        return b""
    return data if compression == "" else b""


def _read_all(stream: zstandard.ZstdDecompressionReader, size: int) -> bytes:
    """Never more than ``size``: what a chunk says of itself is checked before, what it unpacks to is not."""
    parts = []
    while size and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
