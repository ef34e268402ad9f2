"""WAV and FLAC: a file per speaker and the mix, sample for sample as recorded. Worker thread or command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream

from rtms_desktop.errors import BundleError
from rtms_desktop.recording import names
from rtms_desktop.recording.export.coverage import sound_format, timeline_of
from rtms_desktop.recording.export.material import Material
from rtms_desktop.recording.export.options import ExportOptions, Format, Gaps, Watch
from rtms_desktop.recording.export.rows import invented_runs
from rtms_desktop.recording.export.spans import Hole, Timeline, strongest, united, without
from rtms_desktop.recording.export.workplace import Workplace
from rtms_desktop.recording.media_mkv import Block, mix, mixed_sources
from rtms_desktop.recording.sidecars import csv_row

MIXED = 0
# RF64 takes over where a WAV file's own sizes end, at 4 GB.
_MUXERS = {
    Format.WAV: ("wav", "pcm_s16le", {"rf64": "auto"}),
    Format.FLAC: ("flac", "flac", {}),
}
_MARK_COLUMNS = ("start", "end", "start_sample", "samples", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """FLAC files whose sum is one track; ``channels`` 1 or 2; ``samples`` at ``rate``, from session zero."""

    title: str
    paths: list[Path]
    rate: int
    channels: int
    samples: int

    @property
    def layout(self) -> str:
        return "stereo" if self.channels == 2 else "mono"

    def blocks(self, timeline: Timeline, watch: Watch) -> Iterator[Block]:
        """The samples in blocks of at most a second, of shape (samples, channels)."""

        def told() -> Iterator[Block]:
            done = 0
            for block in mix(self.paths, self.rate, self.layout):
                watch.at(done / max(1, self.samples))
                done += len(block)
                yield block

        return timeline.cut(told(), self.rate)


def sound_of(title: str, paths: list[Path]) -> Sound:
    """The highest rate and the widest layout of the files."""
    formats = [sound_format(path) for path in paths]
    rate = max(rate for rate, _, _ in formats)
    channels = 2 if any(channels == 2 for _, channels, _ in formats) else 1
    return Sound(
        title=title,
        paths=paths,
        rate=rate,
        channels=channels,
        samples=max(samples * rate // own for own, _, samples in formats),
    )


def mixed_sound(material: Material) -> Sound | None:
    """What was heard: the server's mix, else the sum of all speakers; None where there is no sound."""
    paths = mixed_sources(material.folder)
    return sound_of("mixed", paths) if paths else None


def speaker_sounds(material: Material) -> dict[int, Sound]:
    """A track per speaker."""
    return {user: sound_of(material.speaker(user), paths) for user, paths in material.sounds.items() if user != MIXED}


def export_sound(material: Material, options: ExportOptions, work: Workplace, watch: Watch) -> None:
    """OUT a folder: every speaker and the mix; OUT a file: the mix, or the one speaker that was asked for."""
    chosen = _chosen(material, options, work)
    timeline = timeline_of(material, options)
    for number, (path, sound) in enumerate(chosen.items()):
        write_sound(path, options.format, sound.blocks(timeline, watch.part(number, len(chosen))), sound)
        if options.gaps is Gaps.MARK:
            marks = work.file(f"{path.stem}.gaps.csv")
            marks.write_text(_marks(material, sound), "utf-8")


def write_sound(path: Path, kind: Format, blocks: Iterator[Block], sound: Sound) -> None:
    """Raises OSError when the disk refuses."""
    muxer, codec, options = _MUXERS[kind]
    with av.open(str(path), "w", format=muxer, options=options) as container:
        stream = container.add_stream(codec, rate=sound.rate, layout=sound.layout)
        assert isinstance(stream, AudioStream)
        container.metadata["title"] = sound.title
        for packet in encoded(stream, blocks, sound):
            container.mux_one(packet)


def encoded(stream: AudioStream, blocks: Iterator[Block], sound: Sound) -> Iterator[av.Packet[Any]]:
    """Packets of ``stream``, from blocks that follow on each other."""
    position = 0
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout=sound.layout)
        frame.sample_rate, frame.time_base, frame.pts = sound.rate, Fraction(1, sound.rate), position
        position += len(block)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def file_stem(material: Material, user_id: int) -> str:
    """``Ann-16778240``: the id tells people of one name apart, and stands alone where a name has no safe letters."""
    name = material.names.get(user_id, "")
    has_letters = any(sign.isascii() and sign.isalnum() for sign in name)
    return f"{names.safe_id(name)}-{user_id}" if has_letters else str(user_id)


# -- inside ------------------------------------------------------------------------------------------------


def _chosen(material: Material, options: ExportOptions, work: Workplace) -> dict[Path, Sound]:
    mixed, speakers = mixed_sound(material), speaker_sounds(material)
    if options.user_id == MIXED and MIXED in material.sounds:
        speakers = {}
    elif options.user_id is not None:
        speakers = {user: sound for user, sound in speakers.items() if user == options.user_id}
        mixed = None
    if mixed is None and not speakers:
        whom = "" if options.user_id is None else f" of {material.speaker(options.user_id)}"
        raise BundleError(f"the recording holds no sound{whom}")
    if not work.is_folder:
        only = mixed or next(iter(speakers.values()))
        return {work.main_file(): only}
    named = {"mixed": mixed} if mixed is not None else {}
    named |= {file_stem(material, user): sound for user, sound in speakers.items()}
    return {work.file(f"{stem}.{options.format}"): sound for stem, sound in named.items()}


def _marks(material: Material, sound: Sound) -> str:
    lines = [csv_row(_MARK_COLUMNS)]
    for start, end, reason in invented_holes(material, sound):
        seconds = (f"{sample / sound.rate:.6f}" for sample in (start, end))
        lines.append(csv_row((*seconds, start, end - start, reason)))
    return "".join(lines)


def invented_holes(material: Material, sound: Sound) -> list[Hole]:
    """The samples of ``sound`` that no file of it has received, with the gravest reason; by sample, not by time."""
    files = {f"audio/{path.name}": sound_format(path) for path in sound.paths}
    holes: list[Hole] = []
    received: list[tuple[int, int]] = []
    invented: dict[str, list[tuple[int, int]]] = {name: [] for name in files}
    for run in invented_runs(material.folder / names.GAPS):
        if run.file in files:
            rate = files[run.file][0]
            start, end = (at * sound.rate // rate for at in (run.start_sample, run.start_sample + run.samples))
            holes.append((start, end, run.reason))
            invented[run.file].append((start, end))
    for name, (rate, _, samples) in files.items():
        received += without(0, samples * sound.rate // rate, invented[name])
    return [
        (first, last, reason)
        for start, end, reason in strongest(holes)
        for first, last in without(start, end, united(received))
    ]
