"""Which time of a recording holds something, and the timeline of an export that closes up the rest. Any thread."""

from __future__ import annotations

from pathlib import Path

import av

from rtms_desktop.recording import names
from rtms_desktop.recording.export.material import Material
from rtms_desktop.recording.export.options import SOUNDS, ExportOptions, Gaps
from rtms_desktop.recording.export.rows import InventedRun, invented_runs
from rtms_desktop.recording.export.spans import Span, Timeline, united, without
from rtms_desktop.wire.enums import Medium


def timeline_of(material: Material, options: ExportOptions) -> Timeline:
    """The clock of an export: session time, or what is left of it when only a part is wanted or gaps are closed up.

    Sound is closed up where nobody whom it is made of was heard. Films and texts share one clock: theirs is closed up
    where there was neither sound nor picture nor word.
    """
    part = material.part(options.span)
    # A minute more than the end: what is encoded may overhang the last message by its own length.
    last = material.end_ms + 60_000
    unwanted = [] if part is None else without(0, last, [part])
    if options.gaps is not Gaps.CLOSE:
        return Timeline(unwanted, part)
    covered = heard(material, options.user_id)
    if options.format not in SOUNDS:
        covered += seen(material, options.user_id) + said(material, options.user_id)
    return Timeline([*unwanted, *without(0, last, united(covered))], part)


def heard(material: Material, user_id: int | None) -> list[Span]:
    """When sound was received, to the whole millisecond outwards."""
    runs: dict[str, list[InventedRun]] = {}
    for run in invented_runs(material.folder / names.GAPS):
        runs.setdefault(run.file, []).append(run)
    spans: list[Span] = []
    for user, paths in material.sounds.items():
        for path in paths if user_id in (None, user) else []:
            rate, _, samples = sound_format(path)
            invented = runs.get(f"audio/{path.name}", [])
            holes = [(run.start_sample, run.start_sample + run.samples) for run in invented]
            spans += [
                (start * 1000 // rate, -(-end * 1000 // rate)) for start, end in without(0, samples, united(holes))
            ]
    return spans


def seen(material: Material, user_id: int | None) -> list[Span]:
    """When there were pictures: from the first to the last of each track, without its gaps."""
    spans: list[Span] = []
    for medium in (Medium.VIDEO, Medium.SHARE):
        for user, track in material.facts.observed.get(medium, {}).items():
            if user_id not in (None, user):
                continue
            gaps = [gap for gap in material.gaps() if gap.medium is medium and gap.user_id in (user, 0)]
            holes = united((gap.start_ms - material.zero_ms, (gap.end_ms or 0) - material.zero_ms) for gap in gaps)
            first, last = track.first_ms - material.zero_ms, track.end_ms(medium) - material.zero_ms
            spans += without(max(0, first), max(0, last), holes)
    return spans


def said(material: Material, user_id: int | None) -> list[Span]:
    """When there were words."""
    zero = material.zero_ms
    return [
        (max(0, segment.start_ms - zero), max(segment.end_ms, segment.start_ms + 1) - zero)
        for segment in material.transcript
        if user_id in (None, segment.user_id)
    ]


def sound_format(path: Path) -> tuple[int, int, int]:
    """(samples a second, channels, samples) of a FLAC file, also of one that was never closed; zeros for none."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            rate, channels, duration = stream.rate or 16_000, stream.channels, stream.duration
            if duration and stream.time_base:
                return rate, channels, round(duration * stream.time_base * rate)
            samples = 0
            for packet in container.demux(stream):
                if packet.pts is not None and packet.duration and packet.time_base:
                    samples = max(samples, round((packet.pts + packet.duration) * packet.time_base * rate))
            return rate, channels, samples
    except (av.FFmpegError, IndexError):
        return 16_000, 1, 0
