from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from rtms_desktop.session.events import LinkState
from rtms_desktop.views.lane_paint import bar_image, draw_state, hatch
from rtms_desktop.views.theme import theme

WIDTH, HIGH = 60, 15


def drawn(state: LinkState, ground: str = "bg1") -> np.ndarray:
    """The pixels of a band in one state, as (rows, columns, 4)."""
    image = QImage(WIDTH, HIGH, QImage.Format.Format_ARGB32)
    image.fill(theme().color(ground))
    painter = QPainter(image)
    draw_state(painter, QRectF(0, 0, WIDTH, HIGH), state, "video")
    painter.end()
    return np.frombuffer(bytes(image.constBits()), np.uint8).reshape(HIGH, WIDTH, 4).copy()


@pytest.fixture(autouse=True)
def _dark(qapp):
    before = theme().mode
    theme().set_mode("dark")
    yield
    theme().set_mode(before)


def shape_of(pixels: np.ndarray) -> bytes:
    """What remains in grey: where anything was drawn at all."""
    return (pixels != drawn_nothing()).any(axis=2).tobytes()


def drawn_nothing() -> np.ndarray:
    colour = theme().color("bg1")
    return np.full((HIGH, WIDTH, 4), [colour.blue(), colour.green(), colour.red(), 255], np.uint8)


def test_every_state_has_a_look_of_its_own():
    looks = {state: drawn(state).tobytes() for state in LinkState}
    same = {LinkState.READY: LinkState.STREAMING, LinkState.REFUSED: LinkState.FAILED}
    for state, twin in same.items():
        assert looks[state] == looks.pop(twin)
    assert len(set(looks.values())) == len(looks)


def test_states_of_loss_differ_in_shape_from_each_other_and_from_health():
    shapes = {state: shape_of(drawn(state)) for state in (
        LinkState.CLOSED, LinkState.CONNECTING, LinkState.AUTHENTICATED, LinkState.WAITING, LinkState.CLOSING,
        LinkState.REFUSED,
    )}  # fmt: skip
    assert len(set(shapes.values())) == len(shapes)


@pytest.mark.parametrize("state", [LinkState.INTERRUPTED, LinkState.WAITING])
def test_trouble_is_amber(state):
    amber = theme().color("warn_fill")
    pixels = drawn(state).reshape(-1, 4)
    assert (pixels[:, :3] == [amber.blue(), amber.green(), amber.red()]).all(axis=1).any()


def test_bars_have_the_height_of_their_value_and_a_gap_between_them():
    image = bar_image(np.array([0, 1, 2, 4], np.float32), 4.0, 12, 8, 1.0, QColor("red"))
    alpha = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(8, 12, 4)[:, :, 3] > 0
    heights = alpha.sum(axis=0)
    assert heights.tolist() == [0, 0, 0, 2, 2, 0, 4, 4, 0, 8, 8, 8]
    assert alpha[-1, 3] and not alpha[0, 3]


def test_bars_are_sharp_on_a_fine_screen():
    image = bar_image(np.array([4.0], np.float32), 4.0, 10, 5, 2.0, QColor("red"))
    assert (image.width(), image.height(), image.devicePixelRatio()) == (20, 10, 2.0)


def test_a_tiny_value_is_still_a_pixel():
    image = bar_image(np.array([0.001], np.float32), 1000.0, 6, 8, 1.0, QColor("red"))
    alpha = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(8, 6, 4)[:, :, 3] > 0
    assert alpha.sum(axis=0).max() == 1


def test_a_hatch_stays_in_its_box():
    image = QImage(40, 20, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    hatch(painter, QRectF(10, 5, 20, 10), "text3")
    painter.end()
    alpha = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(20, 40, 4)[:, :, 3] > 0
    assert alpha[5:15, 10:30].any() and not alpha[:5].any() and not alpha[:, :10].any() and not alpha[:, 30:].any()
