"""What can be set about alerts: thresholds, muted kinds, desktop notifications. Everything applies at once."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.alert_rules import NEVER_MUTED, AlertKind, Limits
from rtms_desktop.app.settings import Settings

KIND_NAMES = {
    AlertKind.SILENCE: "Silence",
    AlertKind.FROZEN: "Frozen picture",
    AlertKind.LAG: "Behind live",
    AlertKind.DISK: "Disk space",
    AlertKind.RECONNECTING: "Reconnecting",
    AlertKind.STALL: "Program stands still",
    AlertKind.RECORDING: "Recording does not grow",
    AlertKind.REVOKED: "Stream taken back",
}


def mute(settings: Settings, kind: AlertKind, muted: bool) -> None:
    """Mute or unmute one kind, and keep that."""
    limits = settings.values.alerts
    kinds = [name for name in limits.muted if name != kind.value] + [kind.value] * muted
    settings.change(alerts=msgspec.structs.replace(limits, muted=tuple(kinds)))


class AlertsViewModel(QObject):
    """`changed` after every change."""

    changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings: Settings = controller.settings

    @property
    def limits(self) -> Limits:
        return self._settings.values.alerts

    def set(self, **values: Any) -> bool:
        """Change thresholds by name; False and no change where one is out of its range."""
        try:
            changed = msgspec.convert(msgspec.to_builtins(self.limits) | values, Limits)
        except msgspec.ValidationError:
            return False
        self._settings.change(alerts=changed)
        self.changed.emit()
        return True

    def can_mute(self, kind: AlertKind) -> bool:
        return kind not in NEVER_MUTED

    def set_muted(self, kind: AlertKind, muted: bool) -> None:
        if self.can_mute(kind):
            mute(self._settings, kind, muted)
            self.changed.emit()
