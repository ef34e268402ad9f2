"""The least that Qt for Python can show, a window with one label: what the start of the program is measured against.

Prints one JSON line when it is on the screen, as the program does, and ends.
"""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel


class Label(QLabel):
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QTimer.singleShot(0, self, painted)


def painted() -> None:
    """The picture has gone to the screen."""
    print(f'{{"event": "first_paint", "at": {time.time()}}}', flush=True)
    application.exit(0)


application = QApplication(sys.argv[:1])
label = Label("RTMS Desktop")
label.resize(1440, 900)
label.show()
application.exec()
