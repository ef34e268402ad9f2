"""The hands of a person: the real window over the real controller, in the test's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rtms_desktop.app.controller import Controller
from rtms_desktop.app.settings import Settings
from rtms_desktop.viewmodels.bridge import Bridge
from rtms_desktop.views.main_window import MainWindow

_PLAIN = Qt.KeyboardModifier.NoModifier


class Person:
    """The window, and hands."""

    patience_s = 30

    def __init__(self, folder: Path) -> None:
        bridge = Bridge()
        self.controller = Controller(Settings(folder), wake=bridge.wake)
        self.window = MainWindow(folder)
        self.body = self.window.furnish(self.controller, bridge)
        self.window.show()

    async def until(self, what: Callable[[], object]) -> None:
        async with asyncio.timeout(self.patience_s):
            while not what():
                QApplication.processEvents()
                await asyncio.sleep(0.005)

    def is_active(self) -> bool:
        """Keys go to the active window only."""
        self.window.activateWindow()
        return self.window.isActiveWindow()

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = _PLAIN) -> None:
        """A key over the stage."""
        self.body.stage.setFocus()
        QTest.keyClick(self.body.stage, key, modifiers)


P = TypeVar("P", bound=Person)


@asynccontextmanager
async def at_work(person: P) -> AsyncIterator[P]:
    """Until the window is closed again and all that it began has ended."""
    try:
        await person.until(person.is_active)
        yield person
    finally:
        await person.controller.shutdown()
        person.window.finish()
        person.window.deleteLater()
        QApplication.processEvents()
