"""What one picture of a video is made of: NAL units, parameter sets, its place in the group of pictures. Any thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rtms_desktop.bitstream.bits import BitstreamError
from rtms_desktop.bitstream.h264 import FrameNumTracker, NalType, Sps, is_keyframe, parameter_sets, split_nals
from rtms_desktop.bitstream.slices import entropy_coding, profile_name, slice_head

_NAMES = {1: "slice", 2: "part A", 3: "part B", 4: "part C", 5: "IDR", 6: "SEI", 7: "SPS", 8: "PPS", 9: "AUD",
          10: "end of seq.", 11: "end of stream", 12: "filler"}  # fmt: skip
_SLICES = (NalType.SLICE, NalType.IDR)
HEAD_BYTES = 4096
"""Parameter sets, SEI and the head of the first slice stand within."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One NAL unit; ``begin`` to ``end`` in the access unit, without its start code."""

    name: str
    note: str
    begin: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class GroupPicture:
    """One of a group. ``kind``: I, P, B or ""; ``lost``: reference pictures missing just before it; bytes."""

    serial: int
    kind: str
    size: int
    lost: int


@dataclass(slots=True, kw_only=True)
class PictureReport:
    """Attributes:
    kind: I, P, B or "" where there is no slice. frame_num: None while no SPS is known.
    lost: reference pictures that are missing before this one since the keyframe; ``lost_here`` just before it.
    group: its group of pictures as far as it is held; ``place``: which of them this one is.
    whole: the group could be read from its keyframe on; ``complete``: up to the next keyframe.
    """

    units: list[Unit] = field(default_factory=list)
    profile: str = ""
    width: int = 0
    height: int = 0
    kind: str = ""
    keyframe: bool = False
    frame_num: int | None = None
    lost: int = 0
    lost_here: int = 0
    group: list[GroupPicture] = field(default_factory=list)
    place: int = 0
    whole: bool = False
    complete: bool = False
    size: int = 0

    def facts(self) -> list[tuple[str, str]]:
        """(name, value) of everything that is known, for a table."""
        what = "keyframe (IDR)" if self.keyframe else f"{self.kind} frame" if self.kind else "no picture"
        found = [("Picture", what)]
        if self.width:
            found.append(("SPS", f"{self.profile} · {self.width}×{self.height}"))
        if self.frame_num is not None:
            found.append(("frame_num", str(self.frame_num)))
        if self.whole:
            found.append(("Lost before it", _lost_words(self)))
            found.append(("GOP" if self.complete else "GOP so far", self._group_words()))
            kinds = Counter(picture.kind for picture in self.group)
            found.append(("Pictures", " · ".join(f"{kind} {kinds[kind]}" for kind in ("I", "P", "B"))))
        else:
            found.append(("GOP so far", "its keyframe is not held"))
        found.append(("This picture", f"{self.size * 8 / 1000:,.1f} kbit"))
        return found

    def _group_words(self) -> str:
        kbit = sum(picture.size for picture in self.group) * 8 / 1000
        return f"picture {self.place + 1} of {len(self.group)} · {kbit:,.0f} kbit"


def analyse(
    group: Sequence[bytes], serials: Sequence[int] = (), place: int = -1, *, complete: bool = False
) -> PictureReport:
    """Look at the access unit at ``place`` of ``group``, which begins with its keyframe where that is held.

    Args:
        serials: of the messages that brought them. complete: the group ends where the next keyframe stands.

    Never raises.
    """
    place %= len(group)
    picture = group[place]
    report = PictureReport(size=len(picture), place=place, whole=is_keyframe(group[0]), complete=complete)
    tracker = FrameNumTracker()
    for number, unit in enumerate(group):
        lost = tracker.feed(unit)
        if number <= place:
            report.lost_here = lost
            report.lost += lost
        serial = serials[number] if serials else number
        report.group.append(GroupPicture(serial, _kind_of(unit), len(unit), lost))
    sps = tracker.sps
    if sps is not None:
        report.profile, report.width, report.height = profile_name(sps), sps.width, sps.height
    report.keyframe = is_keyframe(picture)
    _read_units(report, picture, sps)
    return report


def picture_words(data: bytes) -> str:
    """``keyframe 1280×720``, ``P frame``: one access unit in two words."""
    if is_keyframe(data):
        sps, _ = parameter_sets(data)
        size = _size_of(sps)
        return f"keyframe {size}".rstrip()
    kind = _kind_of(data)
    if kind:
        return f"{kind} frame"
    names = [_NAMES.get(nal[0] & 31, "NAL") for nal in split_nals(data[:HEAD_BYTES])]
    return ", ".join(names) or "no H.264"


def _kind_of(unit: bytes) -> str:
    """Of its first slice; "" where there is none that can be read."""
    for nal in split_nals(unit[:HEAD_BYTES]):
        if nal[0] & 31 in _SLICES:
            head = slice_head(nal, None)
            return head.kind if head is not None else ""
    return ""


def _size_of(sps: bytes | None) -> str:
    try:
        found = Sps.parse(sps) if sps is not None else None
    except BitstreamError:
        found = None
    return f"{found.width}×{found.height}" if found is not None else ""


def _read_units(report: PictureReport, picture: bytes, sps: Sps | None) -> None:
    nals = split_nals(picture)
    slices = [number for number, nal in enumerate(nals) if nal[0] & 31 in _SLICES]
    at = 0
    for number, nal in enumerate(nals):
        kind, note = nal[0] & 31, ""
        begin = picture.index(nal, at) if len(nal) else at
        at = begin + len(nal)
        if kind == NalType.SPS:
            note = profile_name(sps) if sps is not None else ""
        elif kind == NalType.PPS:
            note = entropy_coding(nal)
        elif number in slices:
            head = slice_head(nal, sps)
            if head is not None and not report.kind:
                report.kind, report.frame_num = head.kind, head.frame_num
            which = f"{slices.index(number) + 1} of {len(slices)}"
            note = which if head is None else f"{head.kind}, {which}"
        report.units.append(Unit(_NAMES.get(kind, f"NAL {kind}"), note, begin, at))


def _lost_words(report: PictureReport) -> str:
    if not report.lost:
        return "none since the keyframe"
    just = f"{report.lost_here} just before it, " if report.lost_here else ""
    return f"{just}{report.lost} since the keyframe"
