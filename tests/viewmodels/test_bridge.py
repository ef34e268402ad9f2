from __future__ import annotations

import threading

from rtms_desktop.viewmodels.bridge import Bridge


def test_many_wakes_from_threads_are_one_turn(qtbot):
    bridge, woken = Bridge(), []
    bridge.woken.connect(lambda: woken.append(threading.current_thread()))
    threads = [threading.Thread(target=lambda: [bridge.wake() for _ in range(200)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert woken == []  # nothing runs on the caller's thread
    qtbot.waitUntil(lambda: bool(woken))
    # At most one per thread that saw the flag down at the same moment.
    assert 1 <= len(woken) <= 3 and set(woken) == {threading.main_thread()}


def test_a_wake_during_the_drain_is_not_lost(qtbot):
    bridge, woken = Bridge(), []

    def drain() -> None:
        woken.append(1)
        if len(woken) == 1:
            bridge.wake()

    bridge.woken.connect(drain)
    bridge.wake()
    qtbot.waitUntil(lambda: len(woken) == 2)
