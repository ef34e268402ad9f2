"""Settings in one JSON file of the config folder, and where recordings and logs live. Holds no secret."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import platformdirs

from rtms_desktop.app.alert_rules import Limits
from rtms_desktop.app.media_choice import fit
from rtms_desktop.app.places import config_folder
from rtms_desktop.errors import DiskError
from rtms_desktop.session.config import DEFAULT_PARAMS
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import MediaParams

log = logging.getLogger(__name__)

RECENT_LIMIT = 20


class RecentSession(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the start page's list. Times in Unix ms, duration in s."""

    title: str
    product: str
    opened_ms: int
    seconds: float = 0.0
    outcome: str = ""
    failed: bool = False
    bundle: str = ""
    meeting_id: str = ""


class Values(msgspec.Struct, kw_only=True):
    """Everything that is remembered. Unknown keys are dropped, wrong types fall back to the default."""

    theme: str = "system"
    volume: float = 0.8
    muted: bool = False
    audio_device: str = ""
    recordings: str = ""
    exports: str = ""
    """The folder that was exported to last."""
    client_ids: list[str] = []
    media: list[str] = msgspec.field(default_factory=lambda: ["audio", "video", "share", "transcript", "chat"])
    params: MediaParams = DEFAULT_PARAMS
    """How media are asked for: codecs, sizes, rates."""
    allowed_hosts: list[str] = []
    ca_file: str = ""
    receiver_port: int = 9095
    recent: list[RecentSession] = []
    auto_record: bool = False
    """Every session is recorded from its first moment on."""
    split_minutes: int = 0
    split_mb: int = 0
    """A recording goes on in another bundle after so many minutes or megabytes; 0 = never."""
    disk_floor_mb: Annotated[int, msgspec.Meta(ge=0)] = 0
    """So much stays free: a recording is closed before; 0 = what the recorder itself thinks right."""
    title_template: str = ""
    """Title of new recordings: text with {date}, {time}, {product} and {meeting}; "" = none."""
    retention_days: int = 0
    """After so many days recordings go to the trash; 0 = never."""
    filters: dict[str, str] = {}
    alerts: Limits = Limits()
    metrics_file: str = ""
    """Where the metrics are written, one JSON object a second; "" = nowhere."""
    metrics_endpoint: bool = False
    metrics_port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 9464
    """Whether, and where, this computer may read the metrics as OpenMetrics text."""
    graphs: list[str] = []
    """Keys of the monitor's graphs that are shown; none = those it begins with."""


class Settings:
    """Loads once, saves on change, atomically. A damaged file is set aside, never overwritten unseen."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = config_folder(folder)
        self.isolated = folder is not None
        self.file = self.folder / "settings.json"
        self.problem = ""
        self.values = self._load()

    @property
    def recordings(self) -> Path:
        """Where bundles are kept: the chosen folder, or Videos/RTMS (inside an isolated config, beside it)."""
        if self.values.recordings:
            return Path(self.values.recordings)
        if self.isolated:
            return self.folder / "recordings"
        return Path(platformdirs.user_videos_dir()) / "RTMS"

    @property
    def exports(self) -> Path:
        """Where exports are offered to go: where the last one went, else beside the recordings; it is there."""
        folder = Path(self.values.exports) if self.values.exports else self.recordings.parent
        while not folder.is_dir() and folder != folder.parent:
            folder = folder.parent
        return folder

    @property
    def media(self) -> frozenset[Medium]:
        """What was asked for last; everything when that cannot be read."""
        return frozenset(Medium(name) for name in self.values.media if name in list(Medium)) or frozenset(Medium)

    @property
    def params(self) -> MediaParams:
        """How media are asked for, as far as it goes together."""
        return fit(self.values.params)

    def change(self, **values: Any) -> None:
        """Set values by name and save when something changed."""
        before = msgspec.json.encode(self.values)
        for name, value in values.items():
            setattr(self.values, name, value)
        if msgspec.json.encode(self.values) != before:
            self.save()

    def remember(self, session: RecentSession) -> None:
        """Put a session at the head of the recent list."""
        self.values.recent = [session, *self.values.recent][:RECENT_LIMIT]
        self.save()

    def forget_bundles(self, gone: Callable[[Path], bool]) -> None:
        """Take sessions whose recording is gone from the recent list."""
        kept = [entry for entry in self.values.recent if not (entry.bundle and gone(Path(entry.bundle)))]
        self.change(recent=kept)

    def save(self) -> None:
        """Write atomically.

        Raises nothing: settings that cannot be saved are logged and live until the program ends.
        """
        try:
            write_atomically(self.file, json.dumps(msgspec.to_builtins(self.values), indent=2).encode())
        except DiskError as error:
            self.problem = error.sentence()
            log.warning("%s", self.problem)

    def _load(self) -> Values:
        try:
            data = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Values()
        except (OSError, ValueError) as error:
            aside = self.file.with_suffix(".damaged.json")
            self.problem = f"the settings could not be read ({error}); they were set aside as {aside.name}"
            try:
                self.file.replace(aside)
            except OSError:
                self.problem = f"the settings could not be read ({error})"
            return Values()
        values = Values()
        for field in msgspec.structs.fields(Values):
            if isinstance(data, dict) and field.name in data:
                try:
                    setattr(values, field.name, msgspec.convert(data[field.name], field.type))
                except msgspec.ValidationError:
                    log.info("setting %s has a wrong type and was reset", field.name)
        return values


def write_atomically(path: Path, data: bytes) -> None:
    """Replace ``path`` in one step.

    Raises:
        DiskError: no room or no right to write.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError as error:
        raise DiskError(
            f"{path} could not be written", error.strerror or str(error), "Free space or choose another folder."
        ) from error
