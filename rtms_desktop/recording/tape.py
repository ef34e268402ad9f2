"""The tape: every message as received, in an MCAP file that survives a cut. Written by the recorder thread only.

MCAP records are those of the ``mcap`` package. Its Writer cannot close a chunk on time, only on size, and loses the
chunk in hand when the disk is full: so chunks are put together here.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import zstandard
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import (
    Channel,
    Chunk,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    MessageIndex,
    Statistics,
    SummaryOffset,
)

from rtms_desktop import __version__
from rtms_desktop.recording.encoding import to_json

MAGIC = b"\x89MCAP0\r\n"
PROFILE = "rtms"
CONTROL_TOPIC = "/control"
# Half a megabyte keeps a seek cheap; at a few Mbit/s the clock closes a chunk long before.
CHUNK_BYTES = 512 * 1024
# Measured on base64 media: level 1 gives 0.74 of the size for about 4 us a message; lz4 saves nothing.
ZSTD_LEVEL = 1

_MESSAGE = struct.Struct("<BQHIQQ")
_MESSAGE_HEAD = 2 + 4 + 8 + 8


def topic_of(link: str) -> str:
    """``/signaling`` or ``/media/<link>``."""
    return "/signaling" if link == "signaling" else f"/media/{link}"


@dataclass(frozen=True, slots=True)
class Written:
    """Where the newest part of a tape stands, and the checksum that it must have there."""

    offset: int
    length: int
    crc: int

    def stands_in(self, path: Path) -> bool:
        """Whether the file under that name holds it, byte for byte. Raises OSError when it cannot be read."""
        with path.open("rb", buffering=0) as file:
            file.seek(self.offset)
            return zlib.crc32(file.read(self.length)) == self.crc


class TapeWriter:
    """Appends messages; a chunk goes to the file at ``flush()`` or when it is full.

    Methods raise OSError when the disk refuses; what was complete before then stays complete: the file is cut back to
    its last whole chunk.

    Attributes:
        position: bytes of the file that are whole.
        newest: what was appended last, to be read back; None before there was anything.
    """

    def __init__(self, path: Path) -> None:
        self._begin(path.open("xb", buffering=0), 0)
        head = RecordBuilder()
        Header(PROFILE, f"rtms-desktop/{__version__}").write(head)
        self._append(MAGIC + taken(head))

    @classmethod
    def resume(
        cls, path: Path, channels: list[Channel], chunks: list[ChunkIndex], counts: dict[int, int]
    ) -> TapeWriter:
        """Go on with a tape that ends behind its last whole chunk; ``counts``: messages by channel id."""
        writer = cls.__new__(cls)
        writer._begin(path.open("r+b", buffering=0), path.stat().st_size)
        writer._file.seek(writer.position)
        for channel in channels:
            writer._channels[_key_of(channel)] = channel
        writer._chunks = chunks
        writer._counts.update(counts)
        writer._sequence.update(counts)
        writer._first_time = min((chunk.message_start_time for chunk in chunks), default=0)
        writer._last_time = max((chunk.message_end_time for chunk in chunks), default=0)
        return writer

    def _begin(self, file: BinaryIO, position: int) -> None:
        self._file: BinaryIO = file
        self.position = position
        self.newest: Written | None = None
        self._channels: dict[tuple[str, str, str, str], Channel] = {}
        self._sequence: dict[int, int] = defaultdict(int)
        self._counts: dict[int, int] = defaultdict(int)
        self._chunks: list[ChunkIndex] = []
        self._first_time = self._last_time = 0
        self._open_chunk()

    def message(self, link: str, attempt: int, direction: str, opcode: str, data: bytes, time_ns: int) -> None:
        """Add one WebSocket message of ``link``; ``direction`` in|out, ``opcode`` text|binary."""
        key = (link, str(attempt), direction, opcode)
        channel = self._channels.get(key)
        if channel is None:
            metadata = {"link": link, "attempt": str(attempt), "direction": direction, "opcode": opcode}
            encoding = "json" if opcode == "text" else ""
            channel = self._register(key, topic_of(link), encoding, metadata)
        self._add(channel.id, data, time_ns)

    def control(self, record: dict[str, Any], time_ns: int) -> None:
        """Add one JSON record to ``/control``."""
        key = (CONTROL_TOPIC, "", "", "")
        channel = self._channels.get(key) or self._register(key, CONTROL_TOPIC, "json", {})
        self._add(channel.id, to_json(record), time_ns)

    def flush(self) -> None:
        """Write the open chunk."""
        if not self._messages:
            return
        content = b"".join(self._parts)
        times = [time for index in self._index.values() for time, _ in index]
        chunk = Chunk(
            compression="zstd",
            data=zstandard.compress(content, ZSTD_LEVEL),
            message_start_time=min(times),
            message_end_time=max(times),
            uncompressed_crc=zlib.crc32(content),
            uncompressed_size=len(content),
        )
        out = RecordBuilder()
        chunk.write(out)
        chunk_length = out.count
        offsets = {}
        for channel_id, entries in self._index.items():
            offsets[channel_id] = self.position + out.count
            MessageIndex(channel_id=channel_id, records=entries).write(out)
        index = ChunkIndex(
            chunk_length=chunk_length,
            chunk_start_offset=self.position,
            compression="zstd",
            compressed_size=len(chunk.data),
            message_end_time=chunk.message_end_time,
            message_index_length=out.count - chunk_length,
            message_index_offsets=offsets,
            message_start_time=chunk.message_start_time,
            uncompressed_size=chunk.uncompressed_size,
        )
        self._append(taken(out))
        self._chunks.append(index)
        self._open_chunk()

    def sync(self) -> None:
        """Ask the operating system to put what was flushed onto the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush, write the summary and the index, close. The file is closed whatever is raised."""
        try:
            self.flush()
            self._append(self._summary())
            self.sync()
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Let go of the file as it is."""
        self._file.close()

    # -- inside --------------------------------------------------------------------------------------------

    def _open_chunk(self) -> None:
        self._parts: list[bytes] = []
        self._size = self._messages = 0
        self._index: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def _register(self, key: tuple[str, str, str, str], topic: str, encoding: str, metadata: dict[str, str]) -> Channel:
        channel = Channel(
            id=max((known.id for known in self._channels.values()), default=0) + 1,
            topic=topic,
            message_encoding=encoding,
            schema_id=0,
            metadata=metadata,
        )
        self._channels[key] = channel
        record = RecordBuilder()
        channel.write(record)
        self._part(taken(record))
        return channel

    def _add(self, channel_id: int, data: bytes, time_ns: int) -> None:
        self._index[channel_id].append((time_ns, self._size))
        number = self._sequence[channel_id] = self._sequence[channel_id] + 1
        self._part(
            _MESSAGE.pack(Opcode.MESSAGE, _MESSAGE_HEAD + len(data), channel_id, number & 0xFFFFFFFF, time_ns, time_ns)
        )
        self._part(data)
        self._messages += 1
        self._counts[channel_id] += 1
        self._first_time = min(self._first_time, time_ns) or time_ns
        self._last_time = max(self._last_time, time_ns)
        if self._size >= CHUNK_BYTES:
            self.flush()

    def _part(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)

    def _append(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError:
            # Half a chunk helps nobody; giving blocks back works on a full disk too.
            self._file.truncate(self.position)
            self._file.seek(self.position)
            raise
        self.newest = Written(self.position, len(data), zlib.crc32(data))
        self.position += len(data)

    def _summary(self) -> bytes:
        out = RecordBuilder()
        DataEnd(0).write(out)
        start = out.count
        groups: list[tuple[int, int]] = []
        for channel in self._channels.values():
            channel.write(out)
        groups.append((Opcode.CHANNEL, out.count))
        Statistics(
            attachment_count=0,
            channel_count=len(self._channels),
            channel_message_counts=dict(self._counts),
            chunk_count=len(self._chunks),
            message_count=sum(self._counts.values()),
            message_end_time=self._last_time,
            message_start_time=self._first_time,
            metadata_count=0,
            schema_count=0,
        ).write(out)
        groups.append((Opcode.STATISTICS, out.count))
        for index in self._chunks:
            index.write(out)
        groups.append((Opcode.CHUNK_INDEX, out.count))
        offsets_start, group_start = out.count, start
        for opcode, end in groups:
            if end > group_start:
                SummaryOffset(
                    group_opcode=opcode, group_start=self.position + group_start, group_length=end - group_start
                ).write(out)
            group_start = end
        data = taken(out)
        footer = RecordBuilder()
        summary_start, summary_offset_start = self.position + start, self.position + offsets_start
        head = struct.pack("<BQQQ", Opcode.FOOTER, 8 + 8 + 4, summary_start, summary_offset_start)
        Footer(
            summary_offset_start=summary_offset_start,
            summary_start=summary_start,
            summary_crc=zlib.crc32(head, zlib.crc32(data[start:])),
        ).write(footer)
        return data + taken(footer) + MAGIC


def _key_of(channel: Channel) -> tuple[str, str, str, str]:
    meta = channel.metadata
    if channel.topic == CONTROL_TOPIC:
        return CONTROL_TOPIC, "", "", ""
    return meta.get("link", ""), meta.get("attempt", ""), meta.get("direction", ""), meta.get("opcode", "")


def taken(builder: RecordBuilder) -> bytes:
    """What was built, leaving the builder empty."""
    return bytes(builder.end())  # type: ignore[no-untyped-call]
