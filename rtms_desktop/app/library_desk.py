"""The library as the window uses it: asked on the main thread, done on the thread ``library``, told by the hub."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rtms_desktop.app.doing import begin
from rtms_desktop.app.events import (
    AppEvent,
    LibraryChanged,
    LibraryFound,
    LibraryPictures,
    RecordingsTrashed,
)
from rtms_desktop.app.recordings import RecordingEntry, list_recordings
from rtms_desktop.clock import Clock
from rtms_desktop.errors import RtmsError

if TYPE_CHECKING:
    from rtms_desktop.app.hub import Hub
    from rtms_desktop.recording.library import Library
    from rtms_desktop.recording.revocation import Revoked
    from rtms_desktop.recording.trash import Trashed

T = TypeVar("T")


class LibraryDesk:
    """Methods are called on the main thread and return at once; those that are coroutines return when it is done.

    Args:
        root: where recordings are kept now; another folder gets another index.
        index: the file of the index.
        writing: the bundle that is being recorded.
        shown: the bundle that is open in the window.

    Attributes:
        entries: the newest recordings from the start, all of them after the first ``refresh``.
    """

    def __init__(
        self,
        hub: Hub,
        clock: Clock,
        *,
        root: Callable[[], Path],
        index: Path,
        writing: Callable[[], Path | None],
        shown: Callable[[], Path | None] = lambda: None,
    ) -> None:
        self.entries: list[RecordingEntry] = list_recordings(root())
        self._hub, self._clock, self._root, self._index, self._writing = hub, clock, root, index, writing
        self._shown = shown
        self._pool: ThreadPoolExecutor | None = None
        self._library: Library | None = None  # belongs to the thread
        self._closing = threading.Event()
        self._refreshing = False
        self._asked = 0

    # -- asked ---------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look at the folder; LibraryChanged tells."""
        if not self._refreshing:  # one that waits its turn sees the newest state anyway
            self._refreshing = True
            self._start(self.update(), "look at the recordings")

    def search(self, text: str) -> None:
        """Look for a text in the titles, people, lines and chat of all recordings; LibraryFound tells."""
        self._asked += 1
        self._start(self._search(text, self._asked), "search the recordings")

    def want_pictures(self, bundles: Iterable[Path]) -> None:
        """LibraryPictures tells."""
        self._start(self._pictures(tuple(bundles)), "fetch pictures of recordings")

    def rename(self, bundle: Path, title: str) -> None:
        """Give a recording a title; one that is being written is listed when it is done."""
        if bundle == self._writing():
            from rtms_desktop.recording.bundle_notes import set_title

            self._start(self._do(lambda library: set_title(bundle, title)), "name a recording")
        else:
            self._start(self._change(lambda library: library.rename(bundle, title)), "rename a recording")

    def trash(self, bundles: Sequence[Path]) -> None:
        """Move recordings to the trash; the one that is being written stays. RecordingsTrashed tells, for an Undo."""
        wanted = [bundle for bundle in bundles if bundle != self._writing()]
        self._start(self._trash(lambda library: [library.trash(bundle) for bundle in wanted]), "delete recordings")

    def restore(self, trashed: Sequence[Trashed]) -> None:
        """Bring recordings back from the trash."""
        from rtms_desktop.recording.trash import restore

        def back(library: Library) -> None:
            for each in trashed:
                library.refresh(restore(each))

        self._start(self._change(back), "restore recordings")

    def expire(self, days: float) -> None:
        """Move recordings older than so many days (0 = none) to the trash, and empty that of what is old in it.

        One that was never closed stays, and so does what is being written or shown.
        """
        now, in_use = self._clock.wall_ms(), (self._writing(), self._shown())
        self._start(self._trash(lambda library: library.expire(days, now, in_use)), "delete old recordings")

    # -- awaited -------------------------------------------------------------------------------------------------

    async def update(self) -> None:
        """Look at the folder now; LibraryChanged tells. Raises DiskError."""
        self._refreshing = False
        writing = self._writing()
        await self._change(lambda library: library.scan(writing, self._closing.is_set))

    async def remember_exports(self, bundle: Path, paths: Sequence[Path]) -> None:
        """Files that this program made of a recording go with it when its stream is revoked. Raises DiskError."""
        from rtms_desktop.recording.bundle_notes import remember_exports

        await self._do(lambda library: remember_exports(bundle, paths))

    async def revoke(self, stream_id: str, made: Sequence[Path]) -> Revoked:
        """Delete all recordings of a stream, their exports, thumbnails and texts. Raises DiskError."""
        from rtms_desktop.recording.revocation import delete_stream

        def delete(library: Library) -> Revoked:
            done = delete_stream(library.root, stream_id, self._clock.wall_ms(), made=made)
            library.erase(done.bundles)
            library.scan()
            return done

        done = await self._do(delete)
        self._tell(await self._do(lambda library: library.entries()))
        return done

    async def close(self) -> None:
        """End the thread; idempotent."""
        self._closing.set()
        pool, self._pool = self._pool, None
        if pool is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(pool, self._close_library)
            await loop.run_in_executor(None, pool.shutdown)

    # -- inside --------------------------------------------------------------------------------------------------

    def _start(self, coro: Coroutine[Any, Any, object], doing: str) -> None:
        if self._closing.is_set():
            coro.close()
        else:
            begin(self._hub, doing, coro)

    async def _do(self, work: Callable[[Library], T]) -> T:
        if self._closing.is_set():
            raise RtmsError("the library is closed")
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="library")
        root = self._root()
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: work(self._open(root)))

    def _open(self, root: Path) -> Library:
        from rtms_desktop.recording.library import open_library

        if self._library is not None and self._library.root != root:
            self._close_library()
        if self._library is None:
            self._library = open_library(root, self._index)
        return self._library

    def _close_library(self) -> None:
        library, self._library = self._library, None
        if library is not None:
            library.close()

    async def _change(self, work: Callable[[Library], object]) -> None:
        def both(library: Library) -> list[RecordingEntry]:
            work(library)
            return library.entries()

        self._tell(await self._do(both))

    async def _trash(self, work: Callable[[Library], list[Trashed]]) -> None:
        gone: list[Trashed] = []
        await self._change(lambda library: gone.extend(work(library)))
        if gone:
            self._publish(RecordingsTrashed(trashed=tuple(gone)))

    async def _search(self, text: str, number: int) -> None:
        # Somebody who types asks with every letter: what was overtaken is not looked for.
        hits = await self._do(lambda library: library.search(text) if number == self._asked else [])
        if number == self._asked:
            self._publish(LibraryFound(text=text, hits=tuple(hits)))

    async def _pictures(self, bundles: tuple[Path, ...]) -> None:
        def fetch(library: Library) -> dict[Path, bytes]:
            return {bundle: library.thumbnail(bundle) for bundle in bundles}

        self._publish(LibraryPictures(pictures=await self._do(fetch)))

    def _tell(self, entries: list[RecordingEntry]) -> None:
        self.entries = entries
        self._publish(LibraryChanged(entries=tuple(entries)))

    def _publish(self, event: AppEvent) -> None:
        self._hub.publish([event])
