"""The stage: who is shown where, which picture, which caption; and what stands there while there is no picture.

Pictures come by the bridge's wake-up, words and people by the hub, figures when a view asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from rtms_desktop.app.events import (
    ReplayIndexed,
    ReplayJumped,
    ReplaySettled,
    SessionClosed,
    SessionOpened,
    ViewShifted,
)
from rtms_desktop.session.events import (
    ActiveSpeakerChanged,
    ChatReceived,
    LinkStateChanged,
    ParticipantChanged,
    PhaseChanged,
    SharingChanged,
    TranscriptReceived,
)
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.bridge import Bridge
from rtms_desktop.viewmodels.caption_track import Caption
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.figures import one_line
from rtms_desktop.viewmodels.stage_figures import StageFigures
from rtms_desktop.viewmodels.stage_layout import Arrangement, TileKey, arrange
from rtms_desktop.viewmodels.stage_message import StageMessage, message_of
from rtms_desktop.viewmodels.stage_words import StageWords
from rtms_desktop.wire.enums import DataOpt, Medium

HOLD_MS = 700
OLD_FRAME_S = 1.0
VOICE_S = 2.0
LAYOUTS = ("speaker", "gallery", "share")
OSD_LEVELS = 3
OSD_FULL_FROM = 400


@dataclass(frozen=True, slots=True)
class TileInfo:
    """What a tile says besides its picture. `state` is empty while there is one to show."""

    key: TileKey
    name: str
    colour: int
    voice: bool
    active: bool
    state: str = ""
    detail: str = ""
    action: str = ""


class StageViewModel(QObject):
    """`arranged`: tiles or places changed; `tiles_changed`: only what they say; `frame_arrived(key)`: a picture."""

    arranged = Signal()
    layout_changed = Signal(str)
    frame_arrived = Signal(object)
    caption_changed = Signal()
    chat_changed = Signal()
    message_changed = Signal()
    tiles_changed = Signal()
    osd_changed = Signal(int)
    captions_changed = Signal(bool)

    def __init__(self, controller: Any, colours: SpeakerColours, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller, self._colours = controller, colours
        self.layout = "speaker"
        self.captions = True
        self.osd_level = 0
        self.arrangement = Arrangement({})
        self.message: StageMessage = message_of(None, None, has_tiles=False, now=0.0)
        self.frames: dict[TileKey, Any] = {}
        self._area = (0, 0)
        self._ratio = 1.0
        self._visible = True
        self._feed: tuple[int, int] | None = None
        self._surfaces: dict[TileKey, tuple[int, int] | None] = {}
        self._before_share: str | None = None
        self._last_session: Any = None
        self._words = StageWords(colours, self._name)
        self._figures = StageFigures(controller)
        self._hold = QTimer(self)
        self._hold.setSingleShot(True)
        self._hold.timeout.connect(self._follow_speaker)
        self._forget()
        bridge.woken.connect(self._take_frames)
        listen(
            self,
            controller.hub,
            {
                SessionOpened: self._opened,
                SessionClosed: self._closed,
                ViewShifted: self._shifted,
                PhaseChanged: lambda event: self._update_message(),
                LinkStateChanged: lambda event: self._update_message(),
                ParticipantChanged: lambda event: self._people_changed(),
                ActiveSpeakerChanged: self._speaker_changed,
                SharingChanged: self._sharing_changed,
                TranscriptReceived: self._heard,
                ChatReceived: self._chatted,
                ReplayJumped: lambda event: self._jumped(),
                ReplaySettled: lambda event: self._caught_up(),
                ReplayIndexed: lambda event: self._read_captions(),
            },
        )

    def _forget(self) -> None:
        self.frames.clear()
        self._words.forget()
        self._figures.forget()
        self._surfaces.clear()
        self._speaker: int | None = None
        self._next_speaker: int | None = None
        self._switched_at = float("-inf")
        self.sharer: tuple[int, str] | None = None
        self._catching_up = False
        self._shared_before = False
        self._waiting_since: dict[TileKey, float] = {}

    # -- what a view sets ----------------------------------------------------------------------------------------

    def set_area(self, width: int, height: int, ratio: float = 1.0) -> None:
        """The size of the stage in logical pixels and the pixels per logical one."""
        if (width, height, ratio) != (*self._area, self._ratio):
            self._area, self._ratio = (width, height), ratio
            self._arrange()

    def set_visible(self, visible: bool) -> None:
        """A stage that cannot be seen has nothing decoded for it but keyframes."""
        if visible != self._visible:
            self._visible = visible
            self._place_surfaces()

    def set_feed(self, size: tuple[int, int] | None) -> None:
        """The size in device pixels at which the main picture is wanted apart from the stage; None: it is not."""
        if size != self._feed:
            self._feed = size
            self._place_surfaces()

    def choose_layout(self, layout: str) -> None:
        """A person's choice; it outlives the sharing."""
        self._before_share = None
        self._set_layout(layout)

    def toggle_captions(self) -> None:
        self.captions = not self.captions
        self.captions_changed.emit(self.captions)
        self._arrange()

    def cycle_osd(self) -> None:
        """Off, short, full."""
        self.osd_level = (self.osd_level + 1) % OSD_LEVELS
        self.osd_changed.emit(self.osd_level)

    def subscribe(self, user_id: int) -> None:
        """Ask the server for this person's video."""
        self._controller.request_video(user_id, True)

    # -- what a view reads ---------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        return self._controller.clock.now()

    @property
    def speaker(self) -> int | None:
        """Who is shown as speaking; changes at most every 700 ms."""
        return self._speaker

    @property
    def caption(self) -> Caption | None:
        """The words to show now, or None."""
        return self._words.caption(self.now) if self.captions else None

    def chat(self) -> Caption | None:
        """The chat message of a moment ago, for the line under the pictures, or None."""
        return self._words.chat(self.now)

    @property
    def main_key(self) -> TileKey | None:
        """The large one: the share, or the speaker, or whoever came first."""
        if self.layout == "share":
            return ("share", self.sharer[0] if self.sharer else 0)
        people = self._people()
        wanted = ("video", self._speaker or 0)
        return wanted if wanted in people else (people[0] if people else None)

    @property
    def last_bundle(self) -> str:
        """Folder of the last session's recording, or empty."""
        bundles = self._last_session.bundles if self._last_session is not None else []
        return str(bundles[-1]) if bundles else ""

    def frame_age(self, key: TileKey) -> float | None:
        """Seconds since the picture arrived; None without one."""
        frame = self.frames.get(key)
        return None if frame is None else max(0.0, self.now - frame.arrived_at)

    def source_size(self, key: TileKey) -> tuple[int, int] | None:
        """Pixels of the newest picture as it was sent."""
        frame = self.frames.get(key)
        return None if frame is None else (frame.source_width, frame.source_height)

    def old_frame_text(self, key: TileKey) -> str:
        """`last frame 3.2 s old` once it is older than a second; a share changes seldom and never says so."""
        age = None if self._camera_off(key) else self.frame_age(key)
        return f"last frame {age:.1f} s old" if key[0] == "video" and age is not None and age > OLD_FRAME_S else ""

    def tile(self, key: TileKey) -> TileInfo:
        kind, user_id = key
        name = self._name(user_id)
        state, detail, action = (
            ("", "", "") if key in self.frames and not self._camera_off(key) else self._why_empty(key)
        )
        return TileInfo(
            key, name, self._colours.index(user_id), self._has_voice(user_id),
            kind == "video" and user_id == self._speaker, state, detail, action,
        )  # fmt: skip

    def share_text(self) -> tuple[str, str]:
        """Sharer and figures of the share, for the line under it."""
        if self.sharer is None:
            return "", ""
        user_id, name = self.sharer
        figures = self._figures.of_share(self.frames.get(("share", user_id)))
        return f"{name or self._name(user_id)} is sharing", figures

    def osd_lines(self, key: TileKey) -> list[str]:
        """The figures over a picture at the present OSD level; en dashes until they are known.

        The large picture has them, in the gallery every one; a small tile has the short form.
        """
        box = self.arrangement.tiles.get(key)
        main = self.layout == "gallery" or key == self.main_key
        if self.osd_level == 0 or box is None or not main or key not in self.frames or self._camera_off(key):
            return []
        short = self._figures.short(key, self.frames[key])
        if self.osd_level == 1 or box.width < OSD_FULL_FROM:
            return [short]
        return [f"{self._name(key[1])}  {key[1]}", short, *self._figures.rest(key)]

    def refresh(self) -> None:
        """At the text tick: rates, ages and the message's own clock."""
        self._figures.sample(self.arrangement.tiles)
        self._update_message()
        self.tiles_changed.emit()
        if self._words.age(self.now):
            self.caption_changed.emit()

    # -- pictures ------------------------------------------------------------------------------------------------

    def _take_frames(self) -> None:
        pipeline = self._controller.pipeline
        if pipeline is None:
            return
        strange = False
        for key, frame in pipeline.take_frames().items():
            strange = strange or key not in self.frames
            self.frames[key] = frame
            self._figures.arrived(key, frame)
            self.frame_arrived.emit(key)
        if strange:
            self._people_changed()

    def painted(self, frame: Any, now: float) -> None:
        """A tile has drawn a picture for the first time."""
        pipeline = self._controller.pipeline
        if pipeline is not None:
            pipeline.painted(frame, now)

    # -- people and places ---------------------------------------------------------------------------------------

    def _people(self) -> list[TileKey]:
        """Video tiles in the order of first appearance."""
        session = self._controller.session
        if session is None:
            return []
        core = session.core
        present = {user_id for user_id, person in core.participants.items() if person.present}
        gone = set(core.participants) - present
        with_video = {user_id for medium, user_id in core.tracks if medium is Medium.VIDEO}
        with_video |= {key[1] for key in self.frames if key[0] == "video"}
        shown = (present | with_video) - gone
        order = {user_id: place for place, user_id in enumerate(self._colours.order)}
        return [("video", user_id) for user_id in sorted(shown, key=lambda user: (order.get(user, 1 << 30), user))]

    def _people_changed(self) -> None:
        self._arrange()
        self._update_message()

    def _arrange(self) -> None:
        if self._catching_up:
            return
        people = self._people()
        main = self.main_key if people or self.layout == "share" else None
        self.arrangement = arrange(self.layout, *self._area, people=people, main=main, captions=self.captions)
        self._place_surfaces()
        self.arranged.emit()

    def _place_surfaces(self) -> None:
        """Tell the pipeline which pictures are wanted and how large; the rest decodes keyframes only."""
        pipeline = self._controller.pipeline
        if pipeline is None:
            return
        wanted: dict[TileKey, tuple[int, int] | None] = dict.fromkeys(self._surfaces)
        if self._visible:
            for key, box in self.arrangement.tiles.items():
                wanted[key] = (round(box.width * self._ratio), round(box.height * self._ratio))
        main = self.main_key
        if self._feed is not None and main is not None:
            width, height = wanted.get(main) or (0, 0)
            wanted[main] = (max(width, self._feed[0]), max(height, self._feed[1]))
        for key, size in wanted.items():
            if key not in self._surfaces or self._surfaces[key] != size:
                self._surfaces[key] = size
                pipeline.set_surface(key, *(size or (None, None)))

    def _set_layout(self, layout: str) -> None:
        if layout in LAYOUTS and layout != self.layout:
            self.layout = layout
            self.layout_changed.emit(layout)
            self._arrange()

    # -- what happens --------------------------------------------------------------------------------------------

    def _opened(self, event: SessionOpened) -> None:
        self._forget()
        self._last_session = event.session
        self._read_captions()
        self._set_layout("speaker")
        self._arrange()
        self._update_message()

    def _shifted(self, event: ViewShifted) -> None:
        """The same stream at another moment: pictures stay until others come, and so does a person's layout."""
        self._surfaces.clear()
        self._words.drop_captions()
        self._read_captions()
        self._place_surfaces()

    def _closed(self, event: SessionClosed) -> None:
        self._last_session = None if event.session.is_replay else event.session
        self._words.drop_captions()
        self._hold.stop()
        self.frames.clear()
        self._surfaces.clear()
        self._arrange()
        self._update_message()
        self.caption_changed.emit()

    def _jumped(self) -> None:
        """The playhead stands elsewhere. Pictures stay until others come: tiles shall not flicker."""
        self._hold.stop()
        self._catching_up, self._shared_before = True, self.sharer is not None
        self._next_speaker = self.sharer = None
        self._switched_at = float("-inf")
        self._words.jump()
        self._figures.forget()
        self._waiting_since.clear()

    def _caught_up(self) -> None:
        """All that was told until the playhead is known: show it at once."""
        self._catching_up = False
        sending = {(medium.value, user_id) for medium, user_id in self._core().tracks}
        self.frames = {key: frame for key, frame in self.frames.items() if key in sending}
        self._speaker = self._next_speaker
        self._figures.seed(self.arrangement.tiles)
        if (self.sharer is not None) != self._shared_before:  # else a person's choice of layout stands
            self._follow_sharing()
        self._arrange()
        self._update_message()
        self.tiles_changed.emit()
        self.caption_changed.emit()

    def _follow_sharing(self) -> None:
        if self.sharer is not None and self.layout != "share" and self._share_asked():
            self._before_share = self.layout
            self._set_layout("share")
        elif self.sharer is None and self._before_share is not None:
            before, self._before_share = self._before_share, None
            self._set_layout(before)

    def _speaker_changed(self, event: ActiveSpeakerChanged) -> None:
        self._next_speaker = event.user_id
        left_ms = HOLD_MS - (self.now - self._switched_at) * 1000
        if self._catching_up:
            return
        if left_ms <= 0:
            self._follow_speaker()
        elif not self._hold.isActive():
            self._hold.start(max(1, round(left_ms)))

    def _follow_speaker(self) -> None:
        if self._next_speaker != self._speaker:
            self._speaker = self._next_speaker
            self._switched_at = self.now
            if self.layout == "speaker":
                self._arrange()
            self.tiles_changed.emit()

    def _sharing_changed(self, event: SharingChanged) -> None:
        self.sharer = (event.user_id or 0, one_line(event.user_name)) if event.sharing else None
        if self._catching_up:
            return
        if not event.sharing:
            self.frames = {key: frame for key, frame in self.frames.items() if key[0] != "share"}
        self._follow_sharing()
        self._arrange()

    def _read_captions(self) -> None:
        self._words.read_on(self._controller.session)

    def _heard(self, event: TranscriptReceived) -> None:
        if self._words.hear(event):
            self.caption_changed.emit()

    def _chatted(self, event: ChatReceived) -> None:
        if self._words.take_chat(event):
            self.chat_changed.emit()

    def _update_message(self) -> None:
        if self._catching_up:
            return
        session = self._controller.session
        message = message_of(session, self._last_session, has_tiles=bool(self._people()), now=self.now)
        if message != self.message:
            self.message = message
            self.message_changed.emit()

    # -- people and tracks ------------------------------------------------------------------------------------

    def _core(self) -> Any:
        session = self._controller.session
        return session.core if session is not None else None

    def _name(self, user_id: int) -> str:
        core = self._core()
        person = core.participants.get(user_id) if core is not None else None
        if person is not None and person.user_name:
            return one_line(person.user_name, 80)
        return "Gallery" if user_id == 0 else f"Participant {user_id}"

    def _track(self, key: TileKey) -> Any:
        core = self._core()
        return core.tracks.get((Medium(key[0]), key[1])) if core is not None else None

    def _share_asked(self) -> bool:
        session = self._controller.session
        return session is not None and Medium.SHARE in session.config.media

    def _camera_off(self, key: TileKey) -> bool:
        core = self._core()
        person = core.participants.get(key[1]) if core is not None else None
        return key[0] == "video" and person is not None and person.video_on is False

    def _has_voice(self, user_id: int) -> bool:
        track = self._track(("audio", user_id))
        return track is not None and track.last_at is not None and self.now - track.last_at < VOICE_S

    def _why_empty(self, key: TileKey) -> tuple[str, str, str]:
        if key[0] == "share" and not self._share_asked():
            return "Screen share was not asked for", "", ""
        if key[0] == "share":
            return ("Waiting for the first picture", "", "") if self.sharer else ("Nobody is sharing", "", "")
        if self._camera_off(key):
            return "Camera off", "", ""
        track = self._track(key)
        if track is not None and track.count:
            since = self._waiting_since.setdefault(key, self.now)
            return "Waiting for a keyframe", f"{self.now - since:.1f} s", ""
        video = self._figures.granted("video")
        if video is not None and video.data_opt == DataOpt.VIDEO_SINGLE_INDIVIDUAL:
            return "Not subscribed", "", "Show this video"
        return "No video received", "", ""
