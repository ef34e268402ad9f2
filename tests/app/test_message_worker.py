from __future__ import annotations

import threading
import time

import pytest

from rtms_desktop.app.message_worker import Worker


def settle(worker):
    deadline = time.monotonic() + 5
    while worker._thread is not None and time.monotonic() < deadline:
        time.sleep(0.001)
    worker.drain()


def test_results_come_in_order_and_the_thread_ends_by_itself():
    woken, got = [], []
    worker = Worker("inspector-test", lambda: woken.append(1))

    def work(job):
        job.tell("half")
        return "whole"

    worker.submit("a", work, got.append)
    settle(worker)
    assert got == ["half", "whole"] and len(woken) == 2 and not worker.busy
    assert "inspector-test" not in {thread.name for thread in threading.enumerate()}


def test_a_newer_job_of_the_kind_replaces_the_older():
    go, got = threading.Event(), []
    worker = Worker("inspector-test", lambda: None)

    def slow(job):
        go.wait(5)
        return "old", job.stopped

    worker.submit("a", slow, got.append)
    worker.submit("a", lambda job: "new", got.append)
    worker.submit("b", lambda job: "other", got.append)
    go.set()
    settle(worker)
    assert got == ["new", "other"]


@pytest.mark.expects_log("rtms_desktop.app.message_worker")
def test_a_job_that_fails_takes_nothing_with_it():
    got = []
    worker = Worker("inspector-test", lambda: None)
    worker.submit("a", lambda job: 1 / 0, got.append)
    worker.submit("b", lambda job: "fine", got.append)
    settle(worker)
    assert got == ["fine"]


def test_closing_stops_and_joins():
    started = threading.Event()

    def work(job):
        started.set()
        while not job.stopped:
            time.sleep(0.001)

    worker = Worker("inspector-test", lambda: None)
    worker.submit("a", work, print)
    started.wait(5)
    worker.close()
    worker.submit("a", work, print)
    assert not worker.busy
