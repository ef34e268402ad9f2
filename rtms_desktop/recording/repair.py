"""Finds bundles that a crash left open and finishes them, losing nothing that was on disk. Any thread.

Every step writes beside the original and replaces it in one move, so a repair can be stopped, or killed, at any time
and begun again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import msgspec

from rtms_desktop.errors import BundleError
from rtms_desktop.recording import names
from rtms_desktop.recording.control import drive
from rtms_desktop.recording.encoding import to_json
from rtms_desktop.recording.manifest import Manifest, read_manifest, write_atomic, write_manifest
from rtms_desktop.recording.marks import Mark, taped_mark
from rtms_desktop.recording.media_mkv import make_media
from rtms_desktop.recording.reader import dropped_gaps, read_seed
from rtms_desktop.recording.sidecars import Captions, chat_row, transcript_row
from rtms_desktop.recording.summary import SessionSummary
from rtms_desktop.recording.tape_reader import TapeReader
from rtms_desktop.recording.tape_repair import Cancelled, Progress, repair_tape
from rtms_desktop.session import events as ev

QUIET_S = 10.0
"""A recorder writes its manifest every two seconds: a bundle untouched for so long has lost its recorder."""

__all__ = ["Cancelled", "Repaired", "list_unclosed", "repair"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What a repair did, in sentences, and the manifest that now stands."""

    bundle: Path
    manifest: Manifest
    notes: list[str]


@dataclass(slots=True)
class _Texts:
    """The text that the tape holds, as rows of the sidecars."""

    transcript: list[dict[str, Any]] = field(default_factory=list)
    chat: list[dict[str, Any]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


def list_unclosed(folder: Path, now_s: float | None = None) -> list[Path]:
    """Bundles of a folder that were never closed and that nobody writes any more, oldest first.

    ``now_s``: seconds since the epoch, for tests.
    """
    now_s = time.time() if now_s is None else now_s
    try:
        bundles = sorted(path for path in folder.iterdir() if path.suffix == names.BUNDLE_SUFFIX and path.is_dir())
    except OSError:
        return []
    return [bundle for bundle in bundles if is_unclosed(bundle) and now_s - _touched(bundle) >= QUIET_S]


def is_unclosed(bundle: Path) -> bool:
    """Whether a bundle has a tape and no manifest that says it was closed."""
    manifest = read_manifest(bundle)
    return (bundle / names.TAPE).is_file() and not (manifest is not None and manifest["closed"])


def repair(
    bundle: Path, progress: Progress = lambda part: None, cancelled: Callable[[], bool] = lambda: False
) -> Repaired:
    """Finish tape, text, video files, media.mkv and manifest of a bundle.

    ``progress`` is called with 0 to 1. Raises BundleError when nothing can be read, OSError when the disk refuses,
    Cancelled when ``cancelled`` said so; the bundle can then be repaired again.
    """
    tape = bundle / names.TAPE
    notes: list[str] = []
    with TapeReader(tape) as reader:
        cut = not reader.is_finished
    saved = repair_tape(tape, lambda part: progress(part * 0.3), cancelled)
    if cut:
        notes.append(f"The tape was given its index; its last {saved} messages were saved from an unfinished block.")
    summary, texts = _read_through(tape, lambda part: progress(0.3 + part * 0.4), cancelled, notes)
    _repair_texts(bundle, texts, summary.zero_ms or 0, notes)
    _repair_videos(bundle, cancelled, notes)
    progress(0.8)
    if cancelled():
        raise Cancelled
    make_media(bundle)
    manifest = summary.manifest(files=names.list_files(bundle), closed=True) | {"repaired": notes}
    write_manifest(bundle, manifest)
    progress(1.0)
    return Repaired(bundle=bundle, manifest=manifest, notes=notes)


# -- inside ------------------------------------------------------------------------------------------------


def _touched(bundle: Path) -> float:
    """When something was last written, in seconds since the epoch."""
    times = []
    for name in (names.TAPE, names.MANIFEST):
        try:
            times.append((bundle / name).stat().st_mtime)
        except OSError:
            continue
    return max(times, default=0.0)


def _read_through(
    tape: Path, progress: Progress, cancelled: Callable[[], bool], notes: list[str]
) -> tuple[SessionSummary, _Texts]:
    texts = _Texts()
    with TapeReader(tape) as reader:
        seed = read_seed(reader)
        summary = SessionSummary(seed.info)
        first, last = _span(reader)
        for number, (record, events) in enumerate(drive(seed.core(), reader.records())):
            summary.feed(events)
            if record.is_control:
                summary.dropped(dropped_gaps(record))
                mark = taped_mark(record.json())
                texts.marks += [] if mark is None else [mark]
            for event in events:
                if isinstance(event, ev.TranscriptReceived):
                    texts.transcript.append(transcript_row(event.message))
                elif isinstance(event, ev.ChatReceived):
                    texts.chat.append(chat_row(event.message))
            if number % 2000 == 0:
                if cancelled():
                    raise Cancelled
                progress(min(1.0, max(0.0, (record.time_ns - first) / max(1, last - first))))
        notes += dict.fromkeys(reader.damage.notes)
    return summary, texts


def _span(reader: TapeReader) -> tuple[int, int]:
    places = reader.chunks()
    if not places:
        raise BundleError(f"nothing can be read back from {reader.path}", "the recording was cut off at once")
    return places[0].first_ns, places[-1].last_ns


def _repair_texts(bundle: Path, texts: _Texts, zero_ms: int, notes: list[str]) -> None:
    """Text files end in a whole line and lack nothing that is on the tape."""
    _repair_rows(bundle / names.TRANSCRIPT, texts.transcript, notes)
    _repair_rows(bundle / names.CHAT, texts.chat, notes)
    _repair_rows(bundle / names.EVENTS, [], notes)
    _repair_marks(bundle / names.MARKS, texts.marks, notes)
    captions = Captions()
    for row in _rows(bundle / names.TRANSCRIPT)[0]:
        try:
            captions.add(row)
        except (KeyError, TypeError):
            continue
    write_atomic(bundle / names.TRANSCRIPT_VTT, captions.text(zero_ms).encode("utf-8", "replace"))


def _repair_rows(path: Path, taped: list[dict[str, Any]], notes: list[str]) -> None:
    rows, broken = _rows(path)
    missing = _missing(rows, taped)
    if not broken and not missing and path.exists():
        return
    if broken or missing:
        notes.append(f"{path.name}: {len(missing)} lines were added from the tape, {broken} unfinished ones removed.")
    write_atomic(path, b"".join(to_json(row) + b"\n" for row in [*rows, *missing]))


def _repair_marks(path: Path, taped: list[Mark], notes: list[str]) -> None:
    """The sidecar has the last word on every mark that it knows; of the tape come the others."""
    rows, _ = _rows(path)
    known = {row.get("id") for row in rows if isinstance(row, dict)}
    missing = [msgspec.to_builtins(mark) for mark in taped if mark.id not in known]
    _repair_rows(path, [*rows, *missing], notes)


def _missing(rows: list[Any], taped: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the tape that the file lacks; a row that stands there twice has to be there twice."""
    there: dict[bytes, int] = {}
    for row in rows:
        key = to_json(row)
        there[key] = there.get(key, 0) + 1
    missing = []
    for row in taped:
        key = to_json(row)
        there[key] = there.get(key, 0) - 1
        if there[key] < 0:
            missing.append(row)
    return missing


def _rows(path: Path) -> tuple[list[Any], int]:
    """The lines that are whole, and how many are not."""
    rows, broken = [], 0
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    for line in data.splitlines():
        try:
            rows.append(msgspec.json.decode(line))
        except msgspec.DecodeError:
            broken += 1
    return rows, broken


def _repair_videos(bundle: Path, cancelled: Callable[[], bool], notes: list[str]) -> None:
    """Give cut Matroska files their duration and their seek points; one that cannot be copied whole stays as it is."""
    for path in sorted((*bundle.glob("video/*.mkv"), *bundle.glob("share/*.mkv"))):
        if cancelled():
            raise Cancelled
        temporary = path.with_name(path.name + ".tmp")
        try:
            if _is_whole(path) or _remux(path, temporary) < _count(path):
                continue
            os.replace(temporary, path)
        except av.FFmpegError as error:
            notes.append(f"{path.name} was left as it is ({error.strerror}).")
        finally:
            temporary.unlink(missing_ok=True)


def _is_whole(path: Path) -> bool:
    """Whether a Matroska file was finished: only then it knows its length."""
    with av.open(str(path)) as container:
        return container.duration is not None


def _remux(path: Path, target: Path) -> int:
    """Copy every packet; returns how many."""
    copied = 0
    with av.open(str(path)) as source, av.open(str(target), "w", format="matroska") as out:
        track = source.streams.video[0]
        stream = out.add_stream_from_template(track)
        stream.time_base = track.time_base
        for packet in source.demux(track):
            if packet.pts is None:
                continue
            packet.stream = stream
            out.mux_one(packet)
            copied += 1
    return copied


def _count(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(packet.pts is not None for packet in container.demux(container.streams.video[0]))
