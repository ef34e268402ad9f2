"""About: what this is, in which versions of what, and under which licences (main thread)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QWidget

from rtms_desktop import __version__
from rtms_desktop.app.credits import as_text, credits_
from rtms_desktop.paths import resource
from rtms_desktop.views.dialogs import Dialog
from rtms_desktop.views.theme import Space
from rtms_desktop.views.widgets import button, label

ICON = 48
TEXTS = (
    "Monitor, player and recorder for Zoom Realtime Media Streams. Not made or endorsed by Zoom.",
    "The source is under the MIT licence. A package that carries PyAV is, as a whole, under the GPL.",
)

LICENCE = 2


class AboutDialog(Dialog):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("About RTMS Desktop", parent)
        self.setMinimumSize(560, 520)
        icon = QLabel()
        icon.setPixmap(QIcon(str(resource("icons", "app.svg"))).pixmap(ICON, ICON))
        self.body.addWidget(icon)
        self.body.addWidget(label("RTMS Desktop", "t1", "title"))
        self.body.addWidget(label(f"Version {__version__}", "t2"))
        for text in TEXTS:
            line = label(text, "t2", "dense")
            line.setWordWrap(True)
            self.body.addWidget(line)
        self.body.addWidget(_parts(), 1)
        self.foot.insertWidget(0, button("Copy versions", icon="copy", clicked=self._copy))
        self.add_close()

    def _copy(self) -> None:
        """For a bug report."""
        QGuiApplication.clipboard().setText(as_text(__version__))


def _parts() -> QScrollArea:
    """Name, version and licence of each part."""
    page = QWidget()
    page.setObjectName("panel")
    grid = QGridLayout(page)
    grid.setHorizontalSpacing(Space.L)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(2, 1)
    for row, part in enumerate(credits_()):
        for column, (text, kind) in enumerate(((part.name, "t1"), (part.version, "t2"), (part.licence, "t2"))):
            cell = label(text, kind, "dense")
            cell.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            cell.setWordWrap(column == LICENCE)
            grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignTop)
    area = QScrollArea()
    area.setAccessibleName("Versions and licences")
    area.setWidgetResizable(True)
    area.setWidget(page)
    return area
