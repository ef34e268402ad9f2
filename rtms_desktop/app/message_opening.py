"""How a session and its sockets came to be: what some of its messages need to be played, or only sent, again.

Kept by the live log on the loop's thread, read from a tape by the inspector's thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from rtms_desktop.app.message_rows import CONTROL_KINDS, Array, Channel
from rtms_desktop.recording.control import wake
from rtms_desktop.wire.enums import MessageType
from rtms_desktop.wire.redact import redact_bytes

KINDS = frozenset(
    {
        *(CONTROL_KINDS[name] for name in ("recording", "seed", "request", "link_opened", "link_closed")),
        MessageType.SIGNALING_HAND_SHAKE_REQ,
        MessageType.SIGNALING_HAND_SHAKE_RESP,
        MessageType.DATA_HAND_SHAKE_REQ,
        MessageType.DATA_HAND_SHAKE_RESP,
        MessageType.CLIENT_READY_ACK,
        MessageType.STREAM_STATE_UPDATE,
        MessageType.SESSION_STATE_UPDATE,
        MessageType.KEEP_ALIVE_REQ,  # without them the sockets would count as lost
    }
)
KEPT = 50_000
"""Eight hours of keep-alives on six sockets are a third of it."""

NO_URL = "wss://HOST/PATH"


class Opening(NamedTuple):
    """One of them under the serial of its row; ``time``: ns, as in the rows. ``body``: secrets blanked."""

    serial: int
    kind: int
    channel: Channel
    time: int
    body: bytes


class OpeningBook:
    """Those of a live session. Overflow policy: drop the newest, counted in ``dropped``: all rests on the first."""

    def __init__(self) -> None:
        self.dropped = 0
        self._kept: list[Opening] = []

    def put(self, serial: int, kind: int, channel: Channel, time: int, data: str | bytes) -> None:
        if kind not in KINDS:
            return
        if len(self._kept) == KEPT:
            self.dropped += 1
            return
        body = redact_bytes(data.encode("utf-8", "replace") if isinstance(data, str) else data)
        self._kept.append(Opening(serial, kind, channel, time, body))

    def so_far(self) -> tuple[Opening, ...]:
        return tuple(self._kept)


def wake_before(one: Opening) -> dict[str, Any] | None:
    """The timer at which a socket was opened: without it a lost one is never asked for again."""
    now = msgspec.json.decode(one.body).get("now") if one.kind == CONTROL_KINDS["link_opened"] else None
    return wake(now) if isinstance(now, int | float) else None


def among(serials: Array, opening: Iterable[Opening]) -> Iterator[tuple[int, Opening | None, bool]]:
    """(serial, opening, whether it was chosen): the chosen, and before each what had opened until then; each once."""
    rest = iter(opening)
    ahead = next(rest, None)
    for serial in serials.tolist():
        here = None
        while ahead is not None and ahead.serial <= serial:
            if ahead.serial < serial:
                yield ahead.serial, ahead, False
            else:
                here = ahead
            ahead = next(rest, None)
        yield serial, here, True


def url_of(opening: Iterable[Opening], link: str, serial: int) -> str:
    """Where the socket of a row was connected to, without its query."""
    url = NO_URL
    for one in opening:
        if one.serial > serial:
            break
        if one.kind == CONTROL_KINDS["link_opened"] and one.channel.link == link:
            url = str(msgspec.json.decode(one.body).get("url", "")).partition("?")[0] or NO_URL
    return url
