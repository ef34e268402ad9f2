"""Gives a tape that was cut off its summary, index and footer. Any thread; the original stays until all is done."""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mcap.opcode import Opcode
from mcap.records import ChunkIndex

from rtms_desktop.errors import BundleError
from rtms_desktop.recording.tape import MAGIC, TapeWriter
from rtms_desktop.recording.tape_reader import TapeReader, TapeRecord

_RECORD = struct.Struct("<BQ")
_CHUNK = struct.Struct("<QQQII")
_INDEX_HEAD, _ENTRY = 6, 16  # channel and length; a time and a place for each message
_COPY_BYTES = 4 * 1024 * 1024

Progress = Callable[[float], None]


class Cancelled(Exception):
    """The person who asked for a repair does not want it any more; nothing was changed."""


@dataclass(slots=True)
class WholePart:
    """The chunks of a cut tape whose messages and index are whole, up to ``end``; behind it the tape's last chunk."""

    end: int
    chunks: list[ChunkIndex]
    counts: Counter[int]


def repair_tape(tape: Path, progress: Progress, cancelled: Callable[[], bool]) -> int:
    """Finish a cut tape in place; returns how many messages of its last chunk were saved.

    All chunks but the last are copied byte for byte; of the last, every message that can still be unpacked is kept.
    Raises BundleError for a file that is no tape, OSError when the disk refuses, Cancelled.
    """
    with TapeReader(tape) as reader:
        if reader.is_finished:
            return 0
        number = len(reader.chunks())
        rest = reader.chunk(number - 1) if number else []
        channels = reader.channels()
    part = whole_part(tape)
    temporary = tape.with_name(tape.name + ".tmp")
    try:
        _copy(tape, temporary, part.end, progress, cancelled)
        writer = TapeWriter.resume(temporary, channels, part.chunks, part.counts)
        try:
            for record in rest:
                _write(writer, record)
        finally:
            writer.close()
        os.replace(temporary, tape)
    finally:
        temporary.unlink(missing_ok=True)
    progress(1.0)
    return len(rest)


def whole_part(tape: Path) -> WholePart:
    """Walk over the heads of the records: a chunk is whole with its index where another one follows."""
    with tape.open("rb") as file:
        size = file.seek(0, 2)
        part = WholePart(len(MAGIC), [], Counter())
        chunk: ChunkIndex | None = None
        counts: Counter[int] = Counter()
        position = len(MAGIC)
        while position + _RECORD.size <= size:
            file.seek(position)
            opcode, length = _RECORD.unpack(file.read(_RECORD.size))
            if opcode in (Opcode.DATA_END, Opcode.FOOTER):
                break
            if opcode != Opcode.MESSAGE_INDEX:
                if chunk is not None:
                    chunk.message_index_length = position - chunk.chunk_start_offset - chunk.chunk_length
                    part.chunks.append(chunk)
                    part.counts += counts
                part.end, chunk = position, None
                if opcode == Opcode.CHUNK and position + _RECORD.size + _CHUNK.size <= size:
                    chunk, counts = _chunk_index(file, position, length), Counter()
            elif chunk is not None:
                channel = int.from_bytes(file.read(2), "little")
                chunk.message_index_offsets[channel] = position
                counts[channel] += (length - _INDEX_HEAD) // _ENTRY
            position += _RECORD.size + length
        if chunk is None:
            part.end = min(position, size)
    return part


# -- inside ------------------------------------------------------------------------------------------------


def _chunk_index(file: BinaryIO, position: int, length: int) -> ChunkIndex:
    """The index entry of the chunk whose fixed head comes next in the file; its message indexes are to be added."""
    first, last, size, _, name_length = _CHUNK.unpack(file.read(_CHUNK.size))
    name = file.read(name_length).decode("ascii", "replace")
    return ChunkIndex(
        chunk_length=_RECORD.size + length,
        chunk_start_offset=position,
        compression=name,
        compressed_size=int.from_bytes(file.read(8), "little"),
        message_end_time=last,
        message_index_length=0,
        message_index_offsets={},
        message_start_time=first,
        uncompressed_size=size,
    )


def _copy(tape: Path, target: Path, size: int, progress: Progress, cancelled: Callable[[], bool]) -> None:
    with tape.open("rb") as source, target.open("wb") as out:
        left = size
        while left:
            if cancelled():
                raise Cancelled
            data = source.read(min(left, _COPY_BYTES))
            if not data:
                raise BundleError(f"{tape.name} became shorter while it was read")
            out.write(data)
            left -= len(data)
            progress(0.95 * (size - left) / size)


def _write(writer: TapeWriter, record: TapeRecord) -> None:
    if record.is_control:
        writer.control(record.json(), record.time_ns)
    else:
        writer.message(record.link, record.attempt, record.direction, record.opcode, record.data, record.time_ns)
