"""One export before it is asked for: what can be chosen, what is chosen, and what is still missing (main thread)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import ExportChanged, ExportLooked
from rtms_desktop.app.naming import has_title, stream_name
from rtms_desktop.recording.export.options import (
    FILMS,
    SEVERAL,
    SOUNDS,
    TEXTS,
    ExportOptions,
    FillPicture,
    Format,
    Gaps,
)
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import one_line, sentence_case, short_clock
from rtms_desktop.wire.enums import Medium

EVERYBODY, EACH = "", "each"
NAME_MAX = 80
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')

FORMATS: dict[Format, tuple[str, str]] = {
    Format.MP4: ("Film", "One picture with the mixed sound; opens in every player."),
    Format.MKV: ("Film, every track", "All pictures, every voice without loss, and the transcript as subtitles."),
    Format.WAV: ("Sound", "Uncompressed, sample for sample as it was recorded."),
    Format.FLAC: ("Sound, half the size", "The same samples without loss, for players and transcription."),
    Format.VTT: ("Captions", "WebVTT with a voice for each speaker, for web players."),
    Format.SRT: ("Subtitles", "SubRip with the speaker before each line, for video programs."),
    Format.TXT: ("Text", "Transcript and chat with times, to read and to send."),
    Format.JSON: ("Data", "Lines, chat, people and gaps for programs."),
    Format.CSV: ("Table", "One line of the transcript in each row, for spreadsheets."),
    Format.HTML: ("Report", "One page with the time line, gaps, transcript and chat; opens in a browser."),
}
_NEEDS: dict[Format, tuple[frozenset[Medium], str]] = (
    dict.fromkeys(
        FILMS,
        (frozenset({Medium.VIDEO, Medium.SHARE, Medium.AUDIO}), "Neither pictures nor sound were received."),
    )
    | dict.fromkeys(SOUNDS, (frozenset({Medium.AUDIO}), "No sound was received."))
    | dict.fromkeys(TEXTS - {Format.HTML}, (frozenset({Medium.TRANSCRIPT}), "No transcript was received."))
    | dict.fromkeys(
        (Format.TXT, Format.JSON),
        (frozenset({Medium.TRANSCRIPT, Medium.CHAT}), "Neither transcript nor chat was received."),
    )
    | {Format.HTML: (frozenset(), "")}
)
_GAPS = {
    Gaps.FILL: ("Keep the time", "Silence, and the last picture stands on."),
    Gaps.MARK: ("Keep the time and mark", ""),
    Gaps.CLOSE: ("Close up", "Time in which nothing was received is cut out; all behind it moves up."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose; ``why_not``: why it cannot be."""

    key: str
    name: str
    line: str = ""
    why_not: str = ""


class ExportForm(QObject):
    """``changed``: anything that is shown. ``span``: server times of the A-B loop, None without one.

    Attributes:
        problem: why nothing can be exported, or "".
        job: the export that was asked for, as it stands now.
    """

    changed = Signal()

    def __init__(self, controller: Any, recording: Path, job: ExportChanged | None = None) -> None:
        super().__init__()
        self._controller = controller
        self.recording = recording
        self.contents: Any = None
        self.span: tuple[int, int] | None = None
        self.problem = ""
        self.format, self.gaps, self.black = Format.MP4, Gaps.FILL, False
        self.who, self.only_part = EVERYBODY, False
        self.target = ""
        self.job = job
        self._named_by_hand = job is not None
        if job is not None:
            self.format, self.target = Format(job.format), str(job.out)
        listen(self, controller.hub, {ExportLooked: self._looked, ExportChanged: self._heard})
        controller.exports.look(recording, self._loop())

    # -- what is shown -------------------------------------------------------------------------------------------

    def subject(self) -> str:
        """``Weekly sync · 19 Nov 2026 15:02 · 48:12 · 3 people``"""
        found = self.contents
        if found is None:
            return self.problem or "Looking at the recording …"
        when = datetime.fromtimestamp(found.started_ms / 1000)
        people = len(found.people)
        parts = [one_line(self.title, 60), f"{when.day} {when:%b %Y %H:%M}", short_clock(found.length_ms / 1000)]
        return " · ".join([*parts, "1 person" if people == 1 else f"{people} people"])

    @property
    def title(self) -> str:
        """What the recording is called; "" while that is not known."""
        found = self.contents
        if found is None or found.bundle is None or has_title(found.title, found.bundle):
            return found.title if found is not None else ""
        return stream_name("", (name for _, name in found.people), found.started_ms)

    def formats(self) -> list[Choice]:
        return [Choice(kind, f"{name}", line, self._why_no(kind)) for kind, (name, line) in FORMATS.items()]

    def people(self) -> list[Choice]:
        """Whose the export is; one entry or none = nothing to choose."""
        if self.contents is None or self.format is Format.HTML:
            return []
        first = {
            Format.MP4: "One film: the active speaker, or who was seen most", Format.WAV: "One file: the mix of all",
            Format.FLAC: "One file: the mix of all",
        }.get(self.format, "Everybody")  # fmt: skip
        made = [Choice(EVERYBODY, first)]
        if self.format in SEVERAL:
            each = "A film for each person" if self.format is Format.MP4 else "A file for each person, and the mix"
            made.append(Choice(EACH, each, "They go into a folder."))
        return made + [Choice(str(user), f"Only {one_line(name, 60)}") for user, name in self.contents.people]

    def gap_choices(self) -> list[Choice]:
        if self.format is Format.HTML:
            return []
        mark = {True: "A chapter for each gap.", False: "A line for each gap."}[self.format in FILMS]
        mark = "A table of the gaps beside the sound." if self.format in SOUNDS else mark
        fill = {True: _GAPS[Gaps.FILL][1], False: "Times stay as they were."}[self.format in FILMS]
        fill = "Silence where nothing was received." if self.format in SOUNDS else fill
        lines = {Gaps.FILL: fill, Gaps.MARK: mark, Gaps.CLOSE: _GAPS[Gaps.CLOSE][1]}
        return [Choice(gaps, name, lines[gaps]) for gaps, (name, _) in _GAPS.items()]

    @property
    def can_be_black(self) -> bool:
        return self.format in FILMS and self.gaps is not Gaps.CLOSE

    def part_choices(self) -> list[Choice]:
        """All or the loop; empty without a loop."""
        if self.span is None or self.contents is None:
            return []
        length = (self.span[1] - self.span[0]) / 1000
        why_not = "A report tells of the whole recording." if self.format is Format.HTML else ""
        note = "The pictures are encoded again, so that it begins exactly at A." if self.format in FILMS else ""
        return [
            Choice("", "The whole recording"),
            Choice("part", f"The loop from A to B, {short_clock(length)}", note, why_not),
        ]

    def why_not(self) -> str:
        """Why it cannot be asked for yet, or ""."""
        if self.problem:
            return self.problem
        if self.contents is None:
            return "The recording is being looked at."
        if not self.target.strip():
            return "Say where to save it."
        out = Path(self.target)
        if not out.is_absolute() or not out.parent.is_dir():
            return f"There is no folder {out.parent}."
        if self.who == EACH and out.is_file():
            return f"{out.name} is a file; these files need a folder."
        if self.who != EACH and out.is_dir():
            return f"{out.name} is a folder; say a name in it."
        return self._why_no(self.format)

    def replaces(self) -> str:
        """What would be replaced, or ""."""
        out = Path(self.target)
        if self.who == EACH:
            return f"files of the same names in {out.name}" if out.is_dir() and any(out.iterdir()) else ""
        return out.name if out.exists() else ""

    # -- choosing ------------------------------------------------------------------------------------------------

    def choose_format(self, kind: str) -> None:
        before, self.format = self.format, Format(kind)
        if (self.who == EACH and self.format not in SEVERAL) or self.format is Format.HTML:
            self.who = EVERYBODY
        if self.format is Format.HTML:
            self.only_part = False
        self._name(before)

    def choose_gaps(self, gaps: str) -> None:
        self.gaps = Gaps(gaps)
        self._name(self.format)

    def choose_black(self, black: bool) -> None:
        self.black = black
        self._name(self.format)

    def choose_who(self, who: str) -> None:
        self.who = who
        self._name(self.format)

    def choose_part(self, part: str) -> None:
        self.only_part = bool(part)
        self._name(self.format)

    def choose_target(self, target: str) -> None:
        if target != self.target:
            self.target, self._named_by_hand, self.job = target, True, None
            self.changed.emit()

    def start(self, *, replace: bool = False) -> None:
        """Ask for the export; ``job`` follows it."""
        if self.why_not():
            return
        folder = self.who == EACH
        out = self.target.rstrip("/\\") + "/" if folder else self.target
        options = ExportOptions(
            format=self.format,
            out=out,
            gaps=Gaps.FILL if self.format is Format.HTML else self.gaps,
            fill_picture=FillPicture.BLACK if self.black and self.can_be_black else FillPicture.LAST,
            user_id=None if self.who in (EVERYBODY, EACH) else int(self.who),
            span=self.span if self.only_part else None,
            force=replace,
        )
        self._controller.settings.change(exports=str(Path(self.target).parent))
        self.job = self._controller.exports.start(self.recording, options, title=self.title)
        self.changed.emit()

    def cancel(self) -> None:
        if self.job is not None:
            self._controller.exports.cancel(self.job.number)

    # -- inside --------------------------------------------------------------------------------------------------

    def _loop(self) -> Any:
        """How to ask for the server times of A and B, where this recording is shown and has a loop; else None."""
        session = self._controller.session
        if session is None or not session.is_replay or session.loop_ms is None:
            return None
        shown = session.source.bundle or session.source.tape
        if shown.resolve() != self.recording.resolve():
            return None
        units, ends = session.source.units, [session.opened_at + ms / 1000 for ms in session.loop_ms]
        return lambda: tuple(round(units.server_ms(at)) for at in ends)

    def _looked(self, event: ExportLooked) -> None:
        if event.recording != self.recording or self.contents is not None:
            return
        self.contents, self.span = event.contents, event.span
        self.only_part = event.span is not None
        self.problem = (
            "" if event.contents else sentence_case(": ".join(part for part in (event.what, event.why) if part))
        )
        if event.contents is not None and self._why_no(self.format):
            self.format = next(kind for kind in FORMATS if not self._why_no(kind))
        job = self.job
        self._name(self.format)
        self.job = job
        self.changed.emit()

    def _heard(self, event: ExportChanged) -> None:
        if self.job is not None and event.number == self.job.number:
            self.job = event
            self.changed.emit()

    def _why_no(self, kind: Format) -> str:
        media, why = _NEEDS[kind]
        return why if self.contents is not None and media and not media & self.contents.media else ""

    def _name(self, before: Format) -> None:
        """Something else is wanted: keep the name fitting; a person's own name only gets the other ending."""
        self.job = None
        if self.contents is not None:
            out = Path(self.target) if self._named_by_hand and self.target else None
            if out is None:
                out = self._controller.settings.exports / self._proposal()
            elif self.who != EACH and out.suffix in (f".{before}", ""):
                out = out.with_suffix(f".{self.format}")
            elif self.who == EACH:
                out = out.with_suffix("")
            self.target = str(out)
        self.changed.emit()

    def _proposal(self) -> str:
        found = self.contents
        when = datetime.fromtimestamp(found.started_ms / 1000)
        title = _UNSAFE.sub(" ", one_line(self.title, NAME_MAX)).strip(" .") or "Recording"
        day = f"{when:%Y-%m-%d %H%M}"
        words = [title] if day[:10] in title else [title, day]
        if self.who not in (EVERYBODY, EACH):
            name = next((name for user, name in found.people if str(user) == self.who), "")
            words.append(_UNSAFE.sub(" ", one_line(name, 40)).strip(" ."))
        if self.only_part:
            words.append("part")
        stem = " ".join(word for word in words if word)
        return stem if self.who == EACH else f"{stem}.{self.format}"
