"""What this computer can do: the checks of the doctor that need no payload. Any thread but the window's: some block."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rtms_desktop.app.credentials import CredentialStore
from rtms_desktop.app.settings import Settings

MOCK_PORTS = (9092, 8081)
LOW_DISK_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the report. ``exit_code`` 0: passed, or worth a note only (then ``fix`` says what would help)."""

    name: str
    detail: str
    ok: bool = True
    fix: str = ""
    exit_code: int = 0


def check_machine(settings: Settings) -> Iterator[Check]:
    yield Check(name="Python", detail=f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield _codecs()
    yield _sound()
    yield _display()
    yield _keyring(settings)
    yield _disk(settings.recordings)
    for port in MOCK_PORTS:
        yield _port(port)


def _codecs() -> Check:
    try:
        import av
    except ImportError as error:
        return Check(name="Codecs", detail=str(error), ok=False, fix="Install the package av.", exit_code=2)
    needed = {"h264": "r", "mjpeg": "r", "png": "r", "g722": "r", "pcm_alaw": "r", "opus": "r", "flac": "w"}
    missing = []
    for name, mode in needed.items():
        try:
            av.codec.Codec(name, mode)  # type: ignore[arg-type]
        except ValueError:
            missing.append(name)
    if missing:
        return Check(
            name="Codecs",
            detail=f"missing: {', '.join(missing)}",
            ok=False,
            fix="Install PyAV's own wheel.",
            exit_code=2,
        )
    return Check(name="Codecs", detail=f"PyAV {av.__version__}: H.264, JPEG, PNG, G.711, G.722, Opus, FLAC")


def _sound() -> Check:
    from rtms_desktop.media.sinks import open_sink

    sink = open_sink(None)
    try:
        if sink.problem:
            return Check(name="Sound", detail=sink.problem, ok=False, fix="Recording and pictures are not affected.")
        return Check(name="Sound", detail=sink.name)
    finally:
        sink.close()


def _display() -> Check:
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return Check(name="Display", detail="none", ok=False, fix="record, inspect, export and mock work without one.")
    if importlib.util.find_spec("PySide6") is None:
        return Check(name="Display", detail="PySide6 is not installed", ok=False, fix="Install PySide6-Essentials.")
    return Check(name="Display", detail=os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or "native")


def _keyring(settings: Settings) -> Check:
    keeps = CredentialStore(settings).keeps
    if keeps == "keyring":
        return Check(name="Keyring", detail="secrets are kept in the system keyring")
    fix = "Give the secret each time, or set ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET."
    return Check(name="Keyring", detail="none: secrets last for one session only", ok=False, fix=fix)


def _disk(folder: Path) -> Check:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB free at {folder}"
    if free < LOW_DISK_BYTES:
        return Check(name="Disk", detail=text, ok=False, fix="Free space or choose another folder for recordings.")
    return Check(name="Disk", detail=text)


def _port(port: int) -> Check:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            why = error.strerror or str(error)
            return Check(
                name=f"Port {port}", detail=why, ok=False, fix="The window takes another; `mock` needs --port 0."
            )
    return Check(name=f"Port {port}", detail="free for the mock server")
