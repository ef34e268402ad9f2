"""How a line of the mock server's log looks: time, who, what; faults tinted, recoveries ticked. Main thread."""

from __future__ import annotations

from rtms_desktop.viewmodels.mock_vm import MockViewModel
from rtms_desktop.views.row_layout import Glyph, RowLayout
from rtms_desktop.views.theme import Space

HIGH, WHO, TEXT = 22, 70, 122
_INKS = {"": "text1", "good": "text1", "fault": "warn_bg_text", "bad": "warn"}


class MockLogLook:
    """One line of a fixed height."""

    def __init__(self, model: MockViewModel) -> None:
        self._model = model
        self.plain = model.plain
        self.line = HIGH

    def chars_per_line(self, width: int) -> float:
        return 1.0

    def rough(self, serial: int) -> tuple[int, int]:
        return HIGH, 0

    def lay_out(self, serial: int, width: int) -> RowLayout:
        line = self._model.store.row(serial)
        row = RowLayout(height=HIGH, tint="warn_bg" if line.level == "fault" else "")
        room = width - TEXT - Space.DOCK - (20 if line.level == "good" else 0)
        row.line(self._model.clock(line), Space.DOCK, WHO - Space.DOCK, "mono", "text3", 2)
        row.line(line.who, WHO, TEXT - WHO, "dense", "text3" if line.level != "fault" else "warn_bg_text", 2)
        row.line(self._model.line_text(line), TEXT, room, "dense", _INKS[line.level], 2)
        if line.level == "good":
            row.glyphs.append(Glyph(width - 28, 4, "check", "ok"))
        return row

    def tip(self, serial: int) -> str:
        line = self._model.store.row(serial)
        return f"{line.who}: {self._model.line_text(line)}"
