"""MP4 and MKV: pictures copied as they were received, with sound, from one clock. Worker thread or command line.

An MP4 is made for players: H.264 and AAC, one track each, the index at the front. Video is encoded again only where it
must be: for black in the gaps, or where the pictures are no H.264. An MKV keeps all: every video and share, the mix and
every voice without loss, and what was said as subtitles. Where the size of the pictures changes, the parameter sets
stand in the stream; who needs one size throughout asks for black, which encodes to the largest.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer

from rtms_desktop.errors import BundleError
from rtms_desktop.recording.export.coverage import timeline_of
from rtms_desktop.recording.export.material import Material
from rtms_desktop.recording.export.noted import chapters_of
from rtms_desktop.recording.export.options import ExportOptions, FillPicture, Gaps, Watch
from rtms_desktop.recording.export.pictures import (
    H264,
    PictureTrack,
    add_copy_stream,
    copied,
    picture_tracks,
    pictures_of,
)
from rtms_desktop.recording.export.reencode import add_encoded_stream, encoded_pictures
from rtms_desktop.recording.export.sound import Sound, encoded, file_stem, mixed_sound, speaker_sounds
from rtms_desktop.recording.export.spans import Span, united
from rtms_desktop.recording.export.subtitles import caption_packets
from rtms_desktop.recording.export.workplace import Workplace
from rtms_desktop.recording.video_track import TIME_BASE
from rtms_desktop.wire.enums import Medium

# Tracks of which every picture stands alone take turns in appearance only.
_PICTURES_A_TURN = 5
_AAC_BITS_PER_SAMPLE, _AAC_MAX_BITS = 4, 128_000

Timed = tuple[Fraction, int, "av.Packet[Any]"]  # subscriptable for the type checker only


class _Film:
    """One file being written: tracks are added, then ``run`` fills it in the order of time."""

    def __init__(self, container: OutputContainer, material: Material, options: ExportOptions) -> None:
        self._container, self._material, self._options = container, material, options
        self._timeline = timeline_of(material, options)
        self._sources: list[Iterator[Timed]] = []
        container.metadata["title"] = material.title
        started = datetime.fromtimestamp(material.facts.started_ms / 1000, UTC)
        container.metadata["creation_time"] = started.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def video(self, tracks: list[PictureTrack], title: str, *, encode: bool) -> None:
        """One track of pictures; those of several participants take turns in it."""
        parts = [part for track in tracks for part in track.parts]
        if encode or self._timeline.part is not None:  # a part begins where it shall only when it is encoded again
            stream = add_encoded_stream(self._container, parts, title)
            holes = self._holes(tracks) if self._options.fill_picture is FillPicture.BLACK else None
            self._add(encoded_pictures([track.parts for track in tracks], holes, stream, self._timeline))
            return
        pictures = heapq.merge(*(pictures_of(track.parts) for track in tracks), key=lambda picture: picture.ms)
        self._add(copied(pictures, add_copy_stream(self._container, parts[0], title), self._timeline))

    def sound(self, sound: Sound, codec: str) -> None:
        stream = self._container.add_stream(codec, rate=sound.rate, layout=sound.layout)
        assert isinstance(stream, AudioStream)
        stream.metadata["title"] = sound.title
        if codec == "aac":
            stream.bit_rate = min(sound.rate * _AAC_BITS_PER_SAMPLE, _AAC_MAX_BITS) * sound.channels
        self._add(encoded(stream, sound.blocks(self._timeline, Watch()), sound))

    def captions(self) -> None:
        stream = self._container.add_mux_stream("subrip")
        stream.time_base = TIME_BASE
        stream.metadata["title"] = "Transcript"
        self._add(caption_packets(self._material, self._options.user_id, stream, self._timeline))

    def chapters(self) -> None:
        """What a person marked, and what is lost where that is wanted."""
        losses = self._material.losses(self._options.user_id) if self._options.gaps is Gaps.MARK else []
        wanted = chapters_of(self._material, self._timeline, losses)
        if not wanted:
            return
        self._container.set_chapters(
            [
                {"id": number, "start": start, "end": end, "time_base": TIME_BASE, "metadata": {"title": title}}
                for number, (start, end, title) in enumerate(wanted)
            ]
        )

    def run(self, watch: Watch) -> None:
        length = max(1, self._timeline.at(self._material.end_ms))
        for time, _, packet in heapq.merge(*self._sources, key=lambda timed: timed[:2]):
            watch.at(float(time * 1000 / length))
            self._container.mux_one(packet)

    def _add(self, packets: Iterable[av.Packet[Any]]) -> None:
        order = len(self._sources)
        self._sources.append(((packet.dts or 0) * packet.time_base, order, packet) for packet in packets)

    def _holes(self, tracks: list[PictureTrack]) -> list[Span]:
        zero = self._material.zero_ms
        return united(
            (gap.start_ms - zero, (gap.end_ms or 0) - zero)
            for gap in self._material.gaps()
            if any(gap.medium is track.medium and gap.user_id in (track.user_id, 0) for track in tracks)
        )


def export_mp4(material: Material, options: ExportOptions, work: Workplace, watch: Watch) -> None:
    """OUT a folder: a film per participant and share, each with the mix; OUT a file: one film.

    The one film shows the participant that was asked for, with their own sound; else, where the server was to send the
    active speaker only, whoever speaks; else the participant with most pictures; else the share with most.
    """
    tracks = picture_tracks(material, options.user_id)
    films: dict[Path, list[PictureTrack]]
    if work.is_folder and options.user_id is None and tracks:
        films = {work.file(f"{_stem(material, track)}.mp4"): [track] for track in tracks}
    else:
        films = {work.main_file(): _one_film(material, tracks)}
    sound = _sound(material, options.user_id)
    if sound is None and not tracks:
        raise BundleError("the recording holds neither pictures nor sound", "", "Export its text: vtt, srt, txt ...")
    for number, (path, shown) in enumerate(films.items()):
        with closing(av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})) as container:
            film = _Film(container, material, options)
            if shown:
                title = shown[0].title if len(shown) == 1 else "Active speaker"
                film.video(shown, title, encode=_must_encode(shown, options))
            if sound is not None:
                film.sound(sound, "aac")
            film.chapters()
            film.run(watch.part(number, len(films)))


def export_mkv(material: Material, options: ExportOptions, work: Workplace, watch: Watch) -> None:
    """Every track of everybody, or of the one participant that was asked for."""
    tracks = picture_tracks(material, options.user_id)
    sounds = _all_sounds(material, options.user_id)
    if not tracks and not sounds:
        raise BundleError("the recording holds neither pictures nor sound", "", "Export its text: vtt, srt, txt ...")
    with closing(av.open(str(work.main_file()), "w", format="matroska")) as container:
        black = options.fill_picture is FillPicture.BLACK
        film = _Film(container, material, options)
        for track in tracks:
            for run in [track] if black or options.span is not None else _by_codec(track):
                film.video([run], track.title, encode=black)
        for sound in sounds:
            film.sound(sound, "flac")
        if any(options.user_id in (None, segment.user_id) for segment in material.transcript):
            film.captions()
        film.chapters()
        film.run(watch)


# -- inside ------------------------------------------------------------------------------------------------


def _stem(material: Material, track: PictureTrack) -> str:
    share = "share-" if track.medium is Medium.SHARE else ""
    return share + file_stem(material, track.user_id)


def _must_encode(tracks: list[PictureTrack], options: ExportOptions) -> bool:
    # What every player opens is H.264 and nothing else.
    return options.fill_picture is FillPicture.BLACK or any(track.codecs != {H264} for track in tracks)


def _sound(material: Material, user_id: int | None) -> Sound | None:
    return (None if user_id is None else speaker_sounds(material).get(user_id)) or mixed_sound(material)


def _all_sounds(material: Material, user_id: int | None) -> list[Sound]:
    speakers = speaker_sounds(material)
    if user_id is not None:
        return [sound for user, sound in speakers.items() if user == user_id]
    mixed = mixed_sound(material)
    alone = len(material.sounds) == 1
    return ([mixed] if mixed is not None else []) + ([] if alone else list(speakers.values()))


def _one_film(material: Material, tracks: list[PictureTrack]) -> list[PictureTrack]:
    videos = [track for track in tracks if track.medium is Medium.VIDEO]
    if len(videos) > 1 and material.one_active_speaker and _take_turns(videos):
        return videos
    candidates = videos or tracks
    return [max(candidates, key=lambda track: track.pictures)] if candidates else []


def _take_turns(tracks: list[PictureTrack]) -> bool:
    """Whether the tracks can follow each other in one: each takes over with a picture that needs no other."""
    merged = heapq.merge(*map(_keys, tracks))
    turns = total = 0
    for _, turn in groupby(merged, key=lambda timed: timed[1]):
        keys = [is_key for _, _, is_key in turn]
        if not keys[0]:
            return False
        turns, total = turns + 1, total + len(keys)
    return total >= turns * _PICTURES_A_TURN


def _keys(track: PictureTrack) -> Iterator[tuple[int, int, bool]]:
    return ((picture.ms, track.user_id, picture.is_key) for picture in pictures_of(track.parts))


def _by_codec(track: PictureTrack) -> list[PictureTrack]:
    """A track for each run of files that can be joined by copying."""
    return [replace(track, parts=list(run)) for _, run in groupby(track.parts, key=lambda part: part.codec)]
