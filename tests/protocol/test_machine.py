"""One link, message by message: handshake, keep-alive, silence, and everything that is out of place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rtms_desktop.errors import LocalProtocolError
from rtms_desktop.protocol.keepalive import Limits
from rtms_desktop.protocol.machine import Fault, LinkMachine, MediaMachine, SignalingMachine, Timeout
from rtms_desktop.protocol.states import LinkState, Step
from rtms_desktop.wire.enums import Dialect, Medium
from rtms_desktop.wire.messages import (
    ChatData,
    DataHandshakeRequest,
    DataHandshakeResponse,
    KeepAliveRequest,
    KeepAliveResponse,
    MediaData,
    Message,
    SignalingHandshakeRequest,
    SignalingHandshakeResponse,
    StreamStateUpdate,
    TranscriptData,
)

HELLO = SignalingHandshakeRequest(meeting_id="m", stream_id="s", signature="x")
MEDIA_HELLO = DataHandshakeRequest(meeting_id="m", stream_id="s", signature="x", media_type=1)
YES = SignalingHandshakeResponse(ok=True, status_code=0)
NO = SignalingHandshakeResponse(ok=False, status_code=3, reason="invalid signature")
MEDIA_YES = DataHandshakeResponse(ok=True, status_code=0)
MEDIA_NO = DataHandshakeResponse(ok=False, status_code=9, reason="no audio")
AUDIO = MediaData(medium=Medium.AUDIO, user_id=1, data=b"\0\0", timestamp=1)


def signaling(*, opened: bool = True) -> SignalingMachine:
    machine = SignalingMachine(Limits())
    machine.open(HELLO, 0.0)
    if opened:
        machine.socket_opened(1.0)
    return machine


def media(*, opened: bool = True) -> MediaMachine:
    machine = MediaMachine(Limits())
    machine.open(MEDIA_HELLO, 0.0)
    if opened:
        machine.socket_opened(1.0)
    return machine


def receive(machine: LinkMachine, message: Message, now: float = 1.0, dialect: Dialect = Dialect.PRODUCTION) -> bool:
    return machine.receive(message, dialect, now)


def faults(machine: LinkMachine) -> list[str]:
    return [fault.kind for fault in machine.take_faults()]


# -- handshake ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("machine", "hello"), [(signaling(opened=False), HELLO), (media(opened=False), MEDIA_HELLO)])
def test_the_handshake_goes_out_when_the_socket_opens(machine: LinkMachine, hello: Message) -> None:
    assert machine.state is LinkState.CONNECTING
    assert machine.take_outgoing() == []
    machine.socket_opened(1.0)
    assert machine.take_outgoing() == [hello]
    assert machine.take_outgoing() == []


def test_success_authenticates_and_is_told_with_its_cause() -> None:
    machine = signaling()
    machine.take_changes()
    assert receive(machine, YES)
    assert machine.state is LinkState.AUTHENTICATED
    (change,) = machine.take_changes()
    assert (change.old, change.new, change.code) == (LinkState.CONNECTING, LinkState.AUTHENTICATED, 0)


@pytest.mark.parametrize(("machine", "answer"), [(signaling(), NO), (media(), MEDIA_NO)])
def test_a_refusal_carries_status_and_reason(
    machine: LinkMachine, answer: SignalingHandshakeResponse | DataHandshakeResponse
) -> None:
    machine.take_changes()
    assert receive(machine, answer)
    (change,) = machine.take_changes()
    assert (change.new, change.code, change.reason) == (LinkState.REFUSED, answer.status_code, answer.reason)


@pytest.mark.parametrize("answer", [YES, NO])
def test_a_second_answer_changes_nothing(answer: Message) -> None:
    machine = signaling()
    receive(machine, YES)
    assert not receive(machine, answer)
    assert machine.state is LinkState.AUTHENTICATED
    assert faults(machine) == ["second_answer"]


@pytest.mark.parametrize(("machine", "answer"), [(signaling(), MEDIA_YES), (media(), YES)])
def test_an_answer_of_the_other_kind_of_socket_changes_nothing(machine: LinkMachine, answer: Message) -> None:
    assert not receive(machine, answer)
    assert machine.state is LinkState.CONNECTING
    assert faults(machine) == ["misplaced_answer"]


def test_an_answer_that_the_state_has_no_place_for_changes_nothing() -> None:
    machine = signaling()
    machine.step(Step.CLOSE, "stopping")
    assert not receive(machine, YES)
    assert machine.state is LinkState.CLOSING
    assert faults(machine) == ["second_answer"]


def test_other_messages_are_in_place_and_change_no_state() -> None:
    machine = media()
    receive(machine, MEDIA_YES)
    assert receive(machine, StreamStateUpdate(state=1))
    assert machine.state is LinkState.AUTHENTICATED


def test_a_new_connection_forgets_the_old_one() -> None:
    machine = signaling()
    receive(machine, YES)
    machine.step(Step.LOSE, "lost")
    machine.open(HELLO, 50.0)
    assert not machine.opened and not machine.answered
    machine.socket_opened(51.0)
    assert receive(machine, YES)


def test_our_own_misuse_raises() -> None:
    with pytest.raises(LocalProtocolError):
        signaling().open(HELLO, 2.0)


# -- data -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message", [AUDIO, TranscriptData(user_id=1, text="a", timestamp=1), ChatData(text="a", timestamp=1)]
)
def test_a_link_that_delivers_streams(message: Message) -> None:
    machine = media()
    receive(machine, MEDIA_YES)
    machine.step(Step.ALLOW, "allowed")
    assert receive(machine, message)
    assert machine.state is LinkState.STREAMING


def test_data_before_the_answer_stands_for_the_answer() -> None:
    machine = media()
    receive(machine, AUDIO)
    assert machine.state is LinkState.STREAMING
    assert machine.settled
    assert receive(machine, MEDIA_YES)  # the answer may follow
    assert machine.state is LinkState.STREAMING
    assert faults(machine) == []


def test_a_refusal_after_data_is_still_a_refusal() -> None:
    machine = media()
    receive(machine, AUDIO)
    assert receive(machine, MEDIA_NO)
    assert machine.state is LinkState.REFUSED


def test_a_paused_link_stays_paused_while_the_last_packets_arrive() -> None:
    machine = media()
    receive(machine, AUDIO)
    machine.step(Step.PAUSE, "paused")
    receive(machine, AUDIO)
    assert machine.state is LinkState.PAUSED


def test_media_on_signaling_changes_no_state() -> None:
    machine = signaling()
    assert receive(machine, AUDIO)
    assert machine.state is LinkState.CONNECTING


def test_only_changes_are_told() -> None:
    machine = media()
    receive(machine, AUDIO)
    machine.take_changes()
    receive(machine, AUDIO)
    assert machine.take_changes() == []


# -- keep-alive -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [signaling, media])
def test_a_keep_alive_is_answered_with_every_scalar_even_before_the_handshake(make: Callable[..., LinkMachine]) -> None:
    machine = make()
    machine.take_outgoing()
    echo = {"timestamp": 17, "sequence": 3, "server": "a"}
    receive(machine, KeepAliveRequest(timestamp=17, sequence=3, echo=echo))
    assert machine.take_outgoing() == [KeepAliveResponse(timestamp=17, sequence=3, echo=echo)]


def test_missed_keep_alives_are_faults_with_a_count() -> None:
    machine = signaling()
    receive(machine, YES)
    assert machine.wake(0, 27.0) is None
    assert machine.take_faults() == [Fault(kind="keep_alive_missed", text="no keep-alive for 26 s", count=2)]


@pytest.mark.parametrize(("make", "answer"), [(signaling, YES), (media, MEDIA_YES)])
def test_silence_for_too_long_is_death(make: Callable[..., LinkMachine], answer: Message) -> None:
    machine = make()
    receive(machine, answer)
    assert machine.wake(0, 65.9) is None
    assert machine.wake(0, 66.0) is Timeout.DEAD


def test_media_keeps_a_link_alive() -> None:
    machine = media()
    receive(machine, AUDIO, now=60.0)
    assert machine.wake(0, 70.0) is None
    assert machine.wake(0, 125.0) is Timeout.DEAD


def test_in_the_readme_dialect_the_client_asks() -> None:
    machine = signaling()
    receive(machine, YES, dialect=Dialect.README)
    machine.take_outgoing()
    assert machine.deadline() == 31.0
    machine.wake(1234, 31.0)
    assert machine.take_outgoing() == [KeepAliveRequest(timestamp=1234)]
    receive(machine, KeepAliveResponse(timestamp=1234), now=32.0, dialect=Dialect.README)
    assert machine.wake(0, 97.0) is Timeout.DEAD


# -- patience -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [signaling, media])
def test_no_connection_in_time(make: Callable[..., LinkMachine]) -> None:
    machine = make(opened=False)
    assert machine.wake(0, 9.9) is None
    assert machine.wake(0, 10.0) is Timeout.CONNECT


def test_signaling_without_an_answer_is_given_up_after_ten_seconds_in_all() -> None:
    machine = signaling()
    assert machine.deadline() == 10.0
    assert machine.wake(0, 9.9) is None
    assert machine.wake(0, 10.0) is Timeout.ANSWER


def test_a_silent_media_link_goes_on_without_an_answer() -> None:
    machine = media()
    assert not machine.settled
    assert machine.deadline() == 6.0
    assert machine.wake(0, 5.9) is None
    assert machine.state is LinkState.CONNECTING
    assert machine.wake(0, 6.0) is None
    assert machine.state is LinkState.READY
    assert machine.settled
    assert faults(machine) == ["handshake_unanswered"]
    assert machine.deadline() == 16.0


def test_a_late_answer_still_counts() -> None:
    machine = media()
    machine.wake(0, 6.0)
    assert receive(machine, MEDIA_YES, now=7.0)
    assert machine.state is LinkState.AUTHENTICATED


def test_an_unopened_media_link_holds_the_others_back_for_five_seconds_only() -> None:
    machine = media(opened=False)
    assert not machine.settled
    assert machine.deadline() == 5.0
    machine.wake(0, 5.0)
    assert machine.settled
    assert machine.state is LinkState.CONNECTING
    assert machine.deadline() == 10.0
    machine.socket_opened(7.0)
    assert machine.deadline() == 12.0
    machine.wake(0, 12.0)
    assert machine.state is LinkState.READY


@pytest.mark.parametrize("machine", [SignalingMachine(Limits()), MediaMachine(Limits())])
def test_a_link_without_a_socket_waits_for_nothing(machine: LinkMachine) -> None:
    assert machine.deadline() is None
    assert machine.wake(0, 1e9) is None
