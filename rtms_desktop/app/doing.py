"""How the controller and its desks begin what takes longer: never waited for, and what fails is told. Main thread."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any

from rtms_desktop.app.events import Notice
from rtms_desktop.app.hub import Hub
from rtms_desktop.errors import RtmsError
from rtms_desktop.session.events import Severity
from rtms_desktop.transport.tasks import spawn

log = logging.getLogger(__name__)


def begin(hub: Hub, doing: str, coro: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine; an RtmsError becomes a Notice. ``doing``: in the words of a log, "repair a recording"."""

    async def guarded() -> None:
        try:
            await coro
        except RtmsError as error:
            tell_failure(hub, doing, error)

    spawn(guarded(), name=doing)


def tell_failure(hub: Hub, doing: str, error: RtmsError) -> None:
    """A Notice with the error's own words."""
    log.info("%s: %s", doing, error.sentence())
    hub.publish([Notice(severity=Severity.ERROR, what=error.what, why=error.why, fix=error.fix)])
