"""The alerts' decisions on a clock that is only a number: begin, words, hysteresis, end."""

from __future__ import annotations

import msgspec
import pytest

from rtms_desktop.app.alert_rules import NEVER_MUTED, AlertKind, Facts, Limits, Shown, Waiting, span
from rtms_desktop.app.alerts import Alert, AlertBook, AlertState
from rtms_desktop.session.events import Severity

LIMITS = Limits()


class Watch:
    """A book that is looked at twice a second, and all that it told."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.book, self.limits, self.told, self.now = AlertBook(), limits, [], 100.0
        self.told: list[Alert]

    def look(self, facts: Facts, at: float | None = None) -> list[Alert]:
        self.now = self.now if at is None else at
        told = self.book.look(facts, self.limits, self.now)
        self.told += told
        return told

    def go_on(self, facts: Facts, seconds: float) -> None:
        for _ in range(round(seconds * 2)):
            self.now += 0.5
            self.look(facts)

    @property
    def history(self) -> list[tuple[AlertKind, AlertState]]:
        return [(alert.kind, alert.state) for alert in self.told if alert.state is not AlertState.CHANGED]


def begins_and_ends(kind: AlertKind) -> list[tuple[AlertKind, AlertState]]:
    return [(kind, AlertState.BEGAN), (kind, AlertState.ENDED)]


def test_nothing_wrong_is_no_alert() -> None:
    watch = Watch()
    watch.go_on(Facts(audio_since=100.0, video_since=100.0, behind_s=0.2, seconds_left=9e5), 300)
    assert not watch.told


def test_silence_begins_only_after_somebody_was_heard() -> None:
    watch = Watch()
    watch.go_on(Facts(audio_since=100.0, spoke_at=100.0, heard_at=101.0, audio_at=101.0), 60.5)
    assert not watch.told
    watch.go_on(Facts(audio_since=100.0, spoke_at=100.0, heard_at=101.0, audio_at=161.0), 1)
    assert watch.told[0].kind is AlertKind.SILENCE and "what comes is silence" in watch.told[0].sentence
    assert watch.told[0].what == "Nothing to hear for 1 min"


def test_silence_says_when_not_even_packets_come() -> None:
    watch = Watch()
    watch.go_on(Facts(audio_since=100.0, spoke_at=100.0, heard_at=101.0, audio_at=101.0), 65)
    assert "no audio has come for 1 min" in watch.told[0].why


def test_a_pause_or_a_lost_socket_is_no_silence_and_the_count_starts_anew() -> None:
    watch = Watch()
    watch.go_on(Facts(audio_since=None, spoke_at=100.0, heard_at=100.0), 100)
    watch.go_on(Facts(audio_since=watch.now, spoke_at=100.0, heard_at=100.0), 59)
    assert not watch.told


def test_one_word_ends_the_silence() -> None:
    watch = Watch(Limits(silence_s=10))
    watch.go_on(Facts(audio_since=100.0, spoke_at=100.0, heard_at=100.0), 12)
    for _ in range(6):
        watch.go_on(Facts(audio_since=100.0, spoke_at=100.0, heard_at=watch.now), 0.5)
    assert watch.history == begins_and_ends(AlertKind.SILENCE)


def frozen(last_at: float, user_id: int = 7) -> Facts:
    return Facts(video_since=90.0, shown=(Shown(user_id=user_id, name="Maya", last_at=last_at),))


def test_a_picture_that_stands_still_and_comes_back() -> None:
    watch = Watch()
    watch.look(frozen(100.0), 104.5)
    assert not watch.told
    watch.look(frozen(100.0), 105.0)
    assert watch.told[0].sentence.startswith("The picture of Maya stands still: no video has come for 5 s")
    assert watch.told[0].action == "reconnect_now"
    for _ in range(8):
        watch.go_on(frozen(watch.now), 0.5)
    assert watch.history == begins_and_ends(AlertKind.FROZEN)


def test_a_picture_every_six_seconds_does_not_flap() -> None:
    watch = Watch()
    last = 100.0
    for number in range(120):
        watch.now += 0.5
        if number % 12 == 11:
            last = watch.now
        watch.look(frozen(last))
    assert watch.history == [(AlertKind.FROZEN, AlertState.BEGAN)]


def test_each_frozen_track_has_an_alert_of_its_own() -> None:
    watch = Watch()
    two = (Shown(user_id=1, name="A", last_at=100.0), Shown(user_id=2, name="B", last_at=100.0))
    watch.look(Facts(video_since=90.0, shown=two), 106.0)
    assert [alert.subject for alert in watch.book.active] == ["1", "2"]
    watch.go_on(Facts(video_since=90.0, shown=two[:1]), 3)
    assert [alert.subject for alert in watch.book.active] == ["1"]


def test_a_socket_that_was_away_gets_the_whole_time_again() -> None:
    watch = Watch()
    watch.look(Facts(video_since=108.0, shown=frozen(90.0).shown), 110.0)
    assert not watch.told


def test_lag_has_to_last_and_its_way_back_is_longer() -> None:
    watch = Watch()
    watch.go_on(Facts(behind_s=3.0), 4)
    watch.go_on(Facts(behind_s=0.2), 1)
    assert not watch.told
    watch.go_on(Facts(behind_s=3.0), 6)
    assert watch.history == [(AlertKind.LAG, AlertState.BEGAN)]
    watch.go_on(Facts(behind_s=1.6), 20)  # below the limit, but not far enough
    assert len(watch.history) == 1
    watch.go_on(Facts(behind_s=0.3), 4)
    assert watch.history == begins_and_ends(AlertKind.LAG)


def test_the_disk_warns_and_becomes_urgent() -> None:
    watch = Watch()
    disk = Facts(seconds_left=800.0, free_bytes=2_000_000_000, floor_bytes=500_000_000)
    watch.go_on(disk, 3)
    assert watch.told[-1].severity is Severity.WARNING and "13 min" in watch.told[-1].what
    watch.go_on(Facts(seconds_left=90.0, free_bytes=700_000_000), 1)
    assert watch.told[-1].severity is Severity.ERROR and watch.told[-1].state is AlertState.CHANGED
    watch.go_on(Facts(seconds_left=1000.0), 20)  # between 15 min and a quarter more: stays
    assert AlertState.ENDED not in [alert.state for alert in watch.told]
    watch.go_on(Facts(seconds_left=4000.0), 11)
    assert watch.history == begins_and_ends(AlertKind.DISK)


def test_near_the_floor_counts_even_before_the_rate_is_known() -> None:
    watch = Watch()
    watch.go_on(Facts(seconds_left=None, free_bytes=550_000_000, floor_bytes=500_000_000), 3)
    assert watch.told[-1].severity is Severity.ERROR and watch.told[-1].what.startswith("Little room")


def test_reconnecting_counts_down_in_words() -> None:
    watch = Watch()
    waiting = Facts(waiting=Waiting(link="video", due=103.0, window_ends=165.0))
    assert watch.look(waiting)[0].sentence == "Video socket lost. Trying again in 3 s, 65 s left."
    assert watch.look(waiting, 102.0)[0].sentence == "Video socket lost. Trying again in 1 s, 63 s left."
    assert watch.look(waiting, 102.1) == []  # the same words: nothing to tell
    assert watch.look(waiting, 104.0)[0].action == ""
    assert watch.look(Facts())[0].state is AlertState.ENDED


def test_one_stall_is_told_once_and_forgotten_after_a_while() -> None:
    watch = Watch()
    watch.look(Facts(stood_still_s=1.4))
    watch.go_on(Facts(stood_still_s=0.02), 9)
    watch.look(Facts(stood_still_s=2.0))
    watch.go_on(Facts(), 11)
    assert watch.history == begins_and_ends(AlertKind.STALL)


def test_a_recording_that_does_not_grow_is_an_error() -> None:
    watch = Watch()
    watch.look(Facts(stalled_s=4.0))
    assert watch.told[0].severity is Severity.ERROR
    watch.go_on(Facts(), 3)
    assert watch.history == begins_and_ends(AlertKind.RECORDING)


def test_the_end_of_a_session_ends_its_alerts_with_their_time() -> None:
    watch = Watch()
    watch.look(Facts(stalled_s=4.0))
    ended = watch.book.clear(107.0)
    assert ended[0].state is AlertState.ENDED and (ended[0].began_at, ended[0].ended_at) == (100.0, 107.0)
    assert not watch.book.active


def test_what_may_be_muted() -> None:
    limits = Limits(muted=tuple(kind.value for kind in AlertKind))
    assert {kind for kind in AlertKind if not limits.mutes(kind)} == NEVER_MUTED == {AlertKind.RECORDING}


@pytest.mark.parametrize("bad", [{"silence_s": 0}, {"lag_s": -1}, {"disk_minutes": "much"}, {"stall_ms": 1}])
def test_limits_out_of_their_range_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, Limits)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(4.0, "4 s"), (1.44, "1.4 s"), (65.0, "1 min 05 s"), (60.0, "1 min"), (850, "14 min"), (7500, "2 h 05 min")],
)
def test_lengths_in_words(seconds: float, words: str) -> None:
    assert span(seconds) == words
