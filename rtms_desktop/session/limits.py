"""Translates the session's timing into what the machines of one link need."""

from __future__ import annotations

from rtms_desktop.protocol.keepalive import Limits
from rtms_desktop.session.config import Timing


def link_limits(timing: Timing) -> Limits:
    return Limits(
        connect_s=timing.connect_s,
        answer_s=timing.media_answer_s,
        keep_alive_every_s=timing.keep_alive_every_s,
        keep_alive_limit_s=timing.keep_alive_limit_s,
        ask_every_s=timing.client_keep_alive_s,
    )
