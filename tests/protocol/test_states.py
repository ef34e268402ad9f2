"""The transition tables: complete, closed, and loud about our own mistakes."""

from __future__ import annotations

import pytest

from rtms_desktop.errors import LocalProtocolError
from rtms_desktop.protocol.states import LOST, OPEN, OVER, TRANSITIONS, UP, LinkState, Role, Step, advance, permits
from rtms_desktop.session import events

MEDIA_ONLY = {LinkState.STREAMING, LinkState.PAUSED}


@pytest.mark.parametrize("role", Role)
def test_every_state_that_can_be_reached_has_a_row(role: Role) -> None:
    reached = {LinkState.CLOSED} | {state for row in TRANSITIONS[role].values() for state in row.values()}
    assert reached == set(TRANSITIONS[role])


def test_signaling_knows_every_state_but_those_of_media() -> None:
    assert set(LinkState) - set(TRANSITIONS[Role.SIGNALING]) == MEDIA_ONLY
    assert set(TRANSITIONS[Role.MEDIA]) == set(LinkState)


@pytest.mark.parametrize("role", Role)
def test_every_link_can_be_left_from_every_state_with_a_socket(role: Role) -> None:
    for state in OPEN & set(TRANSITIONS[role]):
        assert advance(role, state, Step.END) is LinkState.CLOSED
        assert permits(role, state, Step.LOSE)


@pytest.mark.parametrize("role", Role)
def test_every_state_without_a_socket_leads_back_to_connecting(role: Role) -> None:
    for state in {LinkState.CLOSED} | LOST | OVER:
        assert advance(role, state, Step.OPEN) is LinkState.CONNECTING


@pytest.mark.parametrize("role", Role)
def test_a_lost_link_waits_or_is_given_up(role: Role) -> None:
    for state in LOST:
        assert advance(role, state, Step.SCHEDULE) is LinkState.WAITING
        assert advance(role, state, Step.GIVE_UP) is LinkState.FAILED


def test_the_groups_of_states_do_not_overlap() -> None:
    groups = [UP, LOST, OVER]
    assert sum(len(group) for group in groups) == len(frozenset().union(*groups))
    assert not OPEN & (LOST | OVER)


def test_a_media_link_lives_its_life() -> None:
    life = [
        (Step.OPEN, LinkState.CONNECTING),
        (Step.ACCEPT, LinkState.AUTHENTICATED),
        (Step.ALLOW, LinkState.READY),
        (Step.DATA, LinkState.STREAMING),
        (Step.PAUSE, LinkState.PAUSED),
        (Step.RESUME, LinkState.READY),
        (Step.DATA, LinkState.STREAMING),
        (Step.LOSE, LinkState.INTERRUPTED),
        (Step.SCHEDULE, LinkState.WAITING),
        (Step.OPEN, LinkState.CONNECTING),
        (Step.REFUSE, LinkState.REFUSED),
    ]
    state = LinkState.CLOSED
    for step, expected in life:
        state = advance(Role.MEDIA, state, step)
        assert state is expected


def test_an_impossible_step_of_ours_names_link_step_and_state() -> None:
    with pytest.raises(LocalProtocolError, match="a signaling link cannot allow while it is connecting"):
        advance(Role.SIGNALING, LinkState.CONNECTING, Step.ALLOW)


def test_the_session_tells_states_by_the_same_names() -> None:
    assert events.LinkState is LinkState
