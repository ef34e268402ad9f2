"""The messages of a recording as a server sends them again: in their order, at their time, a few chunks in memory.

The feed threads of the mock server read media, its director the rest; every method may be called from any thread.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from rtms_desktop.errors import BundleError
from rtms_desktop.recording.chunk_store import ChunkStore
from rtms_desktop.recording.reader import read_seed
from rtms_desktop.recording.tape_reader import TapeReader, TapeRecord
from rtms_desktop.session.events import SIGNALING
from rtms_desktop.wire.codec import Reader
from rtms_desktop.wire.enums import EventType, Medium, Product, SessionState
from rtms_desktop.wire.messages import ChatData, EventUpdate, MediaData, Message, SessionStateUpdate, TranscriptData

KEPT_CHUNKS = 12
Timed = tuple[float, MediaData]

_MEDIA = {medium.value: medium for medium in Medium}
_TALK = frozenset((SIGNALING, Medium.TRANSCRIPT.value, Medium.CHAT.value, "all"))
_OWN_EVENTS = frozenset((EventType.FIRST_PACKET_TIMESTAMP, EventType.MEDIA_CONNECTION_INTERRUPTED))


class RecordedTape:
    """An open tape. Raises BundleError for a file that is none, or that holds nothing to send.

    Time 0 is when the recording received the first message with a timestamp after it had begun.

    Attributes:
        base_ms: the timestamp of that message.
        length_ms: from there to the last record.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with TapeReader(path) as reader:
            seed = read_seed(reader)
            self._product: Product = seed.config.product
            origin_ns, self.base_ms = self._find_beginning(reader, seed.info.started_ms * 1_000_000)
        self._chunks = ChunkStore(path)
        self._chunks.origin = origin_ns
        self.length_ms = max(1.0, self._chunks.end * 1000)
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, dict[Medium, list[Timed]]] = OrderedDict()

    def media(self, medium: Medium, from_ms: float) -> Iterator[Timed]:
        """(milliseconds, message) of every unit that was received at ``from_ms`` or later; negative: all of them."""
        for number in range(self._chunks.find(max(0.0, from_ms) / 1000), len(self._chunks)):
            for timed in self._units(number).get(medium, ()):
                if timed[0] >= from_ms:
                    yield timed

    def talk(self) -> Iterator[tuple[float, Message]]:
        """Lines, chat, events and pauses with their milliseconds; what a server says by itself is left out.

        Times before 0 are from before the recording began. Chunks of nothing but media are passed over unread.
        """
        with TapeReader(self._path) as reader:
            for number in range(len(reader.chunks())):
                if self._may_talk(reader, number):
                    for record in reader.chunk(number):
                        for message in self._read(record) if record.link in _TALK else ():
                            if _is_talk(message):
                                yield self._at_ms(record), message

    def close(self) -> None:
        self._chunks.close()

    # -- inside --------------------------------------------------------------------------------------------------

    def _find_beginning(self, reader: TapeReader, started_ns: int) -> tuple[int, int]:
        for record in reader.records():
            if record.time_ns >= started_ns:
                for message in self._read(record):
                    timestamp = getattr(message, "timestamp", 0)
                    if isinstance(message, MediaData | TranscriptData | ChatData | EventUpdate) and timestamp > 0:
                        return record.time_ns, timestamp
        raise BundleError(f"there is nothing to send in {reader.path}", "nothing had been received")

    def _at_ms(self, record: TapeRecord) -> float:
        return self._chunks.at(record.time_ns) * 1000

    def _units(self, number: int) -> dict[Medium, list[Timed]]:
        with self._lock:
            found = self._kept.get(number)
            if found is None:
                found = self._kept[number] = {}
                for record in self._chunks.records(number):
                    for message in self._read(record):
                        if isinstance(message, MediaData):
                            found.setdefault(message.medium, []).append((self._at_ms(record), message))
                if len(self._kept) > KEPT_CHUNKS:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(number)
            return found

    def _read(self, record: TapeRecord) -> tuple[Message, ...]:
        if record.direction != "in":
            return ()
        data: str | bytes = record.data if record.opcode == "binary" else record.data.decode("utf-8", "replace")
        return Reader(_MEDIA.get(record.link), self._product).read(data)

    @staticmethod
    def _may_talk(reader: TapeReader, number: int) -> bool:
        _, channels = reader.indexes(number)
        links = [found[1].get("link") for channel, _ in channels if (found := reader.channel_metadata(channel))]
        return not links or any(link in _TALK for link in links)


def _is_talk(message: Message) -> bool:
    if isinstance(message, EventUpdate):
        return message.event_type not in _OWN_EVENTS
    if isinstance(message, SessionStateUpdate):
        return message.state in (SessionState.PAUSED, SessionState.RESUMED)
    return isinstance(message, TranscriptData | ChatData)
