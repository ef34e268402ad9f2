"""What the desk makes of the figures of a session; time stands unless the test moves it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from rtms_desktop.app.alert_desk import AlertDesk
from rtms_desktop.app.alert_rules import AlertKind, Limits
from rtms_desktop.app.alerts import AlertState
from rtms_desktop.app.events import AlertChanged, SessionOpened
from rtms_desktop.app.hub import Hub
from rtms_desktop.app.loop_watch import LoopWatch
from rtms_desktop.clock import SystemClock
from rtms_desktop.session.events import (
    EndCause,
    LinkState,
    LinkStateChanged,
    Participant,
    Reconnected,
    ReconnectScheduled,
    SessionEnded,
)
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import MediaParams, VideoParams

MAYA, TOMAS = 1, 2


class Clock:
    seconds = 100.0

    def now(self) -> float:
        return self.seconds

    def wall_ms(self) -> int:
        return 0


def track(last_at: float, late_ms: int = 0) -> Any:
    return SimpleNamespace(count=5, last_at=last_at, last_ms=1_749_000_000_000 + round(last_at * 1000) - late_ms)


class Room:
    """A desk with a session, a pipeline and a clock of paper."""

    def __init__(self, data_opt: int = 4, is_replay: bool = False) -> None:
        self.clock, self.hub = Clock(), Hub()
        self.links = {name: SimpleNamespace(state=LinkState.STREAMING) for name in ("signaling", "audio", "video")}
        self.tracks: dict[tuple[Medium, int], Any] = {}
        self.people: dict[int, Participant] = {}
        self.core: Any = SimpleNamespace(
            links=self.links, tracks=self.tracks, participants=self.people, active_speaker=None,
            granted=MediaParams(video=VideoParams(data_opt=data_opt)),
        )  # fmt: skip
        self.session: Any = SimpleNamespace(core=self.core, recorder=None, is_replay=is_replay)
        self.loud: dict[int, float] = {}
        self.visible = [("video", MAYA), ("video", TOMAS)]
        self.playout_ms, self.late_ms = 200.0, 0
        self.limits = Limits(silence_s=10, frozen_s=5, lag_for_s=2)
        self.desk = AlertDesk(self.hub, self.clock, pipeline=self._pipeline, limits=lambda: self.limits)
        self.told: list[AlertChanged] = []
        self.hub.subscribe(lambda events: self.told.extend(e for e in events if isinstance(e, AlertChanged)))
        self.hub.publish([SessionOpened(session=self.session)])

    def _pipeline(self) -> Any:
        return SimpleNamespace(
            visible=self.visible, stats=SimpleNamespace(playout_ms=self.playout_ms),
            levels=lambda: {user: SimpleNamespace(peak_db=db) for user, db in self.loud.items()},
        )  # fmt: skip

    def go_on(self, seconds: float, *moving: tuple[Medium, int]) -> None:
        for _ in range(round(seconds * 2)):
            self.clock.seconds += 0.5
            for key in moving:
                self.tracks[key] = track(self.clock.seconds, self.late_ms)
            self.desk.look()

    @property
    def standing(self) -> list[tuple[AlertKind, str]]:
        return [(alert.kind, alert.subject) for alert in self.desk.active]

    def camera(self, user_id: int, on: bool, present: bool = True) -> None:
        self.people[user_id] = Participant(user_id=user_id, user_name="Maya", video_on=on, present=present)


VIDEO_MAYA, VIDEO_TOMAS, AUDIO_MAYA = (Medium.VIDEO, MAYA), (Medium.VIDEO, TOMAS), (Medium.AUDIO, MAYA)


def test_one_of_two_pictures_freezes_and_goes_on() -> None:
    room = Room()
    room.go_on(2, VIDEO_MAYA, VIDEO_TOMAS)
    room.go_on(6, VIDEO_TOMAS)
    assert room.standing == [(AlertKind.FROZEN, str(MAYA))]
    room.go_on(4, VIDEO_MAYA, VIDEO_TOMAS)
    assert room.standing == []
    assert [alert.state for alert in room.desk.history] == [AlertState.BEGAN, AlertState.ENDED]


def test_who_turned_the_camera_off_or_left_is_not_frozen() -> None:
    room = Room()
    room.go_on(1, VIDEO_MAYA, VIDEO_TOMAS)
    room.camera(MAYA, on=False)
    room.camera(TOMAS, on=True, present=False)
    room.go_on(20)
    assert room.standing == []


def test_a_track_that_nobody_sees_is_not_frozen_but_a_window_that_was_put_away_still_watches() -> None:
    room = Room()
    room.visible = [("video", TOMAS)]
    room.go_on(1, VIDEO_MAYA, VIDEO_TOMAS)
    room.go_on(8, VIDEO_TOMAS)
    assert room.standing == []
    room.visible = []
    room.go_on(8)
    assert room.standing == [(AlertKind.FROZEN, str(TOMAS))]


def test_where_only_the_speaker_is_sent_the_others_stand_still_for_a_reason() -> None:
    room = Room(data_opt=3)
    room.go_on(1, VIDEO_MAYA)
    room.go_on(20, VIDEO_TOMAS)
    assert room.standing == []
    room.go_on(6)
    assert room.standing == [(AlertKind.FROZEN, "0")] and "The picture stands still" in room.desk.active[0].sentence
    room.core.active_speaker = MAYA
    room.camera(MAYA, on=False)
    room.go_on(3)
    assert room.standing == []


def test_a_paused_stream_neither_freezes_nor_falls_silent() -> None:
    room = Room()
    room.loud[MAYA] = -20.0
    room.go_on(1, VIDEO_MAYA, AUDIO_MAYA)
    room.loud.clear()
    for link in room.links.values():
        link.state = LinkState.PAUSED
    room.go_on(60)
    assert room.standing == []


def test_silence_after_speech_and_the_next_word() -> None:
    room = Room()
    room.go_on(30, AUDIO_MAYA)
    assert room.standing == []  # nobody has said a word yet
    room.loud[MAYA] = -20.0
    room.go_on(1, AUDIO_MAYA)
    room.loud[MAYA] = -80.0
    room.go_on(11, AUDIO_MAYA)
    assert room.standing == [(AlertKind.SILENCE, "")] and "silence" in room.desk.active[0].why
    room.loud[MAYA] = -20.0
    room.go_on(2, AUDIO_MAYA)
    assert room.standing == []


def test_everybody_left_is_no_silence() -> None:
    room = Room()
    room.core.active_speaker = MAYA
    room.camera(MAYA, on=False, present=False)
    room.go_on(60)
    assert room.standing == []


def test_one_socket_for_all_media_counts_for_each() -> None:
    room = Room()
    room.links["all"] = room.links.pop("audio")
    del room.links["video"]
    room.go_on(1, VIDEO_MAYA)
    room.go_on(6)
    assert (AlertKind.FROZEN, str(MAYA)) in room.standing


def test_lag_of_the_playout() -> None:
    room = Room()
    room.playout_ms = 3100.0
    room.go_on(4)
    assert room.desk.active[0].what == "3.1 s behind live"


def test_lag_of_the_network() -> None:
    room = Room()
    room.go_on(3, VIDEO_MAYA)
    assert room.standing == []
    room.late_ms = 2_500  # the clocks are as they were: what comes is late
    room.go_on(8, VIDEO_MAYA)
    assert [kind for kind, _ in room.standing] == [AlertKind.LAG]
    room.late_ms = 0
    room.go_on(6, VIDEO_MAYA)
    assert room.standing == []


def test_a_clock_that_drifts_or_is_set_is_no_lag() -> None:
    room = Room()
    for _ in range(200):
        room.go_on(60, VIDEO_MAYA)
        room.late_ms += 18  # 300 ppm
    assert room.standing == []
    for step in (-3_600_000, 3_600_000):
        room.late_ms += step
        room.go_on(20, VIDEO_MAYA)
        assert room.standing == []


def scheduled(room: Room, link: str) -> None:
    now = room.clock.now()
    room.hub.publish(
        [ReconnectScheduled(at=now, link=link, due=now + 3, attempt=2, window_ends=now + 65, scenario="media loss")]
    )


def test_reconnecting_is_told_at_once_and_signaling_goes_before() -> None:
    room = Room()
    scheduled(room, "video")
    assert room.told[-1].alert.sentence == "Video socket lost. Trying again in 3 s, 65 s left."
    scheduled(room, "signaling")
    assert room.standing == [(AlertKind.RECONNECTING, "signaling")]
    room.hub.publish([Reconnected(at=101.0, link="signaling", down_s=1.0)])
    assert room.standing == [(AlertKind.RECONNECTING, "video")]
    lost = LinkStateChanged(at=102.0, link="video", old=LinkState.WAITING, new=LinkState.FAILED)
    room.hub.publish([lost])
    assert room.standing == []


def test_recording_figures_become_alerts() -> None:
    room = Room()
    stats = SimpleNamespace(stalled=True, seconds_left=60.0, free_disk=2_000_000_000, disk_floor=500_000_000)
    room.session.recorder = SimpleNamespace(stats=stats)
    room.go_on(3)
    assert {kind for kind, _ in room.standing} == {AlertKind.RECORDING, AlertKind.DISK}


def ended(stop_reason: int | None) -> SessionEnded:
    return SessionEnded(
        at=1.0, cause=EndCause.STOPPED, stop_reason=stop_reason, status_code=None, reason="", sentence="Over."
    )


def test_the_end_ends_all_and_a_revoked_stream_stands_until_the_next_session() -> None:
    room = Room()
    scheduled(room, "video")
    room.hub.publish([ended(8)])
    assert room.standing == [(AlertKind.REVOKED, "")]
    assert "8 STREAM_REVOKED" in room.desk.active[0].sentence
    room.hub.publish([SessionOpened(session=room.session)])
    assert room.standing == []


def test_another_reason_is_no_alert() -> None:
    room = Room()
    room.hub.publish([ended(6)])
    assert not room.told


def test_what_a_recording_tells_is_history() -> None:
    room = Room(is_replay=True)
    scheduled(room, "video")
    room.hub.publish([ended(8)])
    assert not room.told


async def test_the_watch_looks_while_the_session_is_there_and_ends_with_it() -> None:
    room = Room()
    room.desk.watch(room.session)
    await asyncio.sleep(0)
    room.desk.loop.late(3.0)
    while not room.told:
        await asyncio.sleep(0.01)
    assert room.told[0].alert.kind is AlertKind.STALL
    room.hub.publish([ended(6)])


async def test_the_loop_watch_measures_and_forgets() -> None:
    watch = LoopWatch(SystemClock())
    watch.start()
    watch.start()
    one, other = watch.reader(), watch.reader()
    watch.late(0.5)
    assert one() == 0.5 and one() < 0.5 and other() == 0.5 and watch.worst_s == 0.5
    watch.stop()
    watch.stop()
