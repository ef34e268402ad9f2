"""One talker's samples by position."""

from __future__ import annotations

import numpy as np
import pytest

from rtms_desktop.media.playout import CAPACITY_S, PlayoutBuffer

RATE = 16_000
PACKET = 320


def block(value: int, count: int = PACKET) -> np.ndarray:
    return np.full((count, 1), value, np.int16)


def filled(count: int = 10, first: int = 1000) -> PlayoutBuffer:
    buffer = PlayoutBuffer(RATE, 1)
    for number in range(count):
        buffer.write(buffer.place(first + number * PACKET), block(1000 + number))
    return buffer


def test_what_is_written_is_read_at_its_place() -> None:
    buffer = filled()
    heard = buffer.render(1000 + 3 * PACKET + 100, 1.0, 100)
    assert heard[:, 0] == pytest.approx(1003)
    assert buffer.end == 1000 + 10 * PACKET


@pytest.mark.parametrize("off", [-200, -16, 0, 16, 200])
def test_timestamps_that_wobble_a_little_leave_no_hole(off: int) -> None:
    buffer = filled(5)
    assert buffer.place(1000 + 5 * PACKET + off) == buffer.end


@pytest.mark.parametrize("off", [-PACKET, PACKET, 5 * PACKET])
def test_a_missing_or_repeated_packet_is_believed(off: int) -> None:
    buffer = filled(5)
    stamped = 1000 + 5 * PACKET + off
    assert buffer.place(stamped) == stamped


def test_a_hole_is_silent_and_fades() -> None:
    buffer = filled(4)
    buffer.write(1000 + 6 * PACKET, block(1000))
    hole = buffer.render(1000 + 4 * PACKET + 50, 1.0, 2 * PACKET - 100)
    assert np.abs(hole).max() < 1e-3
    before = buffer.render(1000 + 4 * PACKET - 40, 1.0, 40)[:, 0]
    assert before[0] == pytest.approx(1003, abs=1)
    assert np.all(np.diff(before[10:]) < 0)
    assert before[-1] < 100
    assert not buffer.has(1000 + 4 * PACKET, 1000 + 6 * PACKET)
    assert buffer.has(1000 + 4 * PACKET - 1, 1000 + 6 * PACKET)


def test_nothing_is_heard_before_the_first_and_after_the_last_sample() -> None:
    buffer = filled(2)
    assert not buffer.has(0, 1000)
    assert not buffer.has(1000 + 2 * PACKET, 10**9)
    assert not buffer.render(5.5, 0.333, 480).any()
    assert not PlayoutBuffer(RATE, 2).render(10.0, 1.0, 10).any()


def test_what_was_played_is_gone_but_the_seam_is_kept() -> None:
    buffer = filled()
    played = 1000 + 5 * PACKET
    buffer.forget_played(played)
    assert buffer.render(played, 1.0, 10)[:, 0] == pytest.approx(1005)
    assert not buffer.has(1000, 1000 + 4 * PACKET)


def test_a_late_packet_is_used_as_far_as_it_can_be() -> None:
    buffer = filled(5)
    buffer.forget_played(1000 + 6 * PACKET)
    buffer.write(1000 + 5 * PACKET, block(7, 4 * PACKET))
    assert buffer.render(1000 + 7 * PACKET, 1.0, 10)[:, 0] == pytest.approx(7)


def test_it_holds_its_capacity_and_then_drops_the_oldest() -> None:
    buffer = PlayoutBuffer(RATE, 1)
    total = int(CAPACITY_S * RATE) // PACKET + 5
    for number in range(total):
        buffer.write(number * PACKET, block(number))
    assert buffer.overflowed == 5 * PACKET
    assert not buffer.has(0, 5 * PACKET)
    assert buffer.render(100 * PACKET + 50, 1.0, 200)[:, 0] == pytest.approx(100)
    assert buffer.render((total - 2) * PACKET + 150, 1.0, 100)[:, 0] == pytest.approx(total - 2)


def test_positions_far_ahead_leave_nothing_old_behind() -> None:
    buffer = filled(5)
    far = 1000 + 100 * int(CAPACITY_S * RATE)
    buffer.write(far, block(9))
    assert not buffer.has(0, far)
    assert buffer.render(far + 100, 1.0, 100)[:, 0] == pytest.approx(9)


def test_after_a_rewind_late_packets_are_welcome_again() -> None:
    buffer = filled(5)
    buffer.forget_played(1000 + 9 * PACKET)
    buffer.rewind(1000 + 5 * PACKET)
    buffer.write(1000 + 5 * PACKET, block(7))
    assert buffer.render(1000 + 5 * PACKET + 150, 1.0, 100)[:, 0] == pytest.approx(7)


def test_a_rewind_beyond_the_capacity_forgets_everything() -> None:
    buffer = filled(5, first=10**9)
    buffer.rewind(1000)
    buffer.write(1000, block(5))
    assert buffer.end == 1000 + PACKET
    assert buffer.render(1000 + 100, 1.0, 100)[:, 0] == pytest.approx(5)


def test_stereo() -> None:
    buffer = PlayoutBuffer(48_000, 2)
    buffer.write(0, np.tile(np.array([[100, -200]], np.int16), (1000, 1)))
    heard = buffer.render(300.0, 1.0, 100)
    assert heard[:, 0] == pytest.approx(100)
    assert heard[:, 1] == pytest.approx(-200)
