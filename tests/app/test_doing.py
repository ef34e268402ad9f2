"""What is begun is guarded: what fails is told, and nothing else happens."""

from __future__ import annotations

import asyncio

from rtms_desktop.app.doing import begin
from rtms_desktop.app.events import Notice
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.errors import DiskError
from rtms_desktop.session.events import Severity


async def test_an_error_becomes_a_notice_with_its_own_words() -> None:
    hub, told = Hub(), list[AnyEvent]()
    hub.subscribe(told.extend)
    done = asyncio.Event()

    async def fail() -> None:
        raise DiskError("it could not be written", "the disk is full", "Make room.")

    async def succeed() -> None:
        done.set()

    begin(hub, "write", fail())
    begin(hub, "say so", succeed())
    assert not told and not done.is_set()
    await done.wait()
    notice = Notice(severity=Severity.ERROR, what="it could not be written", why="the disk is full", fix="Make room.")
    assert told == [notice]
