"""Alerts as notifications of the desktop, while the window is not in front and if that is wanted. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from rtms_desktop.app.alerts import AlertState
from rtms_desktop.app.events import AlertChanged
from rtms_desktop.paths import resource
from rtms_desktop.session.events import Severity
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import one_line, sentence_case

SHOWN_MS = 10_000
_ACTIVE = Qt.ApplicationState.ApplicationActive
_ICONS = {
    Severity.NOTE: QSystemTrayIcon.MessageIcon.Information,
    Severity.WARNING: QSystemTrayIcon.MessageIcon.Warning,
    Severity.ERROR: QSystemTrayIcon.MessageIcon.Critical,
}


def desktop_notifies() -> bool:
    """Whether the desktop has a tray, which is where Qt's notifications come from."""
    return QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()


class DesktopNotes(QObject):
    """The icon in the tray is there only while notifications are wanted and something is to be told."""

    def __init__(self, controller: Any, window: QWidget) -> None:
        super().__init__(window)
        self._controller, self._window = controller, window
        self._tray: QSystemTrayIcon | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.applicationStateChanged.connect(self._state_changed)
        self.close = listen(self, controller.hub, {AlertChanged: self._heard})

    def _heard(self, event: AlertChanged) -> None:
        alert, limits = event.alert, self._controller.settings.values.alerts
        if alert.state is not AlertState.BEGAN or not limits.desktop or limits.mutes(alert.kind):
            return
        if not self._window.isActiveWindow():
            self.tell(alert.severity, alert.what, alert.sentence)

    def tell(self, severity: Severity, what: str, sentence: str) -> None:
        """Where there is no tray, the entry of the window in the task bar asks for attention."""
        QApplication.alert(self._window)
        if not desktop_notifies():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(QIcon(str(resource("icons", "app.svg"))), self)
            self._tray.setToolTip("RTMS Desktop")
            self._tray.messageClicked.connect(self._to_front)
            self._tray.activated.connect(lambda _: self._to_front())
        self._tray.show()
        self._tray.showMessage(sentence_case(one_line(what)), one_line(sentence), _ICONS[severity], SHOWN_MS)

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        """The person is here: the icon is no longer needed."""
        if state == _ACTIVE and self._tray is not None:
            self._tray.hide()

    def _to_front(self) -> None:
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
