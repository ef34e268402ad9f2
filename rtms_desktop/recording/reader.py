"""Opens a recording from disk, whole or cut: bundle folder, its open.rtms, or a bare tape. Any thread.

What the manifest would have said is made again from the tape where the manifest is missing or was never closed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from rtms_desktop.errors import BundleError
from rtms_desktop.recording import names
from rtms_desktop.recording.control import Core, config_from_seed, drive
from rtms_desktop.recording.manifest import Manifest, RecordingInfo, read_manifest
from rtms_desktop.recording.summary import SessionSummary
from rtms_desktop.recording.tape_reader import TapeReader, TapeRecord
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.core import SessionCore
from rtms_desktop.session.events import Event, Gap

_HEAD_RECORDS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording on disk.

    Attributes:
        bundle: the folder, or None for a bare tape.
        tape: path of the tape, or None where the bundle has lost it.
        manifest: all keys of manifest.json.
        rebuilt: the manifest was made again from the tape.
        notes: what is damaged, in sentences.
    """

    bundle: Path | None
    tape: Path | None
    manifest: Manifest
    rebuilt: bool = False
    notes: list[str] = field(default_factory=list)


def open_recording(path: Path) -> Recording:
    """Read what a recording is. Raises BundleError, with a sentence for a person, for anything that is none."""
    bundle, tape = locate(path)
    manifest = read_manifest(bundle) if bundle is not None else None
    if tape is None:
        if manifest is None:
            raise BundleError(f"{path} holds no recording", "neither a tape nor a manifest is in it")
        return Recording(bundle=bundle, tape=None, manifest=manifest, notes=["The tape is missing."])
    if manifest is not None and manifest["closed"]:
        return Recording(bundle=bundle, tape=tape, manifest=manifest)
    return rebuild(bundle, tape)


def locate(path: Path) -> tuple[Path | None, Path | None]:
    """(bundle, tape) for a folder, a tape or an open.rtms. Raises BundleError."""
    if path.name == names.OPEN_FILE or (path.name == names.MANIFEST and path.is_file()):
        path = path.parent
    if not path.exists():
        if names.tombstone_of(path).exists():
            raise BundleError(f"{path.name} was deleted because the stream was revoked")
        raise BundleError(f"there is no recording at {path}", fix="Check the path.")
    if path.is_dir():
        tape = path / names.TAPE
        return path, tape if tape.is_file() else None
    bundle = path.parent if path.name == names.TAPE and path.parent.suffix == names.BUNDLE_SUFFIX else None
    return bundle, path


def rebuild(bundle: Path | None, tape: Path) -> Recording:
    """The manifest as the tape alone tells it; ``closed`` stays false. Raises BundleError when nothing can be read."""
    with TapeReader(tape) as reader:
        seed = read_seed(reader)
        summary = SessionSummary(seed.info)
        for record, events in drive(seed.core(), reader.records()):
            summary.feed(events)
            if record.is_control:
                summary.dropped(dropped_gaps(record))
        notes = list(dict.fromkeys(reader.damage.notes))
        if not reader.is_finished:
            notes.append("The recording was cut off before it was closed; all that can be read is shown.")
    files = names.list_files(bundle) if bundle is not None else [tape.name]
    return Recording(
        bundle=bundle, tape=tape, manifest=summary.manifest(files=files, closed=False), rebuilt=True, notes=notes
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What a tape says of itself at its beginning.

    Attributes:
        rng: the seed of the core's random source.
    """

    info: RecordingInfo
    config: SessionConfig
    rng: int

    def core(self) -> SessionCore:
        """A core as the recorded one was before its first input."""
        return SessionCore(self.config, random.Random(self.rng))


def read_seed(reader: TapeReader) -> Seed:
    """Find the seed. Raises BundleError where there is none: the tape is too short, or not ours."""
    info: RecordingInfo | None = None
    first_ns: int | None = None
    for number, record in enumerate(reader.records()):
        first_ns = record.time_ns if first_ns is None else first_ns
        control = record.json() if record.is_control else {}
        if control.get("do") == "recording":
            info = RecordingInfo.from_record(control)
        if control.get("do") == "seed":
            config, rng = config_from_seed(control)
            info = info or RecordingInfo.from_config(config, first_ns // 1_000_000)
            return Seed(info=info, config=config, rng=rng)
        if number >= _HEAD_RECORDS:
            break
    what = f"nothing can be read back from {reader.path}"
    if first_ns is None:
        raise BundleError(what, "the recording was cut off in its first moment")
    raise BundleError(what, "the tape does not say which session it holds")


def dropped_gaps(record: TapeRecord) -> list[Gap]:
    """The holes that a ``dropped`` record tells of."""
    control: dict[str, Any] = record.json()
    if control.get("do") != "dropped":
        return []
    try:
        return msgspec.convert(control.get("gaps"), list[Gap])
    except msgspec.ValidationError:
        return []


def replay(tape: Path, core_of: Callable[[Seed], Core] = Seed.core) -> Iterator[tuple[TapeRecord, list[Event]]]:
    """Every record of a tape with the events that it brings when a fresh core is driven by it."""
    with TapeReader(tape) as reader:
        yield from drive(core_of(read_seed(reader)), reader.records())
