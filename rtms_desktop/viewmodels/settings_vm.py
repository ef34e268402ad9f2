"""What can be set: theme, sound, folder of recordings, secrets. Everything applies at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import AudioDeviceChanged
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import byte_size


class SettingsViewModel(QObject):
    theme_changed = Signal(str)
    device_changed = Signal()
    recordings_changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        listen(self, controller.hub, {AudioDeviceChanged: lambda event: self.device_changed.emit()})

    @property
    def theme(self) -> str:
        return self._controller.settings.values.theme

    def set_theme(self, mode: str) -> None:
        self._controller.settings.change(theme=mode)
        self.theme_changed.emit(mode)

    @property
    def volume(self) -> tuple[float, bool]:
        values = self._controller.settings.values
        return values.volume, values.muted

    def set_volume(self, volume: float) -> None:
        if self._controller.settings.values.muted:
            self._controller.sound.set_muted(False)
        self._controller.sound.set_volume(volume)

    def toggle_muted(self) -> None:
        self._controller.sound.set_muted(not self._controller.settings.values.muted)

    def device_text(self) -> str:
        audio = self._controller.sound.state
        if audio.problem:
            return f"none: {audio.problem}"
        return audio.name or "asked when the first stream begins"

    def rescan_audio(self) -> None:
        self._controller.sound.rescan()

    @property
    def recordings(self) -> Path:
        return self._controller.settings.recordings

    def set_recordings(self, folder: Path) -> None:
        self._controller.settings.change(recordings=str(folder))
        self.recordings_changed.emit()

    def free_text(self) -> str:
        free = self._controller.recording.free_disk_bytes
        return f"{byte_size(free)} free." if free is not None else ""

    @property
    def client_ids(self) -> list[str]:
        return self._controller.credentials.client_ids

    def secret_note(self) -> str:
        if self._controller.credentials.keeps == "keyring":
            return "Kept in the system keyring. It is never shown, logged, recorded or exported."
        return "No keyring answers here: the secret is kept in memory until the program ends."

    def save_credential(self, client_id: str, secret: str) -> str:
        return self._controller.credentials.remember(client_id.strip(), secret.strip())

    def forget_credential(self, client_id: str) -> None:
        self._controller.credentials.forget(client_id)
