"""What makes the window a good citizen of the desktop: one instance, a word after a crash, reports (main thread).

Made by the composition root once the window is furnished; `close` ends it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QIcon

from rtms_desktop.app.events import RecordingChanged, RecordingState, SessionOpened
from rtms_desktop.app.report import report
from rtms_desktop.app.run_log import RunLog
from rtms_desktop.paths import resource
from rtms_desktop.session.events import Severity
from rtms_desktop.viewmodels.instance import Instance
from rtms_desktop.views.body import Body

CRASHED = "The program did not end properly last time. Its log was kept; recordings are repaired when they are opened."


class Manners(QObject):
    """Args:
    instance: hears of later starts; None where this window stays alone.
    """

    def __init__(
        self,
        controller: Any,
        body: Body,
        run_log: RunLog,
        instance: Instance | None,
    ) -> None:
        window = body.main_window
        super().__init__(window)
        self._controller, self._window, self._instance = controller, window, instance
        self._open_again = body.commands.started_again
        self._first_frame = False
        window.setWindowIcon(QIcon(str(resource("icons", "app.svg"))))
        body.commands.log_folder = run_log.folder
        if run_log.crashed:
            show_log = partial(body.do, "log_folder")
            body.models.notices.put("crash", Severity.WARNING, CRASHED, do=show_log, label="Open log folder")
        if instance is not None:
            instance.setParent(self)
            instance.received.connect(self._started_again)
        body.models.stage.frame_arrived.connect(self._frame_came)
        self._unsubscribe = controller.hub.subscribe(self._note)

    def close(self) -> None:
        self._unsubscribe()
        if self._instance is not None:
            self._instance.close()

    def _started_again(self, message: dict[str, Any]) -> None:
        token = message.get("token")
        if isinstance(token, str) and token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token  # read by Qt when it asks for the front
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        self._open_again(message)

    # -- reports ---------------------------------------------------------------------------------------------------

    def _note(self, events: Sequence[Any]) -> None:
        for event in events:
            if isinstance(event, SessionOpened):
                self._first_frame = False
            elif isinstance(event, RecordingChanged) and event.folder is not None:
                if event.state is RecordingState.RECORDING:
                    report("recording", bundle=str(event.folder))
                elif event.state is RecordingState.OFF:
                    report("recorded", bundle=str(event.folder))

    def _frame_came(self, key: object) -> None:
        """The first picture counts once it was painted, which is known when the second comes."""
        if not self._first_frame and self._controller.figures()["frames_shown"]:
            self._first_frame = True
            report("first_frame")
