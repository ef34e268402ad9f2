"""manifest.json: what a recording is, in one small file that is always whole. Written by the recorder thread."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from rtms_desktop import __version__
from rtms_desktop.errors import BundleError
from rtms_desktop.recording import names
from rtms_desktop.recording.encoding import to_json
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.wire.enums import Medium

SCHEMA = 1
KEYS = (
    "schema", "app_version", "product", "ids", "profile", "started_ms", "session_zero_ms", "requested", "granted",
    "observed", "participants", "counts", "gaps", "reconnects", "files", "closed", "stop_reason",
)  # fmt: skip
MAX_BYTES = 16 * 1024 * 1024

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingInfo:
    """What is known about a recording before its first message.

    Attributes:
        ids: the stream's ids under the names that the wire uses.
        profile: name of the credential profile that was used, or "".
        started_ms: wall clock, Unix milliseconds.
        session_zero_ms: server time, when recording begins in mid-session.
        requested: media parameters that were asked for, by medium.
        secrets: values that must never reach the disk.
    """

    product: str
    ids: dict[str, str]
    started_ms: int
    requested: dict[str, Any] = field(default_factory=dict)
    profile: str = ""
    session_zero_ms: int | None = None
    app_version: str = __version__
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def from_config(
        cls,
        config: SessionConfig,
        started_ms: int,
        *,
        profile: str = "",
        session_zero_ms: int | None = None,
        secrets: tuple[str, ...] = (),
    ) -> RecordingInfo:
        """The info of a session; its signature joins the secrets."""
        params = {medium: getattr(config.params, medium) for medium in Medium if medium in config.media}
        return cls(
            product=config.product,
            ids={config.id_key: config.meeting_id, "rtms_stream_id": config.stream_id},
            started_ms=started_ms,
            requested={str(m): msgspec.to_builtins(p) for m, p in params.items() if p is not None},
            profile=profile,
            session_zero_ms=session_zero_ms,
            secrets=tuple(secret for secret in (*secrets, config.signature) if secret),
        )

    def to_record(self) -> dict[str, Any]:
        """The info as a ``/control`` record, so that a manifest can be made again from the tape alone."""
        record = {name: getattr(self, name) for name in self.__slots__ if name != "secrets"}
        return {"do": "recording", "schema": SCHEMA} | record

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> RecordingInfo:
        """Raises BundleError for a record that is none."""
        try:
            return msgspec.convert({k: v for k, v in record.items() if k != "secrets"}, cls)
        except msgspec.ValidationError as error:
            raise BundleError("the tape's description of the recording cannot be read", str(error)) from error


def write_manifest(bundle: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step: a reader (or a crash) finds the old one or the new one. Raises OSError."""
    write_atomic(bundle / names.MANIFEST, msgspec.json.format(to_json(manifest), indent=1) + b"\n")


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file that is never seen half written. Raises OSError."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def read_manifest(bundle: Path) -> Manifest | None:
    """The manifest, or None where it is missing or cannot be trusted (it can then be made again from the tape)."""
    path = bundle / names.MANIFEST
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        manifest = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
    if not isinstance(manifest, dict) or any(key not in manifest for key in KEYS):
        return None
    return manifest if manifest["schema"] == SCHEMA and isinstance(manifest["closed"], bool) else None
