"""What can be set: theme, sound, recordings, network, secrets. Everything applies at once."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import AudioDeviceChanged, AudioDevicesFound
from rtms_desktop.app.recordings import title_from
from rtms_desktop.viewmodels.alerts_vm import AlertsViewModel
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import byte_size
from rtms_desktop.viewmodels.metrics_vm import MetricsOutputViewModel

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:]+")


class SettingsViewModel(QObject):
    theme_changed = Signal(str)
    device_changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.devices: tuple[str, ...] = ()
        self.alerts = AlertsViewModel(controller, self)
        self.metrics_output = MetricsOutputViewModel(controller, self)
        kinds = {AudioDeviceChanged: lambda event: self.device_changed.emit(), AudioDevicesFound: self._found}
        listen(self, controller.hub, kinds)

    @property
    def values(self) -> Any:
        """Everything that is remembered, to be read only."""
        return self._controller.settings.values

    def change(self, **values: Any) -> None:
        """Set values by their names."""
        self._controller.settings.change(**values)

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

    def look_for_devices(self) -> None:
        """``device_changed`` tells when ``devices`` is known."""
        self._controller.sound.look()

    def choose_device(self, name: str) -> None:
        self._controller.sound.choose(name)

    def _found(self, event: AudioDevicesFound) -> None:
        self.devices = event.names
        self.device_changed.emit()

    def title_example(self, template: str) -> str:
        """What a recording that began now would be called, or ""."""
        now = self._controller.clock.wall_ms()
        return title_from(template, product="meeting", meeting="94861230577", wall_ms=now) if template.strip() else ""

    def set_hosts(self, text: str) -> str:
        """Hosts with blanks or commas between them; returns the one that is none, or ""."""
        hosts = [host.lower() for host in re.split(r"[\s,;]+", text) if host]
        wrong = next((host for host in hosts if not _HOST.fullmatch(host)), "")
        if not wrong:
            self.change(allowed_hosts=list(dict.fromkeys(hosts)))
        return wrong

    def set_ca_file(self, path: str) -> str:
        """Trust the authorities of a PEM file besides the usual ones; "" = only those. Returns why not, or ""."""
        try:
            if path:
                ssl.create_default_context(cafile=path)
        except ssl.SSLError:
            return f"{Path(path).name} holds no certificate in PEM form."
        except OSError as error:
            return f"{Path(path).name} cannot be read: {error.strerror or error}."
        self.change(ca_file=path)
        return ""

    @property
    def recordings(self) -> Path:
        return self._controller.settings.recordings

    def set_recordings(self, folder: Path) -> None:
        self._controller.settings.change(recordings=str(folder))

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
