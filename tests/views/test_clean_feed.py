from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from rtms_desktop.views.clean_feed import TITLE, CleanFeed


@dataclass
class Frame:
    """A picture of one colour."""

    colour: QColor
    width: int = 64
    height: int = 64

    @property
    def stride(self) -> int:
        return self.width * 4

    @property
    def bgra(self) -> bytes:
        colour = self.colour
        return bytes((colour.blue(), colour.green(), colour.red(), 255)) * (self.width * self.height)


class Stage(QObject):
    """What the feed reads of the stage's model."""

    frame_arrived = Signal(object)
    arranged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.main_key: tuple[str, int] | None = ("video", 1)
        self.frames: dict[tuple[str, int], Frame] = {}
        self.feeds: list[tuple[int, int] | None] = []

    def set_feed(self, size: tuple[int, int] | None) -> None:
        self.feeds.append(size)

    def show(self, key: tuple[str, int], colour: str) -> None:
        self.frames[key] = Frame(QColor(colour))
        self.frame_arrived.emit(key)


@pytest.fixture
def stage(qapp):
    return Stage()


@pytest.fixture
def feed(stage, qtbot):
    made = CleanFeed(stage)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.resize(640, 360)
    made.show()
    return made


def colour(feed: CleanFeed, x: int, y: int) -> str:
    return feed.grab().toImage().pixelColor(x, y).name()


def test_it_is_frameless_and_keeps_its_title(feed) -> None:
    assert feed.windowFlags() & Qt.WindowType.FramelessWindowHint
    assert feed.windowTitle() == TITLE


def test_only_the_main_picture_is_shown_letterboxed(feed, stage) -> None:
    stage.show(("video", 2), "red")
    assert colour(feed, 320, 180) != "#ff0000"
    stage.show(("video", 1), "lime")
    assert colour(feed, 320, 180) == "#00ff00"
    assert colour(feed, 20, 180) != "#00ff00"  # the picture is square


def test_another_main_picture_takes_its_place(feed, stage) -> None:
    stage.show(("video", 1), "lime")
    stage.show(("share", 9), "blue")
    stage.main_key = ("share", 9)
    stage.arranged.emit()
    assert colour(feed, 320, 180) == "#0000ff"
    stage.main_key = None
    stage.arranged.emit()
    assert colour(feed, 320, 180) not in ("#0000ff", "#00ff00")


def test_it_asks_for_the_picture_in_its_size_and_gives_that_up(feed, stage, qtbot) -> None:
    assert stage.feeds[-1] == (640, 360)
    with qtbot.waitSignal(feed.closed):
        QTest.keyClick(feed, Qt.Key.Key_Escape)
    assert stage.feeds[-1] is None
