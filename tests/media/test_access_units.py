"""The queue in front of a decoder never hides a hole."""

from __future__ import annotations

from rtms_desktop.media.access_units import AccessUnit, AccessUnitQueue


def unit(number: int, data: bytes = b"p") -> AccessUnit:
    return AccessUnit(data, number, 0.0)


def is_key(data: bytes) -> bool:
    return data.startswith(b"K")


def numbers(queue: AccessUnitQueue) -> list[int]:
    taken = []
    while (found := queue.get()) is not None:
        taken.append(found.pts_ms)
    return taken


def test_first_in_first_out() -> None:
    queue = AccessUnitQueue(is_key)
    for number in range(3):
        queue.put(unit(number))
    assert len(queue) == 3
    assert numbers(queue) == [0, 1, 2]
    assert queue.get() is None
    assert (queue.dropped, queue.take_skipped()) == (0, False)


def test_a_full_queue_drops_to_the_next_keyframe() -> None:
    queue = AccessUnitQueue(is_key, max_units=4)
    for number in range(6):  # 0-3 fit; 4 throws them out and goes with them, as 5 does
        queue.put(unit(number))
    assert len(queue) == 0
    queue.put(unit(6, b"K"))
    queue.put(unit(7))
    assert queue.dropped == 6
    assert queue.take_skipped()
    assert not queue.take_skipped()
    assert numbers(queue) == [6, 7]


def test_a_keyframe_that_meets_a_full_queue_is_kept() -> None:
    queue = AccessUnitQueue(is_key, max_units=2)
    for number, data in enumerate((b"K", b"p", b"K")):
        queue.put(unit(number, data))
    assert numbers(queue) == [2]
    assert queue.dropped == 2


def test_bytes_are_bounded_but_one_large_unit_passes() -> None:
    queue = AccessUnitQueue(is_key, max_bytes=10)
    queue.put(unit(0, b"K" * 50))
    assert len(queue) == 1
    queue.put(unit(1, b"p"))
    assert (len(queue), queue.dropped) == (0, 2)
    queue.put(unit(2, b"K12345678"))
    queue.put(unit(3, b"p"))
    assert numbers(queue) == [2, 3]
    queue.put(unit(4, b"1234567890"))  # what was taken no longer counts
    assert numbers(queue) == [4]
