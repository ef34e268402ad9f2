"""The audio mixer: level meters with their ballistics, mute and solo of each person, the master. Main thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.events import AudioDeviceChanged, ReplaySettled, SessionClosed, SessionOpened, ViewShifted
from rtms_desktop.session.events import ParticipantChanged
from rtms_desktop.viewmodels.batch import Batcher, listen
from rtms_desktop.viewmodels.figures import one_line
from rtms_desktop.wire.enums import Channel, DataOpt, Medium, SampleRate

FLOOR_DB = -60.0
CLIP_DB = -1.0
FALL_DB_S = 20.0
HOLD_S = 1.5
MASTER = -1
"""Key of the master strip; no user has it."""
MIXED = 0


@dataclass(slots=True)
class Meter:
    """What one meter shows, in dBFS. Rises at once, falls 20 dB a second; the peak stands for 1.5 s."""

    rms: float = FLOOR_DB
    peak: float = FLOOR_DB
    hold: float = FLOOR_DB
    clipped: bool = False
    _held_until: float = 0.0
    _at: float | None = None

    def feed(self, rms: float, peak: float, now: float) -> bool:
        """Take a new measurement; whether anything to be seen has changed."""
        before = (round(self.rms, 1), round(self.peak, 1), round(self.hold, 1), self.clipped)
        fall = FALL_DB_S * max(0.0, now - self._at) if self._at is not None else 0.0
        self._at = now
        rms, peak = max(FLOOR_DB, rms), max(FLOOR_DB, peak)
        self.rms = max(rms, self.rms - fall)
        self.peak = max(peak, self.peak - fall)
        if peak >= self.hold:
            self.hold, self._held_until = peak, now + HOLD_S
        elif now > self._held_until:
            self.hold = max(self.peak, self.hold - fall)
        self.clipped = self.clipped or peak > CLIP_DB
        return before != (round(self.rms, 1), round(self.peak, 1), round(self.hold, 1), self.clipped)

    def reset(self) -> None:
        """Nothing is known; whoever draws this meter goes on with it."""
        self.rms = self.peak = self.hold = FLOOR_DB
        self.clipped, self._held_until, self._at = False, 0.0, None

    @property
    def still(self) -> bool:
        """Whether there is nothing left to fall."""
        return self.rms <= FLOOR_DB and self.peak <= FLOOR_DB and self.hold <= FLOOR_DB

    @property
    def text(self) -> str:
        """``−12``, ``−∞`` or ``CLIP``"""
        if self.clipped:
            return "CLIP"
        level = round(self.rms)
        return "−∞" if self.rms <= FLOOR_DB else f"−{-level}" if level < 0 else "0"


@dataclass(slots=True)
class Strip:
    """One row of the mixer."""

    user_id: int
    name: str
    mute: bool = False
    solo: bool = False
    meter: Meter = field(default_factory=Meter)


class MixerViewModel(QObject):
    """``strips``: the master first, then everybody whose sound has arrived. ``pull`` reads the levels."""

    strips_changed = Signal()
    moved = Signal(object)
    """set of user ids whose meters look different now"""
    device_changed = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._session: Any = controller.session
        self.strips: list[Strip] = [Strip(MASTER, "Master")]
        self.device_problem = ""
        self._batch = Batcher(lambda _: self.look_for_people(), 250, self)
        self.close = listen(
            self,
            controller.hub,
            {
                SessionOpened: self._opened,
                ViewShifted: self._shifted,
                SessionClosed: lambda event: self._ended(),
                ParticipantChanged: self._batch.add,
                ReplaySettled: lambda event: self._jumped(),
                AudioDeviceChanged: self._device,
            },
        )
        self._hear_device(controller.sound.state.problem)
        self.look_for_people()

    # -- what views read -----------------------------------------------------------------------------------------

    def strip(self, user_id: int) -> Strip | None:
        return next((strip for strip in self.strips if strip.user_id == user_id), None)

    def format_text(self) -> str:
        """``16 kHz mono, per speaker``; empty before anything was granted."""
        core = self._session.core if self._session is not None else None
        audio = core.granted.audio if core is not None and core.granted is not None else None
        if audio is None:
            return ""
        try:
            rate, channel = SampleRate(audio.sample_rate).hz // 1000, Channel(audio.channel).name.lower()
        except ValueError:
            return ""
        return f"{rate} kHz {channel}, " + ("mixed" if audio.data_opt == DataOpt.AUDIO_MIXED else "per speaker")

    # -- what is done --------------------------------------------------------------------------------------------

    def pull(self) -> None:
        """Read the levels; to be called 30 times a second while the mixer is seen."""
        pipeline = self._controller.pipeline
        now = self._controller.machine.now()  # meters fall while a view stands, too
        levels = pipeline.levels() if pipeline is not None else {}
        if levels.keys() - {strip.user_id for strip in self.strips}:
            self.look_for_people()
        master = pipeline.master_level if pipeline is not None else None
        moved = set()
        for strip in self.strips:
            level = master if strip.user_id == MASTER else levels.get(strip.user_id)
            rms, peak = (level.rms_db, level.peak_db) if level is not None else (FLOOR_DB, FLOOR_DB)
            if strip.meter.feed(rms, peak, now):
                moved.add(strip.user_id)
        if moved:
            self.moved.emit(moved)

    def set_person(self, user_id: int, *, mute: bool | None = None, solo: bool | None = None) -> None:
        strip = self.strip(user_id)
        if strip is None or user_id == MASTER:
            return
        strip.mute = strip.mute if mute is None else mute
        strip.solo = strip.solo if solo is None else solo
        self._controller.sound.set_person(user_id, mute=strip.mute, solo=strip.solo)

    def clear_clip(self, user_id: int) -> None:
        strip = self.strip(user_id)
        if strip is not None and strip.meter.clipped:
            strip.meter.clipped = False
            self.moved.emit({user_id})

    def rescan(self) -> None:
        """Look for sound devices again."""
        self._controller.sound.rescan()

    # -- what arrives --------------------------------------------------------------------------------------------

    def look_for_people(self) -> None:
        """Add strips for sound tracks that have none yet, and learn names."""
        core = self._session.core if self._session is not None else None
        if core is None:
            return
        changed = False
        for (medium, user_id), track in core.tracks.items():
            if medium is not Medium.AUDIO:
                continue
            person = core.participants.get(user_id)
            name = (person.user_name if person is not None else "") or track.user_name
            name = one_line(name, 80) or ("Everybody" if user_id == MIXED else f"User {user_id}")
            strip = self.strip(user_id)
            if strip is None:
                self.strips.append(Strip(user_id, name))
                changed = True
            elif strip.name != name:
                strip.name, changed = name, True
        if changed:
            self.strips_changed.emit()

    def _opened(self, event: SessionOpened) -> None:
        self._session = event.session
        self.strips = [Strip(MASTER, "Master")]
        self.look_for_people()
        self.strips_changed.emit()

    def _shifted(self, event: ViewShifted) -> None:
        """The same people, played by another pipeline: how they are heard stays."""
        self._session = event.session
        for strip in self.strips[1:]:
            self._controller.sound.set_person(strip.user_id, mute=strip.mute, solo=strip.solo)
        self.look_for_people()

    def _jumped(self) -> None:
        """The meters begin anew; mute and solo stay."""
        self.look_for_people()
        self._reset_meters()

    def _ended(self) -> None:
        """Nothing is heard any more, and nobody reads the levels again."""
        self._reset_meters()
        self.strips_changed.emit()

    def _reset_meters(self) -> None:
        for strip in self.strips:
            strip.meter.reset()
        self.moved.emit({strip.user_id for strip in self.strips})

    def _device(self, event: AudioDeviceChanged) -> None:
        self._hear_device(event.problem)
        self.device_changed.emit()

    def _hear_device(self, problem: str) -> None:
        self.device_problem = problem
