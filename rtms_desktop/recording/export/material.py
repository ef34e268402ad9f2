"""What an export is made of: the files of a bundle, or the same files made again from its tape. Any thread."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from rtms_desktop.errors import BundleError, UsageError
from rtms_desktop.recording import names
from rtms_desktop.recording.export.chat import ChatMessage, read_chat
from rtms_desktop.recording.export.from_tape import files_from_tape
from rtms_desktop.recording.export.options import Watch
from rtms_desktop.recording.export.spans import Hole, Span, strongest
from rtms_desktop.recording.export.transcript import Segment, read_transcript
from rtms_desktop.recording.marks import Mark, read_marks
from rtms_desktop.recording.reader import Recording
from rtms_desktop.session.events import Gap, GapReason
from rtms_desktop.wire.enums import DataOpt, Medium

_AUDIO_MS, _PICTURE_MS = 20, 1000
LOSSES = frozenset({GapReason.PAUSE, GapReason.SOCKET_DOWN, GapReason.DROPPED_HERE})
"""Why there may be nothing although somebody spoke; silence and a camera that is off are part of a meeting."""
_TRACK_FILE = re.compile(r"(-?[0-9]+)(?:-([0-9]+))?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


class Person(msgspec.Struct, frozen=True):
    user_id: int
    name: str = ""


class TrackFacts(msgspec.Struct, frozen=True):
    """What was seen of one participant in one medium; ``first_ms`` and ``last_ms`` in server time."""

    messages: int = 0
    first_ms: int = 0
    last_ms: int = 0
    bytes: int = 0
    codec: str = ""
    resolutions: list[tuple[int, int]] = []
    fps: float | None = None
    sample_rates: list[int] = []

    def end_ms(self, medium: str) -> int:
        """Server time when the last unit is over: a block of sound, or a picture at the usual pace of its track."""
        if medium == Medium.AUDIO:
            return self.last_ms + _AUDIO_MS
        return self.last_ms + (min(_PICTURE_MS, round(1000 / self.fps)) if self.fps else _PICTURE_MS)


class Facts(msgspec.Struct, frozen=True):
    """The keys of a manifest that exports use."""

    product: str
    started_ms: int
    session_zero_ms: int | None
    ids: dict[str, str]
    participants: list[Person]
    counts: dict[str, int]
    gaps: list[Gap]
    reconnects: int
    stop_reason: int | None
    closed: bool
    observed: dict[str, dict[int, TrackFacts]]
    requested: dict[str, Any]
    granted: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Material:
    """One recording, ready to be exported.

    Attributes:
        title: name of the recording.
        folder: holds ``audio/``, ``video/``, ``share/`` and the text, as a bundle does.
        notes: what is damaged, in sentences.
        marks: what a person marked, by time.
    """

    title: str
    folder: Path
    facts: Facts
    notes: list[str]
    marks: list[Mark] = field(default_factory=list)

    @cached_property
    def zero_ms(self) -> int:
        """Session zero in server time; where no media told it, the first thing said, else when recording began."""
        if self.facts.session_zero_ms is not None:
            return self.facts.session_zero_ms
        said = [segment.start_ms for segment in self.transcript] + [message.at_ms for message in self.chat]
        return min(said, default=self.facts.started_ms)

    @cached_property
    def names(self) -> dict[int, str]:
        """Names by user id, on one line each; everybody who is named anywhere."""
        found = {person.user_id: one_line(person.name) for person in self.facts.participants}
        for segment in self.transcript:
            if not found.get(segment.user_id):
                found[segment.user_id] = one_line(segment.user_name)
        return found

    def speaker(self, user_id: int | None, name: str = "") -> str:
        """A name to show, never empty."""
        if user_id is None:
            return one_line(name) or "unknown"
        return one_line(name) or self.names.get(user_id) or str(user_id)

    @cached_property
    def transcript(self) -> list[Segment]:
        return read_transcript(self.folder / names.TRANSCRIPT)

    @cached_property
    def chat(self) -> list[ChatMessage]:
        return read_chat(self.folder / names.CHAT)

    @cached_property
    def sounds(self) -> dict[int, list[Path]]:
        """FLAC files by user id; 0 is the server's mix."""
        return tracks_in(self.folder / "audio", ".flac")

    @cached_property
    def users(self) -> set[int]:
        """Everybody of whom there is anything."""
        seen = {user_id for tracks in self.facts.observed.values() for user_id in tracks}
        return seen | set(self.names) | set(self.sounds)

    @property
    def one_active_speaker(self) -> bool:
        """Whether the server was to send whoever speaks, and nobody else."""
        video = self.facts.granted.get(Medium.VIDEO) or self.facts.requested.get(Medium.VIDEO) or {}
        return isinstance(video, dict) and video.get("data_opt") == DataOpt.VIDEO_SINGLE_ACTIVE

    @cached_property
    def end_ms(self) -> int:
        """The end of everything, after session zero."""
        ends = [track.end_ms(medium) for medium, tracks in self.facts.observed.items() for track in tracks.values()]
        ends += [max(segment.start_ms, segment.end_ms) for segment in self.transcript]
        ends += [message.at_ms for message in self.chat]
        return max([end - self.zero_ms for end in ends] + [0])

    def gaps(self, user_id: int | None = None) -> list[Gap]:
        """The gaps of everybody or of one participant, by start; a gap that was never closed ends with everything."""
        last = self.zero_ms + self.end_ms
        listed = [_ended(gap, last) for gap in self.facts.gaps if user_id is None or gap.user_id in (user_id, 0)]
        return sorted(listed, key=lambda gap: (gap.start_ms, gap.medium, gap.user_id))

    def losses(self, user_id: int | None = None) -> list[Hole]:
        """When something may be missing, after session zero: disjoint, with the gravest reason."""
        return strongest(
            (max(0, gap.start_ms - self.zero_ms), (gap.end_ms or 0) - self.zero_ms, gap.reason)
            for gap in self.gaps(user_id)
            if gap.reason in LOSSES
        )

    def part(self, span: tuple[int, int] | None) -> Span | None:
        """What is wanted of the recording, in ms after session zero; None = all of it."""
        return None if span is None else (max(0, span[0] - self.zero_ms), max(0, span[1] - self.zero_ms))

    def span_of(self, part: tuple[int, int | None]) -> Span:
        """A part told in ms after session zero, in server time."""
        start, end = part
        return self.zero_ms + start, self.zero_ms + (max(self.end_ms, start + 1) if end is None else end)

    def check_span(self, span: tuple[int, int] | None) -> None:
        """Raises UsageError for a part outside the recording."""
        part = self.part(span)
        if part is not None and not part[0] < min(part[1], self.end_ms):
            raise UsageError("there is nothing in that part of the recording", "", "Choose another part.")

    def check_user(self, user_id: int | None) -> None:
        """Raises UsageError for somebody who is not in the recording."""
        if user_id is not None and user_id not in self.users:
            known = ", ".join(f"{user} ({self.speaker(user)})" for user in sorted(self.users)) or "nobody"
            raise UsageError(f"there is no participant {user_id} in the recording", "", f"It holds: {known}.")


def open_material(recording: Recording, scratch: Path, watch: Watch) -> Material:
    """Raises BundleError when the recording cannot be used; makes ``scratch`` when the tape must help out."""
    facts = facts_of(recording)
    path = recording.bundle or recording.tape
    title = path.stem if path is not None else ""
    folder = recording.bundle
    if folder is None or (recording.tape is not None and not _has_all(folder, facts)):
        assert recording.tape is not None
        files_from_tape(recording.tape, scratch, watch)
        folder = scratch
    book = (read_marks(recording.bundle) if recording.bundle is not None else None) or read_marks(folder)
    marks = book.marks if book is not None else []
    return Material(title=title, folder=folder, facts=facts, notes=recording.notes, marks=marks)


def facts_of(recording: Recording) -> Facts:
    """Raises BundleError when the manifest is none."""
    try:
        return msgspec.convert(recording.manifest, Facts, strict=False)
    except msgspec.ValidationError as error:
        raise BundleError("the recording's manifest cannot be read", str(error)) from error


def tracks_in(folder: Path, suffix: str) -> dict[int, list[Path]]:
    """Files by user id, in the order in which they were begun: ``<user>.flac``, ``<user>-2.flac`` ..."""
    numbered: dict[int, list[tuple[int, Path]]] = {}
    for path in folder.glob("*" + suffix):
        found = _TRACK_FILE.fullmatch(path.stem)
        if found is not None:
            numbered.setdefault(int(found[1]), []).append((int(found[2] or 1), path))
    return {user: [path for _, path in sorted(files)] for user, files in sorted(numbered.items())}


def one_line(text: str) -> str:
    """Without line ends and control characters: names and words come from the wire."""
    return _CONTROL.sub(" ", " ".join(text.split())).strip()


def _has_all(folder: Path, facts: Facts) -> bool:
    needed = {
        Medium.AUDIO: ("audio/*.flac", names.GAPS),
        Medium.VIDEO: ("video/*",),
        Medium.SHARE: ("share/*",),
        Medium.TRANSCRIPT: (names.TRANSCRIPT,),
        Medium.CHAT: (names.CHAT,),
    }
    return all(
        any(folder.glob(pattern))
        for medium, patterns in needed.items()
        if facts.counts.get(medium)
        for pattern in patterns
    )


def _ended(gap: Gap, last_ms: int) -> Gap:
    end_ms = max(gap.start_ms, last_ms) if gap.end_ms is None else gap.end_ms
    return Gap(medium=gap.medium, user_id=gap.user_id, start_ms=gap.start_ms, end_ms=end_ms, reason=gap.reason)
