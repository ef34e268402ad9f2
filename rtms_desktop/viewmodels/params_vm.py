"""Media parameters as requested, as granted, and as they really arrive; with what does not fit. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import SessionClosed, SessionOpened, ViewShifted
from rtms_desktop.bitstream import h264
from rtms_desktop.bitstream.bits import BitstreamError
from rtms_desktop.bitstream.images import image_size, sniff
from rtms_desktop.session.events import MediaReceived
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import DASH
from rtms_desktop.viewmodels.languages import language_label
from rtms_desktop.wire.enums import Channel, Codec, ContentType, DataOpt, Medium, Resolution, SampleRate, label

HEADS = ("Medium", "Parameter", "Requested", "Granted", "Observed", "Remark")
ENOUGH = 10
"""Units of a track before its rate is believed."""
STEADY = (0.6, 1.25)
"""Share of the granted rate below and above which a rate is no longer what was granted."""
HEAD_BYTES = 128  # parameter sets stand at the head of an access unit
IMAGES = {"jpg": Codec.JPG, "png": Codec.PNG}
PICTURES = (Medium.VIDEO, Medium.SHARE)
NAMES: dict[str, tuple[str, type[IntEnum] | None, str]] = {
    "content_type": ("Content", ContentType, ""),
    "codec": ("Codec", Codec, ""),
    "sample_rate": ("Sample rate", SampleRate, ""),
    "channel": ("Channels", Channel, ""),
    "data_opt": ("Streams", DataOpt, ""),
    "send_rate": ("Send rate", None, "ms"),
    "resolution": ("Resolution", Resolution, ""),
    "fps": ("Frame rate", None, "fps"),
    "src_language": ("Spoken language", None, ""),
    "enable_lid": ("Language detection", None, ""),
    "target_language": ("Translated to", None, ""),
}


@dataclass(frozen=True, slots=True)
class ParamRow:
    """One parameter. ``remark`` says what does not fit; empty where all agree."""

    medium: Medium
    name: str
    requested: str
    granted: str
    observed: str
    remark: str = ""

    def cells(self) -> tuple[str, ...]:
        return (self.medium.value.capitalize(), self.name, self.requested, self.granted, self.observed, self.remark)


@dataclass(frozen=True, slots=True)
class Seen:
    """An observation: as text, whether it fits what was granted, and if not, why."""

    text: str = DASH
    remark: str = ""


class ParamsViewModel(QObject):
    """``changed``: another session. Rows are made anew when a view asks for them."""

    changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._session: Any = controller.session
        self._pictures: dict[Medium, tuple[Codec, tuple[int, int] | None]] = {}
        listen(
            self,
            controller.hub,
            {
                SessionOpened: self._opened,
                ViewShifted: self._shifted,
                SessionClosed: lambda event: self.changed.emit(),
                MediaReceived: self._look,
            },
        )

    def _opened(self, event: SessionOpened) -> None:
        self._session = event.session
        self._pictures.clear()
        self.changed.emit()

    def _shifted(self, event: ViewShifted) -> None:
        """The same stream at another moment: what was seen of it holds."""
        self._session = event.session
        self.changed.emit()

    def _look(self, event: MediaReceived) -> None:
        """Codec and size of a picture, where its first bytes tell them."""
        if event.medium not in PICTURES:
            return
        data = event.data
        kind = IMAGES.get(sniff(data) or "")
        if kind is not None:
            self._pictures[event.medium] = (kind, image_size(data))
        elif h264.NalType.SPS in h264.nal_types(data[:HEAD_BYTES]):
            self._pictures[event.medium] = (Codec.H264, _h264_size(data))

    def rows(self) -> list[ParamRow]:
        """For each medium that was requested its parameters; empty before the first session."""
        if self._session is None:
            return []
        config, granted = self._session.config, self._session.core.granted
        made: list[ParamRow] = []
        for medium in Medium:
            asked = getattr(config.params, medium.value) if medium in config.media else None
            given = getattr(granted, medium.value, None) if granted is not None else None
            named = given if asked is None else asked
            if named is None:
                made.append(ParamRow(medium, "", "not requested", DASH, DASH))
                continue
            made += [
                row for field in named.__struct_fields__ if (row := self._row(medium, field, asked, given)) is not None
            ]
        return made

    def counts(self) -> tuple[int, int]:
        """(parameters, those that do not fit)"""
        rows = self.rows()
        return sum(bool(row.name) for row in rows), sum(bool(row.remark) for row in rows)

    def plain(self) -> str:
        """The table with tabs, for the clipboard."""
        return "\n".join("\t".join(cells) for cells in (HEADS, *(row.cells() for row in self.rows())))

    def _row(self, medium: Medium, field: str, asked: Any, given: Any) -> ParamRow | None:
        wanted, got = getattr(asked, field, None), getattr(given, field, None)
        if wanted is None and got is None:
            return None
        seen = self._seen(medium, field, got if got is not None else wanted, given or asked)
        remark = seen.remark
        if given is not None and wanted is not None and got != wanted:
            remark = "not what was requested" + (f"; {remark}" if remark else "")
        return ParamRow(medium, NAMES[field][0], _text(field, wanted), _text(field, got), seen.text, remark)

    # -- what arrives --------------------------------------------------------------------------------------------

    def _seen(self, medium: Medium, field: str, agreed: Any, params: Any) -> Seen:
        watch: dict[tuple[Medium, str], Callable[[Any, Any], Seen]] = {
            (Medium.AUDIO, "sample_rate"): self._sample_rate,
            (Medium.AUDIO, "data_opt"): self._audio_streams,
            (Medium.AUDIO, "send_rate"): self._send_rate,
        }
        if medium in PICTURES:
            watch |= {
                (medium, "codec"): lambda agreed, params: self._codec(medium, agreed),
                (medium, "resolution"): lambda agreed, params: self._size(medium, agreed),
                (medium, "fps"): lambda agreed, params: self._frames(medium, agreed),
            }
        look = watch.get((medium, field))
        return look(agreed, params) if look is not None else Seen()

    def _busiest(self, medium: Medium) -> Any:
        tracks = [track for (kind, _), track in self._session.core.tracks.items() if kind is medium]
        busy = [track for track in tracks if track.count >= ENOUGH and track.step_ms > 0]
        return max(busy, key=lambda track: track.count, default=None)

    def _sample_rate(self, agreed: Any, params: Any) -> Seen:
        track = self._busiest(Medium.AUDIO)
        if track is None or params.codec != Codec.L16:
            return Seen()
        hz = track.bytes / track.count / 2 / max(1, params.channel) / (track.step_ms / 1000)
        rate = min(SampleRate, key=lambda one: abs(one.hz - hz))
        return Seen(label(SampleRate, rate), "" if rate == agreed else "arrives at another rate")

    def _audio_streams(self, agreed: Any, params: Any) -> Seen:
        users = {user for medium, user in self._session.core.tracks if medium is Medium.AUDIO}
        if not users:
            return Seen()
        found = DataOpt.AUDIO_MIXED if users == {0} else DataOpt.AUDIO_MULTI
        return Seen(label(DataOpt, found), "" if found == agreed else "arrives otherwise")

    def _send_rate(self, agreed: Any, params: Any) -> Seen:
        track = self._busiest(Medium.AUDIO)
        if track is None:
            return Seen()
        fits = not agreed or STEADY[0] <= track.step_ms / agreed <= STEADY[1]
        return Seen(f"{track.step_ms:.0f} ms", "" if fits else "chunks have another length")

    def _codec(self, medium: Medium, agreed: Any) -> Seen:
        found = self._pictures.get(medium)
        if found is None:
            return Seen()
        return Seen(label(Codec, found[0]), "" if found[0] == agreed else "arrives in another codec")

    def _size(self, medium: Medium, agreed: Any) -> Seen:
        found = self._pictures.get(medium)
        if found is None or found[1] is None:
            return Seen()
        width, height = found[1]
        known = agreed in list(Resolution)
        fits = not known or height == Resolution(agreed).size[1] or width == Resolution(agreed).size[0]
        return Seen(f"{width}×{height}", "" if fits else "pictures have another size")

    def _frames(self, medium: Medium, agreed: Any) -> Seen:
        track = self._busiest(medium)
        if track is None:
            return Seen()
        fps = 1000 / track.step_ms
        fits = not agreed or STEADY[0] <= fps / agreed <= STEADY[1]
        return Seen(f"{fps:.1f} fps" if fps < 10 else f"{fps:.0f} fps", "" if fits else "comes at another rate")


def _text(field: str, value: Any) -> str:
    if value is None:
        return DASH
    _, enum, unit = NAMES[field]
    if enum is not None:
        size = f" {'×'.join(map(str, Resolution(value).size))}" if enum is Resolution and value in list(enum) else ""
        return label(enum, value) + size
    if field.endswith("_language"):
        return language_label(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value} {unit}".rstrip()


def _h264_size(data: bytes) -> tuple[int, int] | None:
    sps, _ = h264.parameter_sets(data)
    try:
        parsed = h264.Sps.parse(sps) if sps is not None else None
    except BitstreamError:
        return None
    return (parsed.width, parsed.height) if parsed is not None else None
