"""The messages of a tape on disk as a log: rows from its index at once, types and people as the chunks are read.

Opened and read on a thread of the inspector; the rows are read by the main thread meanwhile.
"""

from __future__ import annotations

import struct
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from mcap.opcode import Opcode

from rtms_desktop.app.message_log import Bodies
from rtms_desktop.app.message_opening import KINDS, Opening
from rtms_desktop.app.message_rows import (
    CONTROL_KINDS,
    NO_LAG,
    OTHER_CONTROL,
    UNREAD,
    Array,
    Channel,
    Flag,
    Rows,
    fill_deltas,
)
from rtms_desktop.app.message_scan import UNREADABLE, scan, user_name
from rtms_desktop.app.message_trouble import FREQUENT, Judge, control_flags
from rtms_desktop.errors import BundleError
from rtms_desktop.recording.breath import breathe
from rtms_desktop.recording.manifest import read_manifest
from rtms_desktop.recording.reader import locate, read_seed
from rtms_desktop.recording.tape import CONTROL_TOPIC
from rtms_desktop.recording.tape_reader import TapeReader, TapeRecord
from rtms_desktop.wire.enums import Product

_RECORD = struct.Struct("<BQ")
_HEAD = _RECORD.size + 22
"""What stands before the data of a message: the record's head, channel, sequence and two times."""
_CHUNKS_HELD = 4
BREATH_ROWS = 128
"""About a millisecond of work."""

TOLD_TIMES = 16
"""Who hears of it looks at all rows again: of a million that takes longer than reading a few chunks."""


class TapeLog:
    """Attributes:
    path: of the tape. notes: what is damaged, in sentences.
    """

    def __init__(self, path: Path) -> None:
        """Raises BundleError for anything that is no recording. Quick: nothing is read yet."""
        bundle, tape = locate(path)
        if tape is None:
            raise BundleError(f"{path} holds no tape", "", "Only a recording with its tape.mcap can list messages.")
        self.path = tape
        self.product = Product.MEETING
        self.rows = Rows(1 << 31, places=True)
        self.notes: list[str] = []
        self._bundle = bundle
        self._scanned_chunks, self._chunk_count = 0, 0
        self._edges: Array = np.zeros(1, np.int64)

    @property
    def scanned(self) -> float:
        return self._scanned_chunks / self._chunk_count if self._chunk_count else 0.0

    def bodies(self, serials: Array) -> Bodies:
        """The messages are read when they are asked for."""
        return _TapeBodies(self)

    def opening(self) -> Iterator[Opening]:
        """Read while it is gone through."""
        rows, bodies = self.rows, _TapeBodies(self)
        serials = np.flatnonzero(np.isin(rows.column("kind"), list(KINDS))) + rows.first
        try:
            for serial, body in zip(serials.tolist(), bodies.many(serials), strict=True):
                if body is not None:
                    yield Opening(
                        serial, rows.value("kind", serial), rows.channel(serial), rows.value("time", serial), body
                    )
        finally:
            bodies.close()

    def load(self) -> None:
        """Read the index: afterwards every row has its time, link, direction and size. Raises BundleError."""
        with TapeReader(self.path) as reader:
            self._chunk_count = len(reader.chunks())
            found = [part for number in range(self._chunk_count) if (part := _index_of(reader, number)) is not None]
            self._learn_zero(reader)
            arrays = {
                name: np.concatenate([part[name] for part in found]) if found else np.zeros(0, np.int64)
                for name in ("time", "channel", "size", "offset", "chunk")
            }
            self._edges = np.searchsorted(arrays["chunk"], np.arange(self._chunk_count + 1))
            arrays["channel"] = self._channels(reader, arrays["channel"])
            self.notes = list(dict.fromkeys(reader.damage.notes))
        count = len(arrays["time"])
        rows = self.rows
        rows.adopt(
            {
                "time": arrays["time"].astype(np.int64),
                "channel": arrays["channel"].astype(np.uint16),
                "size": arrays["size"].astype(np.uint32),
                "offset": arrays["offset"].astype(np.uint32),
                "chunk": arrays["chunk"].astype(np.uint32),
                "kind": np.full(count, UNREAD, np.int16),
                "lag": np.full(count, NO_LAG, np.int32),
                "delta": np.full(count, np.nan, np.float32),
                "number": np.zeros(count, np.uint32),
            }
        )
        fill_deltas(rows)

    def read(self, told: Callable[[], object] = lambda: None, stop: threading.Event | None = None) -> None:
        """Look at every message: type, speaker, lag, trouble. ``told`` is called a few times on the way.

        Who gives a ``stop`` reads beside a window, which goes first.
        """
        judge, every = Judge(self.product), max(32, self._chunk_count // TOLD_TIMES)
        with TapeReader(self.path) as reader:
            for number in range(self._chunk_count):
                if stop is not None and stop.is_set():
                    return
                self._read_chunk(reader.content(number), number, judge, stop)
                self._scanned_chunks = number + 1
                if number % every == every - 1:
                    told()
        fill_deltas(self.rows)
        self.rows.version += 1
        told()

    def records(self, positions: Array) -> Iterator[TapeRecord]:
        """The records behind rows, in the order of the tape."""
        chunks = self.rows.column("chunk")[positions]
        with TapeReader(self.path) as reader:
            for number in np.unique(chunks).tolist():
                records, begin = reader.chunk(number), int(self._edges[number])
                for position in positions[chunks == number].tolist():
                    if position - begin < len(records):  # else the chunk is damaged
                        yield records[position - begin]

    # -- inside --------------------------------------------------------------------------------------------------

    def _learn_zero(self, reader: TapeReader) -> None:
        """Session time zero and the product: from the manifest, else from the beginning of the tape."""
        manifest = read_manifest(self._bundle) if self._bundle is not None else None
        places = reader.chunks()
        self.rows.zero = places[0].first_ns if places else 0
        if manifest is not None:
            self.product = Product(manifest["product"])
            zero_ms = manifest["session_zero_ms"]
            if zero_ms and abs(zero_ms * 1_000_000 - self.rows.zero) < 7 * 86_400_000_000_000:
                self.rows.zero = zero_ms * 1_000_000
            return
        try:
            self.product = read_seed(reader).config.product
        except BundleError:
            pass  # not ours, but it may hold messages all the same

    def _channels(self, reader: TapeReader, ids: Array) -> Array:
        numbers = np.zeros(int(ids.max()) + 1 if len(ids) else 1, np.int64)
        for channel_id in np.unique(ids).tolist():
            topic, meta = reader.channel_metadata(channel_id) or ("", {})
            attempt = meta.get("attempt", "")
            link = "control" if topic == CONTROL_TOPIC else meta.get("link", topic)
            channel = Channel(
                link, int(attempt) if attempt.isdecimal() else 0, meta.get("direction", ""), meta.get("opcode", "")
            )
            numbers[channel_id] = self.rows.channel_number(channel)
        return numbers[ids] if len(ids) else ids

    def _read_chunk(self, content: bytes, number: int, judge: Judge, stop: threading.Event | None) -> None:
        rows = self.rows
        begin, end = int(self._edges[number]), int(self._edges[number + 1])
        kinds, users, flags, lags = ([0] * (end - begin) for _ in range(4))
        offsets, sizes = rows.column("offset", begin, end).tolist(), rows.column("size", begin, end).tolist()
        channels, times = rows.column("channel", begin, end).tolist(), rows.column("time", begin, end).tolist()
        for at, (offset, channel_number) in enumerate(zip(offsets, channels, strict=True)):
            if stop is not None and at % BREATH_ROWS == 0:
                breathe(stop)
            length = _RECORD.unpack_from(content, offset)[1] if offset + _HEAD <= len(content) else 22
            sizes[at] = length - 22
            data = content[offset + _HEAD : offset + _RECORD.size + length]
            channel, lags[at] = rows.channels[channel_number], NO_LAG
            if not channel.direction:
                kinds[at], channels[at], flags[at] = self._control(data)
                continue
            found = scan(data, channel.link)
            kinds[at], flags[at] = found.kind, Flag.KEY if found.key else 0
            if found.user is not None:
                users[at] = rows.user_number(found.user)
                if found.user not in rows.names:
                    rows.names[found.user] = user_name(data)
            if found.stamp and channel.direction == "in":
                lag = times[at] // 1_000_000 - found.stamp
                lags[at] = lag if abs(lag) < 86_400_000 else NO_LAG
            if found.kind not in FREQUENT:
                flags[at] |= judge.flags(channel, found.kind, data)
        for name, values in (("kind", kinds), ("user", users), ("flags", flags), ("lag", lags), ("size", sizes)):
            rows.array(name)[begin:end] = values
        rows.array("channel")[begin:end] = channels

    def _control(self, data: bytes) -> tuple[int, int, int]:
        try:
            record: Any = msgspec.json.decode(data)
        except msgspec.DecodeError:
            record = None
        if not isinstance(record, dict):
            return UNREADABLE, self.rows.channel_number(Channel("control", 0, "", "text")), Flag.MALFORMED
        link, attempt = str(record.get("link") or "control"), record.get("attempt")
        channel = Channel(link, attempt if isinstance(attempt, int) else 0, "", "text")
        kind = CONTROL_KINDS.get(str(record.get("do")), OTHER_CONTROL)
        return kind, self.rows.channel_number(channel), control_flags(record)


class _TapeBodies:
    def __init__(self, log: TapeLog) -> None:
        self._log = log
        self._reader: TapeReader | None = None
        self._chunks: OrderedDict[int, bytes] = OrderedDict()

    def get(self, serial: int) -> bytes | None:
        return next(self.many(np.array([serial], np.int64)))

    def many(self, serials: Array) -> Iterator[bytes | None]:
        rows = self._log.rows
        held = (serials >= rows.first) & (serials < rows.end)
        positions = np.where(held, serials - rows.first, 0)
        if not len(rows):
            yield from [None] * len(serials)
            return
        chunks, offsets = rows.column("chunk")[positions].tolist(), rows.column("offset")[positions].tolist()
        for there, chunk, offset in zip(held.tolist(), chunks, offsets, strict=True):
            content = (self._chunks.get(chunk) or self._content(chunk)) if there else b""
            if offset + _HEAD > len(content):
                yield None
                continue
            end = offset + _RECORD.size + _RECORD.unpack_from(content, offset)[1]
            yield content[offset + _HEAD : end]

    def _content(self, chunk: int) -> bytes:
        try:
            self._reader = self._reader or TapeReader(self._log.path)
            content = self._chunks[chunk] = self._reader.content(chunk)
        except (BundleError, OSError, IndexError):
            return b""
        while len(self._chunks) > _CHUNKS_HELD:
            self._chunks.popitem(last=False)
        return content

    def close(self) -> None:
        self._chunks.clear()
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _index_of(reader: TapeReader, number: int) -> dict[str, Array] | None:
    """Time, channel, size and place of each message of a chunk, in the order of writing."""
    size, indexes = reader.indexes(number)
    if not indexes:
        return _index_by_reading(reader.content(number), number)
    pairs = [np.frombuffer(data[: len(data) // 16 * 16], "<u8").reshape(-1, 2) for _, data in indexes]
    channel = np.concatenate(
        [np.full(len(pair), channel, np.int64) for (channel, _), pair in zip(indexes, pairs, strict=True)]
    )
    both = np.concatenate(pairs)
    order = np.argsort(both[:, 1], kind="stable")
    offset = both[order, 1].astype(np.int64)
    # A description of a channel may stand between two messages: the size is corrected when the chunk is read.
    sizes = np.diff(offset, append=size) - _HEAD
    return {
        "time": both[order, 0].astype(np.int64),
        "channel": channel[order],
        "size": np.maximum(sizes, 0),
        "offset": offset,
        "chunk": np.full(len(offset), number, np.int64),
    }


def _index_by_reading(content: bytes, number: int) -> dict[str, Array] | None:
    """The same for a chunk whose index is cut off."""
    found = list(_messages(content))
    if not found:
        return None
    time, channel, size, offset = np.array(found, np.int64).T
    return {"time": time, "channel": channel, "size": size, "offset": offset, "chunk": np.full(len(time), number)}


def _messages(content: bytes) -> Iterator[tuple[int, int, int, int]]:
    at = 0
    while at + _RECORD.size <= len(content):
        opcode, length = _RECORD.unpack_from(content, at)
        if at + _RECORD.size + length > len(content):
            return
        if opcode == Opcode.MESSAGE and length >= 22:
            channel, _, time, _ = struct.unpack_from("<HIQQ", content, at + _RECORD.size)
            yield time, channel, length - 22, at
        at += _RECORD.size + length
