"""A thread for the inspector that lives only while there is something to do. Jobs of one kind replace each other."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)


class Job:
    """What a running job may use: ``tell`` an intermediate result, and ``stop``, which is set when it was replaced."""

    def __init__(self, worker: Worker, kind: str, work: Callable[[Job], Any], done: Callable[[Any], object]) -> None:
        self.kind, self.work = kind, work
        self._worker, self._done = worker, done
        self.stop = threading.Event()

    @property
    def stopped(self) -> bool:
        return self.stop.is_set()

    def tell(self, result: Any) -> None:
        """Hand a result to the main thread, unless the job was replaced meanwhile."""
        self._worker.deliver(self, result)

    def finish(self, result: Any) -> None:
        """Main thread: hand on one result."""
        if not self.stopped:
            self._done(result)


class Worker:
    """``submit``, ``cancel`` and ``drain`` on the main thread. ``wake`` is called from the thread when ``drain`` has
    something to do."""

    def __init__(self, name: str, wake: Callable[[], None]) -> None:
        self._name, self._wake = name, wake
        self._lock = threading.Lock()
        self._jobs: deque[Job] = deque()
        self._latest: dict[str, Job] = {}
        self._results: deque[tuple[Job, Any]] = deque()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def busy(self) -> bool:
        with self._lock:
            return self._thread is not None or bool(self._results)

    def submit(self, kind: str, work: Callable[[Job], Any], done: Callable[[Any], object]) -> None:
        """Do ``work(job)`` on the thread and ``done(result)`` on the main thread; None is no result.

        An older job of this kind is dropped, or told to stop.
        """
        job = Job(self, kind, work, done)
        with self._lock:
            if self._closed:
                return
            self._stop(kind)
            self._latest[kind] = job
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def cancel(self, kind: str) -> None:
        with self._lock:
            self._stop(kind)

    def drain(self) -> None:
        """Hand results to those who asked for them."""
        while self._results:
            job, result = self._results.popleft()
            job.finish(result)

    def close(self) -> None:
        """Stop everything and join."""
        with self._lock:
            self._closed = True
            for kind in list(self._latest):
                self._stop(kind)
            thread = self._thread
        if thread is not None:
            thread.join()
        self._results.clear()

    def deliver(self, job: Job, result: Any) -> None:
        if not job.stopped:
            self._results.append((job, result))
            self._wake()

    def _stop(self, kind: str) -> None:
        old = self._latest.pop(kind, None)
        if old is not None:
            old.stop.set()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._thread = None
                    return
                job = self._jobs.popleft()
            if job.stopped:
                continue
            try:
                result = job.work(job)
            except Exception:  # border: nobody waits for this thread's exceptions
                log.exception("the inspector could not finish %s", job.kind)
                continue
            if result is not None:
                self.deliver(job, result)
