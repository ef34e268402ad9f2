from __future__ import annotations

import subprocess
import sys

from rtms_desktop.views.main_window import GROUND, MainWindow
from rtms_desktop.views.theme_tokens import DARK, LIGHT

# What costs more than a bare window and so may not be there before the first paint.
HEAVY = (
    "asyncio", "qasync", "msgspec", "numpy", "av", "aiohttp", "websockets", "pyqtgraph", "keyring", "sounddevice",
    "PySide6.QtSvg", "PySide6.QtNetwork", "rtms_desktop.app.controller", "rtms_desktop.views.theme",
    "rtms_desktop.views.body",
)  # fmt: skip
SHOW = """
import sys
from pathlib import Path
import rtms_desktop.__main__, rtms_desktop.main as program
options = program._options(["--config", sys.argv[1]])
application = program._application()
program._show_window(application, Path(sys.argv[1]))
print(*sys.modules)
"""


def test_nothing_heavy_is_loaded_before_the_first_paint(tmp_path) -> None:
    done = subprocess.run([sys.executable, "-c", SHOW, str(tmp_path)], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "rtms_desktop.views.main_window" in loaded
    assert not loaded & set(HEAVY)


def test_the_first_paint_is_told_once(qtbot, tmp_path) -> None:
    window = MainWindow(tmp_path)
    qtbot.addWidget(window)
    told: list[bool] = []
    window.first_painted.connect(lambda: told.append(True))
    window.show()
    qtbot.waitUntil(lambda: bool(told))
    window.centralWidget().repaint()
    qtbot.wait(20)
    assert told == [True]


def test_the_ground_is_that_of_the_last_time(qtbot, tmp_path) -> None:
    first = MainWindow(tmp_path)
    qtbot.addWidget(first)
    first.remember_ground(LIGHT)
    second = MainWindow(tmp_path)
    qtbot.addWidget(second)
    sheet = second.centralWidget().styleSheet()
    assert all(getattr(LIGHT, name) in sheet for name in GROUND)
    assert DARK.bg0 not in sheet


def test_an_empty_window_bears_every_event(qtbot, tmp_path) -> None:
    """A person may resize, press keys and close before there is anything inside."""
    window = MainWindow(tmp_path)
    qtbot.addWidget(window)
    window.show()
    asked: list[bool] = []
    window.quit_requested.connect(lambda: asked.append(True))
    window.resize(1100, 700)
    qtbot.keyClicks(window, "icm?")
    window.showMinimized()
    window.showNormal()
    window.hide()
    window.show()
    assert not window.close() and asked == [True]
    window.finish()
    assert not window.isVisible()
