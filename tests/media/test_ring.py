"""The ring between mixer and device."""

from __future__ import annotations

import numpy as np

from rtms_desktop.media.ring import Ring


def ramp(first: int, count: int) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.int16)[:, None]


def test_everything_comes_out_in_order_around_the_corner() -> None:
    ring, out = Ring(100, 1), np.empty((30, 1), np.int16)
    written = read = 0
    while written < 1000:
        written += ring.write(ramp(written, 40))
        while ring.fill >= 30:
            assert ring.read_into(out) == 30
            assert out[:, 0].tolist() == list(range(read, read + 30))
            read += 30
    assert ring.written - ring.read == ring.fill < 30


def test_a_full_ring_takes_only_what_fits() -> None:
    ring = Ring(100, 1)
    assert ring.write(ramp(0, 70)) == 70
    assert ring.write(ramp(70, 70)) == 30
    assert (ring.fill, ring.free) == (100, 0)
    assert ring.write(ramp(0, 5)) == 0


def test_what_is_missing_is_zero() -> None:
    ring, out = Ring(100, 2), np.full((10, 2), 7, np.int16)
    ring.write(np.full((4, 2), 3, np.int16))
    assert ring.read_into(out) == 4
    assert out[:, 1].tolist() == [3] * 4 + [0] * 6


def test_drop() -> None:
    ring, out = Ring(100, 1), np.empty((5, 1), np.int16)
    ring.write(ramp(0, 20))
    assert ring.drop(8) == 8
    ring.read_into(out)
    assert out[:, 0].tolist() == [8, 9, 10, 11, 12]
    assert ring.drop(50) == 7
