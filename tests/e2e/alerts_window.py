"""The window with a real controller and a real mock server, in a process of its own; what it showed goes to stdout.

``python -m tests.e2e.alerts_window FOLDER [WIDTH HEIGHT THEME]``; with a size it leaves pictures in the folder.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import qasync
from PySide6.QtWidgets import QApplication, QFileDialog

from rtms_desktop.app.alert_rules import Limits
from rtms_desktop.app.controller import Controller
from rtms_desktop.app.metrics import RECONNECTS
from rtms_desktop.app.places import log_folder
from rtms_desktop.app.run_log import RunLog
from rtms_desktop.app.settings import Settings
from rtms_desktop.session.events import Phase
from rtms_desktop.viewmodels.bridge import Bridge
from rtms_desktop.views.main_window import MainWindow

PATIENCE_S = 40


class Play:
    """One run; ``told`` is what the test reads."""

    def __init__(self, folder: Path, pictures: bool) -> None:
        self.folder, self.pictures = folder, pictures
        self.told: dict[str, str] = {}
        settings = Settings(folder / "config")
        settings.change(alerts=Limits(frozen_s=2, stall_ms=60_000, lag_s=60.0))  # only what is provoked
        self.log = RunLog(log_folder(folder / "config"))
        self.log.start()
        bridge = Bridge()
        self.controller = Controller(settings, wake=bridge.wake)
        self.window = MainWindow(folder)
        self.body = self.window.furnish(self.controller, bridge)

    async def until(self, what: str, seen: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not seen():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise SystemExit(f"never seen: {what}; the banner says {self.banner!r}") from None

    @property
    def banner(self) -> str:
        return self.body.banner.text() if self.body.banner.isVisible() else ""

    def show(self, name: str) -> None:
        self.told[name] = self.banner
        if self.pictures:
            self.window.grab().save(str(self.folder / f"{name}.png"))

    async def run(self) -> None:
        self.window.show()
        await self.controller.demo(record=False)
        await self.until(
            "the stream", lambda: self._phase() is Phase.STREAMING and len(self.body.models.stage.frames) > 1
        )
        await self._freeze()
        await self._lose()
        await self._save()
        if self.pictures:
            await self._look_around()
        await self._revoke()

    async def _freeze(self) -> None:
        mock = self.controller.mock
        mock.act("lose", link="video", percent=100)
        await self.until("a frozen picture", lambda: "stands still" in self.banner)
        self.show("frozen")
        mock.act("calm", link="video")
        await self.until("the picture again", lambda: not self.banner)
        await self.until("its end among the events", lambda: any("over after" in row for row in self._rows()))
        self.told["began"] = next(row for row in self._rows() if row.startswith("The picture"))
        self.told["ended"] = next(row for row in self._rows() if "over after" in row)

    async def _lose(self) -> None:
        self.controller.mock.act("drop", link="video")
        await self.until("a lost socket", lambda: "socket lost" in self.banner)
        self.show("reconnecting")
        await self.until("the socket again", lambda: not self.banner)
        await self.until("its figure", lambda: self.controller.metrics.meter.total(RECONNECTS) == 1)

    async def _save(self) -> None:
        dialog: QFileDialog = self.body.diagnostics.ask()
        dialog.fileSelected.emit(str(self.folder / "diagnostics.zip"))
        dialog.close()
        await self.until("the toast", lambda: self.body.toast.isVisible() and "Diagnostics" in self.body.toast.text())
        self.told["toast"] = self.body.toast.text()
        self.show("diagnostics")

    async def _revoke(self) -> None:
        self.controller.mock.act("revoke")
        await self.until("the stream taken back", lambda: "taken back" in self.banner)
        self.show("revoked")
        self.told["muting"] = self.body.models.notices.mutable()

    async def _look_around(self) -> None:
        self.body.panels.panels["monitor"].widget.show_figures(True)
        await asyncio.sleep(6)
        self.show("figures")
        for page in ("alerts", "metrics"):
            dialog = self.body.commands.dialog("settings", page)
            await asyncio.sleep(0.4)
            dialog.grab().save(str(self.folder / f"settings-{page}.png"))
            dialog.close()

    def _phase(self) -> Phase:
        session = self.controller.session
        return session.core.phase if session is not None else Phase.IDLE

    def _rows(self) -> list[str]:
        self.body.panels.build()
        rows = self.body.panels.panels["events"].widget.model.model.rows
        return [row.text.sentence for row in rows if row.text.link == "video"]

    async def close(self) -> None:
        await self.controller.shutdown()
        self.window.finish()
        self.log.close()


async def main() -> None:
    folder, *look = sys.argv[1:]
    play = Play(Path(folder), bool(look))
    if look:
        play.window.resize(int(look[0]), int(look[1]))
        play.body.models.settings.set_theme(look[2])
    try:
        await play.run()
    finally:
        await play.close()
    print(json.dumps(play.told), flush=True)


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        runner.run(main())
