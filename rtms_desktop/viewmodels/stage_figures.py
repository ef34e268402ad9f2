"""The figures of the pictures on the stage: rates, sizes, codec, lag. Main thread; owned by the stage's view-model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rtms_desktop.viewmodels.figures import DASH, bit_rate, signed
from rtms_desktop.viewmodels.rates import RATE_S, Rate
from rtms_desktop.viewmodels.stage_layout import TileKey
from rtms_desktop.wire.enums import Codec, Medium


class StageFigures:
    """Counters are read when asked to; what is not known yet is an en dash."""

    def __init__(self, controller: Any) -> None:
        self._controller = controller
        self._rates: dict[TileKey, tuple[Rate, Rate]] = {}
        self._keyframe_at: dict[TileKey, float] = {}

    def forget(self) -> None:
        """Another session, or another moment of it."""
        self._rates.clear()
        self._keyframe_at.clear()

    def arrived(self, key: TileKey, frame: Any) -> None:
        """A picture."""
        if frame.keyframe:
            self._keyframe_at[key] = frame.arrived_at

    def sample(self, keys: Iterable[TileKey]) -> None:
        """Read the counters as they are now."""
        if (core := self._core()) is not None:
            self._read(core, keys, self._controller.clock.now())

    def seed(self, keys: Iterable[TileKey]) -> None:
        """After a jump: read them as they were in the seconds before."""
        now, known = self._controller.clock.now(), list(keys)
        for look in self._controller.session.looks(now - RATE_S, now):
            self._read(look, known, look.at)

    def _read(self, core: Any, keys: Iterable[TileKey], at: float) -> None:
        for key in keys:
            track = core.tracks.get((Medium(key[0]), key[1]))
            if track is not None:
                count, size = self._rates.setdefault(key, (Rate(), Rate()))
                count.add(at, track.count)
                size.add(at, track.bytes)

    # -- what is said --------------------------------------------------------------------------------------------

    def granted(self, medium: str) -> Any:
        """The parameters that the server granted for a medium, or None."""
        core = self._core()
        return getattr(core.granted, medium, None) if core is not None and core.granted is not None else None

    def of_share(self, frame: Any) -> str:
        """``JPEG 1920×1080, 1 fps``"""
        granted = self.granted("share")
        figures = " ".join(part for part in (_codec(granted) if granted else "", _size(frame) if frame else "") if part)
        return ", ".join(part for part in (figures, f"{granted.fps} fps" if granted else "") if part)

    def short(self, key: TileKey, frame: Any) -> str:
        """Size, pictures a second, codec."""
        fps, granted = self._per_second(key)[0], self.granted("share" if key[0] == "share" else "video")
        rate = f"{fps:.1f} fps" if fps is not None else f"{DASH} fps"
        return f"{_size(frame)}  {rate}  {_codec(granted) if granted else DASH}"

    def rest(self, key: TileKey) -> list[str]:
        """Bit rate and keyframe; lag and sync."""
        bits, keyframe = self._per_second(key)[1], self._keyframe_at.get(key)
        age = f"{self._controller.clock.now() - keyframe:.1f} s ago" if keyframe is not None else DASH
        return [
            f"{bit_rate(bits) if bits is not None else DASH}  keyframe {age}",
            f"lag {self._lag(key)}  A/V {av_text(self._controller.pipeline)}",
        ]

    def _core(self) -> Any:
        session = self._controller.session
        return session.core if session is not None else None

    def _per_second(self, key: TileKey) -> tuple[float | None, float | None]:
        """Pictures and bits."""
        if key not in self._rates:
            return None, None
        count, size = (rate.per_second() for rate in self._rates[key])
        return count, None if size is None else size * 8

    def _lag(self, key: TileKey) -> str:
        core, session = self._core(), self._controller.session
        track = core.tracks.get((Medium(key[0]), key[1])) if core is not None else None
        if track is None or track.last_at is None or track.last_ms is None:
            return DASH
        lag_ms = session.opened_wall_ms + (track.last_at - session.opened_at) * 1000 - track.last_ms
        return signed(f"{lag_ms:.0f}") + " ms"


def _size(frame: Any) -> str:
    return f"{frame.source_width}×{frame.source_height}"


def _codec(granted: Any) -> str:
    return Codec(granted.codec).name.replace("H264", "H.264").replace("JPG", "JPEG")


def av_text(pipeline: Any) -> str:
    """The offset between picture and sound: plus = the picture is late."""
    offset = getattr(pipeline, "av_offset_ms", None)
    return DASH if offset is None else signed(f"{offset:+.0f}") + " ms"
