"""The life of one link as data. Everything that decides which state follows which stands in this file.

Called by the machines of this room only; the names of the states are re-exported by ``session.events``.
"""

from __future__ import annotations

from enum import StrEnum

from rtms_desktop.errors import LocalProtocolError


class LinkState(StrEnum):
    """States of one link, in the order of its life."""

    CLOSED = "closed"
    CONNECTING = "connecting"
    AUTHENTICATED = "authenticated"  # its handshake was answered with success
    READY = "ready"  # signaling: ready sent; media: allowed to stream, nothing arrived yet
    STREAMING = "streaming"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"  # lost
    WAITING = "waiting"  # lost, and a retry has a due time
    CLOSING = "closing"
    REFUSED = "refused"  # the server said no
    FAILED = "failed"  # given up


class Role(StrEnum):
    SIGNALING = "signaling"
    MEDIA = "media"


class Step(StrEnum):
    """What can happen to a link. The first three are the server's doing, the others are ours or the network's."""

    ACCEPT = "accept"  # message 2 or 4 with success
    REFUSE = "refuse"  # message 2 or 4 without
    DATA = "data"  # media arrived
    OPEN = "open"  # we ask for a connection
    SILENCE = "silence"  # the handshake stays unanswered, the socket is open: we go on without an answer
    ALLOW = "allow"  # CLIENT_READY_ACK went out
    PAUSE = "pause"
    RESUME = "resume"
    LOSE = "lose"  # the socket is gone, or we hold it for dead
    SCHEDULE = "schedule"  # a retry has a due time
    GIVE_UP = "give up"
    CLOSE = "close"  # we begin to take leave
    END = "end"  # we are done with it


Row = dict[Step, LinkState]

_ENDS: Row = {Step.END: LinkState.CLOSED}
_LIVES: Row = _ENDS | {
    Step.LOSE: LinkState.INTERRUPTED,
    Step.CLOSE: LinkState.CLOSING,
    Step.GIVE_UP: LinkState.FAILED,
}
_LOST: Row = _ENDS | {
    Step.OPEN: LinkState.CONNECTING,
    Step.SCHEDULE: LinkState.WAITING,
    Step.GIVE_UP: LinkState.FAILED,
    Step.CLOSE: LinkState.CLOSED,
}
_OVER: Row = {Step.OPEN: LinkState.CONNECTING}

_SHARED: dict[LinkState, Row] = {
    LinkState.CLOSED: _OVER | _ENDS | {Step.GIVE_UP: LinkState.FAILED},
    LinkState.INTERRUPTED: _LOST,
    LinkState.WAITING: _LOST | {Step.LOSE: LinkState.INTERRUPTED},
    LinkState.REFUSED: _OVER | {Step.SCHEDULE: LinkState.WAITING},
    LinkState.FAILED: _OVER,
}

TRANSITIONS: dict[Role, dict[LinkState, Row]] = {
    Role.SIGNALING: _SHARED
    | {
        LinkState.CONNECTING: _LIVES | {Step.ACCEPT: LinkState.AUTHENTICATED, Step.REFUSE: LinkState.REFUSED},
        LinkState.AUTHENTICATED: _LIVES | {Step.ALLOW: LinkState.READY},
        LinkState.READY: _LIVES | {Step.ALLOW: LinkState.READY},
        LinkState.CLOSING: _ENDS | {Step.LOSE: LinkState.CLOSED},
    },
    Role.MEDIA: _SHARED
    | {
        LinkState.CONNECTING: _LIVES
        | {
            Step.ACCEPT: LinkState.AUTHENTICATED,
            Step.REFUSE: LinkState.REFUSED,
            Step.SILENCE: LinkState.READY,
            # Some servers stream before, or without, message 4: what delivers is authenticated and ready.
            Step.DATA: LinkState.STREAMING,
        },
        LinkState.AUTHENTICATED: _LIVES | {Step.ALLOW: LinkState.READY, Step.DATA: LinkState.STREAMING},
        LinkState.READY: _LIVES
        | {
            Step.ACCEPT: LinkState.AUTHENTICATED,  # a late answer: it still has to be allowed to stream
            Step.REFUSE: LinkState.REFUSED,
            Step.DATA: LinkState.STREAMING,
            Step.PAUSE: LinkState.PAUSED,
        },
        LinkState.STREAMING: _LIVES
        | {
            Step.ACCEPT: LinkState.STREAMING,
            Step.REFUSE: LinkState.REFUSED,
            Step.DATA: LinkState.STREAMING,
            Step.PAUSE: LinkState.PAUSED,
        },
        LinkState.PAUSED: _LIVES
        | {
            Step.ACCEPT: LinkState.PAUSED,
            Step.REFUSE: LinkState.REFUSED,
            Step.DATA: LinkState.PAUSED,
            Step.RESUME: LinkState.READY,
        },
        LinkState.CLOSING: _ENDS
        | {
            Step.ACCEPT: LinkState.CLOSING,
            Step.REFUSE: LinkState.CLOSING,
            Step.DATA: LinkState.CLOSING,
            Step.LOSE: LinkState.CLOSED,
        },
    },
}
"""TRANSITIONS[role][state][step] is the next state; what is not listed cannot happen."""

UP = frozenset({LinkState.READY, LinkState.STREAMING, LinkState.PAUSED})
"""The link does what it is for, or would if the server sent anything."""

OPEN = UP | {LinkState.CONNECTING, LinkState.AUTHENTICATED, LinkState.CLOSING}
"""There is a socket, or one is being opened."""

LOST = frozenset({LinkState.INTERRUPTED, LinkState.WAITING})

OVER = frozenset({LinkState.REFUSED, LinkState.FAILED})
"""Nothing more comes of it unless the whole session is built anew."""


def permits(role: Role, state: LinkState, step: Step) -> bool:
    """Whether ``step`` can happen in ``state``; asked before a step that the server causes."""
    return step in TRANSITIONS[role][state]


def advance(role: Role, state: LinkState, step: Step) -> LinkState:
    """The next state. Raises LocalProtocolError for a step that cannot happen: a bug of ours."""
    try:
        return TRANSITIONS[role][state][step]
    except KeyError:
        raise LocalProtocolError(f"a {role} link cannot {step} while it is {state}") from None
