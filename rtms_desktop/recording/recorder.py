"""The flight recorder: takes what arrives without ever making the caller wait, and writes it on a thread of its own.

The driver and the hub call it on the loop's thread; those calls append to a queue and return.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import math
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rtms_desktop.clock import Clock
from rtms_desktop.errors import DiskError
from rtms_desktop.recording import names
from rtms_desktop.recording.bundle_notes import delete_exports
from rtms_desktop.recording.bundle_writer import BundleWriter
from rtms_desktop.recording.encoding import to_json
from rtms_desktop.recording.inbox import LIMIT_BYTES, ControlRecord, RecorderQueue, TapeMessage
from rtms_desktop.recording.manifest import RecordingInfo, write_atomic
from rtms_desktop.session.events import Event

log = logging.getLogger(__name__)

# The thread looks by itself: being woken for each message would cost the loop's thread more than the message, and
# several in a row cost less than one by one.
POLL_S = 0.1
# With a poll more, the open chunk of the tape is never older than a quarter of a second.
FLUSH_S = 0.15
SYNC_S = 1.0
MANIFEST_S = 2.0
STALLED_S = 3.0
DISK_FLOOR_BYTES = 500_000_000
# On a small disk that much would leave no room to record at all.
DISK_FLOOR_SHARE = 0.05
_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderStats:
    """Health of a recording. Times are monotonic seconds; ``free_disk`` and ``seconds_left`` None: not known yet.

    ``disk_floor``: what stays free; the recording is closed before. ``stalled_s``: since when nothing was written
    although something waits; 0 while that is no doubt.
    """

    started_at: float = 0.0
    bytes_written: int = 0
    queue_bytes: int = 0
    dropped_messages: int = 0
    dropped_units: int = 0
    last_input_at: float | None = None
    last_write_at: float | None = None
    free_disk: int | None = None
    disk_floor: int = 0
    seconds_left: float | None = None
    stalled: bool = False
    stalled_s: float = 0.0
    problem: str = ""
    track_problems: tuple[str, ...] = ()


class Recorder:
    """Records one session into one bundle. Raises DiskError when the bundle cannot even be begun, and never after.

    After a disk failure, or when the disk is nearly full, it finalises what it has, says why in ``stats.problem``
    and takes nothing more; the live stream goes on.

    Args:
        disk_floor: bytes that stay free on its disk; None = 500 MB, or a twentieth of a small disk.

    Attributes:
        folder: the bundle.
    """

    def __init__(
        self,
        folder: Path,
        info: RecordingInfo,
        clock: Clock,
        *,
        queue_limit: int = LIMIT_BYTES,
        disk_floor: int | None = None,
    ) -> None:
        self.folder = folder
        self._info, self._clock = info, clock
        self._floor = self._floor_of(disk_floor)
        self._queue = RecorderQueue(queue_limit)
        self._started_at = clock.now()
        try:
            self._bundle = BundleWriter(folder, info, self._started_at)
        except OSError as error:
            raise DiskError(*explain(error, folder)) from error
        self._end = threading.Event()
        self._stop_reason: int | None = None
        self._destroying = False
        self._hurry_at = math.inf
        self._problem = ""
        self._accepting = True
        self._last_input: float | None = None
        self._last_write: float | None = None
        self._bytes = 0
        self._free: int | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=False)
        self._thread.start()

    # -- the loop's thread -----------------------------------------------------------------------------------

    def message(self, link: str, attempt: int, direction: str, data: str | bytes, at: float) -> None:
        """A WebSocket message of either direction ("in", "out"), before anything interprets it."""
        if self._accepting:
            self._last_input = at
            self._queue.put_message(TapeMessage(link, attempt, direction, data, at))

    def control(self, record: dict[str, Any], at: float) -> None:
        """Any other input of the core: a record of ``recording.control``."""
        if self._accepting:
            self._queue.put_control(ControlRecord(record, at))

    def events(self, events: Sequence[Any]) -> None:
        """What the session told; others' events may stand between and are left out."""
        if self._accepting:
            self._queue.put_events([event for event in events if isinstance(event, Event)])

    @property
    def stats(self) -> RecorderStats:
        """Figures of this moment; cheap, any thread."""
        now, last_write, waiting = self._clock.now(), self._last_write, self._queue.bytes
        oldest = self._started_at if last_write is None else last_write
        still_s = now - oldest if self._accepting and waiting > 0 else 0.0
        return RecorderStats(
            started_at=self._started_at,
            bytes_written=self._bytes,
            queue_bytes=waiting,
            dropped_messages=self._queue.dropped_messages,
            dropped_units=self._queue.dropped_units,
            last_input_at=self._last_input,
            last_write_at=last_write,
            free_disk=self._free,
            disk_floor=self._floor,
            seconds_left=self._seconds_left(now),
            stalled=still_s > STALLED_S,
            stalled_s=still_s if still_s > STALLED_S else 0.0,
            problem=self._problem,
            track_problems=tuple(self._bundle.track_problems),
        )

    # -- the end, any thread -----------------------------------------------------------------------------------

    def close(self, stop_reason: int | None = None) -> Path:
        """Write what waits, finalise, join the thread; blocks until then. Returns the bundle. Idempotent.

        ``stop_reason``: what the server said, where the recorded events do not tell.
        """
        if self._accepting:
            self._accepting = False
            self._queue.settle()
        if self._stop_reason is None:
            self._stop_reason = stop_reason
        self._end.set()
        self._thread.join()
        return self.folder

    def hurry(self, within_s: float) -> None:
        """Finalise without media.mkv where that is not made by then: the program is to end. Any thread."""
        self._hurry_at = min(self._hurry_at, self._clock.now() + within_s)

    def destroy(self, reason: int = 8) -> Path:
        """Stop and delete the bundle, as stop reason 8 (STREAM_REVOKED) demands; blocks. Returns the tombstone's path.

        The tombstone tells when and why, and no content: the stream is named by a hash. Raises DiskError when
        something could not be deleted.
        """
        self._accepting, self._destroying = False, True
        self._end.set()
        self._thread.join()
        return destroy_bundle(self.folder, self._info.ids.get("rtms_stream_id", ""), self._clock.wall_ms(), reason)

    # -- the recorder's thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._record()
            self._drain()
        except OSError as error:
            what, why, _ = explain(error, self.folder)
            self._fail(DiskError(what, why).sentence())
        except Exception as error:  # border: a bug here must not take the live stream with it
            log.exception("the recorder failed")
            self._fail(f"the recorder failed ({type(error).__name__}: {error}).")
        self._finalise()

    def _record(self) -> None:
        due_flush = due_sync = due_manifest = self._started_at
        more = False
        while not self._end.wait(0 if more else POLL_S) and not self._problem:
            more = self._drain()
            self._bundle.work()
            now = self._clock.now()
            if now >= due_flush:
                due_flush = now + FLUSH_S
                self._bundle.flush()
                self._count(now)
            if now >= due_sync:
                due_sync = now + SYNC_S
                self._bundle.sync()
                self._watch()
            if now >= due_manifest:
                due_manifest = now + MANIFEST_S
                self._bundle.write_manifest(closed=False)

    def _drain(self) -> bool:
        """Write what waits; of a very long queue the rest comes in the next turn (True), so that flush and sync stay
        on time."""
        for _ in range(_BATCH if not self._end.is_set() else 1 << 62):
            entry = self._queue.take()
            if entry is None or self._destroying:
                return False
            self._bundle.write(entry)
        return True

    def _count(self, now: float) -> None:
        size = self._bundle.bytes
        if size != self._bytes:
            self._bytes, self._last_write = size, now

    def _watch(self) -> None:
        self._free = free_disk(self.folder)
        if self._free is not None and self._free < self._floor:
            room = size_text(self._floor)
            self._fail(f"less than {room} are free on the disk of {self.folder.parent}; it was closed in time.")
        elif problem := self._bundle.check():
            self._fail(problem)

    def _fail(self, problem: str) -> None:
        self._accepting = False
        self._problem = self._problem or problem
        log.error("recording %s stopped: %s", self.folder.name, problem)

    def _finalise(self) -> None:
        if self._destroying:
            self._bundle.abandon()
            return
        try:
            problems = self._bundle.finish(self._stop_reason, with_media=not self._problem, stop=self._is_late)
        except Exception as error:  # border: nobody waits for this thread's exceptions
            log.exception("the recording could not be finalised")
            problems = [f"{type(error).__name__}: {error}"]
        self._count(self._clock.now())
        if problems and not self._problem:
            self._fail(f"not everything could be finalised: {'; '.join(problems)}.")

    # -- inside --------------------------------------------------------------------------------------------

    def _is_late(self) -> bool:
        return self._clock.now() >= self._hurry_at

    def _floor_of(self, wanted: int | None) -> int:
        """The floor for the disk of the bundle. Raises DiskError when less than that is free already."""
        place = next((p for p in (self.folder, *self.folder.parents) if p.exists()), Path())
        try:
            usage = shutil.disk_usage(place)
        except OSError:
            return DISK_FLOOR_BYTES if wanted is None else wanted
        floor = min(DISK_FLOOR_BYTES, int(usage.total * DISK_FLOOR_SHARE)) if wanted is None else wanted
        if usage.free < floor:
            what = f"only {size_text(usage.free)} are free at {place}"
            raise DiskError(what, f"a recording keeps {size_text(floor)} free", "Free some space.")
        return floor

    def _seconds_left(self, now: float) -> float | None:
        elapsed = now - self._started_at
        if self._free is None or not self._bytes or elapsed < 1:
            return None
        return max(0, self._free - self._floor) * elapsed / self._bytes


def free_disk(path: Path) -> int | None:
    """Free bytes where ``path`` lies; None where nobody says."""
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None


def size_text(size: int) -> str:
    """Bytes for a sentence."""
    return f"{size / 1e6:.0f} MB" if size >= 10_000_000 else f"{size / 1e6:.1f} MB"


def explain(error: OSError, folder: Path) -> tuple[str, str, str]:
    """What, why and fix of a disk that refuses."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"the disk is full at {folder.parent}", "", "Free some space or choose another folder."
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return f"{folder.parent} cannot be written to", error.strerror or "", "Choose another folder."
        case errno.EFBIG:
            return f"a file in {folder} reached the largest size that is allowed", "", "Choose another disk."
        case errno.EEXIST:
            return f"{folder} exists already", "", "Choose another name."
        case _:
            return f"the recording at {folder} cannot be written", error.strerror or str(error), "Check the disk."


def destroy_bundle(folder: Path, stream_id: str, deleted_ms: int, reason: int) -> Path:
    """Delete a bundle that is not being written, with the exports of it that this program made.

    Leaves its tombstone. Raises DiskError when something could not be deleted.
    """
    left = delete_exports(folder)
    removed = len(names.list_files(folder))
    tombstone = names.tombstone_of(folder)
    digest = hashlib.sha256(stream_id.encode()).hexdigest()
    note = {"schema": 1, "deleted_ms": deleted_ms, "stop_reason": reason, "stream_sha256": digest, "files": removed}
    try:
        shutil.rmtree(folder)
        write_atomic(tombstone, to_json(note) + b"\n")
    except OSError as error:
        raise DiskError(f"{folder} could not be deleted", error.strerror or str(error), "Delete it by hand.") from error
    if left:
        listed = ", ".join(str(path) for path in left)
        raise DiskError("an export of a deleted recording could not be deleted", listed, "Delete it by hand.")
    return tombstone
