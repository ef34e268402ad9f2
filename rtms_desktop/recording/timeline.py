"""Which events of a session are kept to tell its story again, and in which form. Used by the index and by live time
shift, which so tell the same; each on a thread of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import msgspec

from rtms_desktop.session import events as ev
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import UnknownMessage

MAX_OF_A_KIND = 20_000
"""Overflow: anomalies and odd messages beyond this are left out and counted in ``left_out``."""

_BOUNDED = (ev.Anomaly, ev.OtherMessage, ev.WireEvent)
_RAW_KEPT = 4096


class TimelineFilter:
    """Lets through all but media and keep-alives; of each track the first unit, without its data.

    ``left_out`` counts events beyond the bound, by kind.
    """

    def __init__(self, left_out: Counter[str] | None = None) -> None:
        self.left_out: Counter[str] = Counter() if left_out is None else left_out
        self._seen: set[tuple[Medium, int]] = set()
        self._kinds: Counter[str] = Counter()

    def kept(self, event: ev.Event) -> ev.Event | None:
        """The event as it is kept; None: it is not."""
        if isinstance(event, ev.MediaReceived):
            if (event.medium, event.user_id) in self._seen:
                return None
            self._seen.add((event.medium, event.user_id))
            return replace(event, data=b"")
        if isinstance(event, ev.KeepAlive):
            return None
        if isinstance(event, _BOUNDED):
            kind = type(event).__name__
            self._kinds[kind] += 1
            if self._kinds[kind] > MAX_OF_A_KIND:
                self.left_out[kind] += 1
                return None
            return _slim(event)
        return event


def _slim(event: ev.Event) -> ev.Event:
    """An unreadable message may be as large as a picture; its head says enough."""
    if isinstance(event, ev.OtherMessage) and isinstance(event.message, UnknownMessage):
        raw = event.message.raw
        if isinstance(raw, str | bytes) and len(raw) > _RAW_KEPT:
            return replace(event, message=msgspec.structs.replace(event.message, raw=raw[:_RAW_KEPT]))
    return event
