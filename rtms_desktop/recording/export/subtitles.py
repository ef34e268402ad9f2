"""What was said as captions: WebVTT, SubRip and the subtitles of a film. Any thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import av
from av.stream import Stream

from rtms_desktop.recording.export.material import Material, one_line
from rtms_desktop.recording.export.spans import Timeline
from rtms_desktop.recording.sidecars import MIN_CUE_MS, VTT_HEAD, clock_text, escape
from rtms_desktop.recording.video_track import TIME_BASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """One utterance, or with ``speaker`` "" the mark of a gap; milliseconds of the export, text on one line."""

    start_ms: int
    end_ms: int
    speaker: str
    user_id: int | None
    text: str
    language: int | None = None


def captions_of(
    material: Material, user_id: int | None, timeline: Timeline, *, mark_gaps: bool = False
) -> list[Caption]:
    """By start; marked gaps stand among them."""
    found = []
    for segment in material.transcript:
        if user_id not in (None, segment.user_id):
            continue
        start = max(0, segment.start_ms - material.zero_ms)
        end = max(start, segment.end_ms - material.zero_ms)
        if not timeline.wants(start, end):
            continue
        found.append(
            Caption(
                start_ms=timeline.at(start),
                end_ms=timeline.at(end),
                speaker=material.speaker(segment.user_id, segment.user_name),
                user_id=segment.user_id,
                text=one_line(segment.text),
                language=segment.language,
            )
        )
    for start, end, reason in material.losses(user_id) if mark_gaps else []:
        if not timeline.wants(start, end):
            continue
        text = f"[gap of {(end - start) / 1000:.1f} s: {reason.replace('_', ' ')}]"
        found.append(Caption(start_ms=timeline.at(start), end_ms=timeline.at(end), speaker="", user_id=None, text=text))
    return sorted(found, key=lambda caption: caption.start_ms)


def vtt(captions: list[Caption], marks: Iterable[tuple[int, str]] = ()) -> str:
    """WebVTT with a voice for each speaker; marks are comments at its head, which no player shows."""
    cues = [f"NOTE mark {clock_text(ms)} {escape(text)}".rstrip() + "\n\n" for ms, text in marks]
    for caption in captions:
        voice = f"<v {escape(caption.speaker)}>" if caption.speaker else ""
        times = f"{clock_text(caption.start_ms)} --> {clock_text(_shown_until(caption))}"
        cues.append(f"{times}\n{voice}{escape(caption.text)}\n\n")
    return VTT_HEAD + "".join(cues)


def srt(captions: list[Caption]) -> str:
    """SubRip; the speaker stands before the text."""
    cues = []
    for number, caption in enumerate(captions, 1):
        times = f"{clock_text(caption.start_ms)} --> {clock_text(_shown_until(caption))}".replace(".", ",")
        cues.append(f"{number}\n{times}\n{_srt_text(caption)}\n\n")
    return "".join(cues)


def caption_packets(
    material: Material, user_id: int | None, stream: Stream, timeline: Timeline
) -> Iterator[av.Packet[Any]]:
    """SubRip packets for a subtitle track."""
    for caption in captions_of(material, user_id, timeline):
        packet: av.Packet[Any] = av.Packet(_srt_text(caption).encode("utf-8", "replace"))
        packet.stream, packet.time_base = stream, TIME_BASE
        packet.pts = packet.dts = caption.start_ms
        packet.duration = _shown_until(caption) - caption.start_ms
        yield packet


def _shown_until(caption: Caption) -> int:
    return max(caption.end_ms, caption.start_ms + MIN_CUE_MS)


def _srt_text(caption: Caption) -> str:
    text = f"{caption.speaker}: {caption.text}" if caption.speaker else caption.text
    # SubRip knows no escaping; an arrow could be taken for the times of a cue.
    return text.replace("-->", "->")
