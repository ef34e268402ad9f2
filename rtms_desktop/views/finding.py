"""What the Doctor found: title and code, a sentence, the buttons, then the causes. Part of the Doctor dock."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QMenu, QScrollArea, QVBoxLayout, QWidget

from rtms_desktop.app.causes import Cause, Doubt
from rtms_desktop.viewmodels.doctor_vm import DoctorViewModel
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import ElidedLabel, Rule, button, label, set_kind

_NO_BAR = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse
_TOP = Qt.AlignmentFlag.AlignTop
COPIED_MS = 1500
NARROW = 600
KINDS = {
    "failed": ("circle-x", "error"), "limited": ("triangle-alert", "warn"), "calm": ("circle-check", "ok"),
    "doing": ("circle-dot", "text2"),
}  # fmt: skip
DOUBTS = {
    Doubt.FOUND: ("circle-alert", "error"),
    Doubt.POSSIBLE: ("circle-question-mark", "text1"),
    Doubt.RULED_OUT: ("check", "text3"),
}


class CauseRow(QWidget):
    """Title and remark of a cause, and at the right how much speaks for it."""

    def __init__(self, cause: Cause, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"{cause.title} {cause.note} {cause.doubt.value}")
        icon, token = DOUBTS[cause.doubt]
        mark = QLabel()
        mark.setPixmap(theme().pixmap(icon, token, 16))
        ruled_out = cause.doubt is Doubt.RULED_OUT
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(ElidedLabel(cause.title.rstrip("."), "t3" if ruled_out else "t1", "medium"))
        if cause.note:
            words.addWidget(ElidedLabel(cause.note, "t3" if ruled_out else "t2", "dense"))
        kind = {Doubt.FOUND: "error", Doubt.POSSIBLE: "t1", Doubt.RULED_OUT: "t3"}[cause.doubt]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, Space.M, 0, Space.M)
        row.setSpacing(Space.L)
        row.addWidget(mark, 0, _TOP)
        row.addLayout(words, 1)
        row.addWidget(label(cause.doubt.value, kind, "dense"), 0, _TOP)


class FindingPane(QScrollArea):
    """The right half of the Doctor. ``edit_wanted``: somebody wants the connect form."""

    edit_wanted = Signal()

    def __init__(self, model: DoctorViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._narrow = False
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(_NO_BAR)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Finding")
        page = QWidget()
        page.setObjectName("panel")
        self._layout = layout = QHBoxLayout(page)
        layout.setSpacing(Space.L)
        self._icon = QLabel()
        self._icon.setFixedWidth(24)
        layout.addWidget(self._icon, 0, _TOP)
        column = QVBoxLayout()
        column.setSpacing(Space.M)
        layout.addLayout(column, 1)
        self._make_words(column)
        self._make_buttons(column)
        self._make_causes(column)
        self._make_signed(column)
        column.addStretch(1)
        self.setWidget(page)
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(COPIED_MS)
        self._copied.timeout.connect(self._name_copy)
        theme().changed.connect(self.show_finding)

    # -- making --------------------------------------------------------------------------------------------------

    def _make_words(self, column: QVBoxLayout) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.L)
        self.headline, self.chip = label("", "t1", "title"), label("", "chip_error", "dense_strong")
        self.headline.setWordWrap(True)
        self.chip.setTextInteractionFlags(_SELECTABLE)
        head.addWidget(self.headline, 1)
        head.addWidget(self.chip, 0, _TOP)
        column.addLayout(head)
        self.sentence, self.fixes = label("", "t2"), label("", "t1")
        for part in (self.sentence, self.fixes):
            part.setWordWrap(True)
            part.setTextInteractionFlags(_SELECTABLE)
            column.addWidget(part)

    def _make_buttons(self, column: QVBoxLayout) -> None:
        self.edit_button = button("Edit credentials", clicked=self.edit_wanted.emit, tip="Open the connect form")
        self.profile_button = button("Use another profile   ", tip="Try again as another app")
        self._profiles = QMenu(self.profile_button)
        self._profiles.aboutToShow.connect(self._fill_profiles)
        self.profile_button.setMenu(self._profiles)
        self.retry_button = button(
            "Try again", icon="refresh-cw", clicked=self._model.retry, tip="Connect once more with the same request"
        )
        self.copy_button = button(
            "Copy report", kind="flat", icon="copy", token="text2", clicked=self.copy_report,
            tip="Everything shown here as text; no secret is in it",
        )  # fmt: skip
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, Space.XS, 0, Space.XS)
        row.setSpacing(Space.M)
        for part in (self.edit_button, self.profile_button, self.retry_button):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.copy_button)
        column.addWidget(self._buttons)

    def _make_causes(self, column: QVBoxLayout) -> None:
        self._why = label("Why, most likely first", "t3", "label_strong")
        self._causes = QFrame()
        self._cause_rows = QVBoxLayout(self._causes)
        self._cause_rows.setContentsMargins(0, 0, 0, 0)
        self._cause_rows.setSpacing(0)
        column.addWidget(self._why)
        column.addWidget(self._causes)

    def _make_signed(self, column: QVBoxLayout) -> None:
        self._signed_head = label("Signed text", "t3", "label_strong")
        self.signed = QLineEdit()
        self.signed.setReadOnly(True)
        self.signed.setFont(theme().font("mono"))
        self.signed.setAccessibleName("Signed text: client ID, meeting ID, stream ID")
        self.signed.setToolTip("Client ID, meeting ID and stream ID: this text was signed with the secret")
        column.addSpacing(Space.S)
        column.addWidget(self._signed_head)
        column.addWidget(self.signed)

    # -- following -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow pane gives way at its margins and in the words of its last button."""
        super().resizeEvent(event)
        self._narrow = self.width() < NARROW
        side = Space.L if self._narrow else Space.PAGE
        self._layout.setContentsMargins(side, 18, side, 18)
        self._name_copy()

    def _name_copy(self, text: str = "Copy report") -> None:
        self.copy_button.setText("" if self._narrow else text)

    def show_finding(self) -> None:
        model, found = self._model, self._model.finding()
        icon, token = KINDS[found.kind]
        self._icon.setPixmap(theme().pixmap(icon, token, 24))
        self.headline.setText(found.title)
        self.chip.setText(found.code)
        self.chip.setVisible(bool(found.code))
        self.sentence.setText(found.sentence)
        self.fixes.setText("\n".join(found.fixes))
        self.fixes.setVisible(bool(found.fixes))
        failed = found.kind == "failed" and model.page == "steps"
        self._show_buttons(failed=failed, credentials=found.credentials)
        self._show_causes(found.causes)
        signed = model.signed_text
        self.signed.setText(signed)
        self.signed.setCursorPosition(0)
        for part in (self._signed_head, self.signed):
            part.setVisible(bool(signed))
        self.setAccessibleDescription(f"{found.title}. {found.code}. {found.sentence}")

    def _show_buttons(self, *, failed: bool, credentials: bool) -> None:
        self.edit_button.setVisible(failed)
        self.edit_button.setText("Edit credentials" if credentials else "Edit connection")
        self.edit_button.setAccessibleName(self.edit_button.text())
        self.retry_button.setVisible(failed and self._model.can_retry)
        self.profile_button.setVisible(failed and credentials and bool(self._model.other_profiles()))
        set_kind(self.edit_button, "primary" if credentials else "")
        set_kind(self.retry_button, "" if credentials else "primary")
        theme().bind_icon(self.retry_button, "refresh-cw", "text1" if credentials else "on_accent")

    def _show_causes(self, causes: tuple[Cause, ...]) -> None:
        while self._cause_rows.count():
            item = self._cause_rows.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for cause in causes:
            self._cause_rows.addWidget(Rule())
            self._cause_rows.addWidget(CauseRow(cause))
        if causes:
            self._cause_rows.addWidget(Rule())
        for part in (self._why, self._causes):
            part.setVisible(bool(causes))

    def _fill_profiles(self) -> None:
        self._profiles.clear()
        for client_id, short in self._model.other_profiles():
            self._profiles.addAction(short).triggered.connect(lambda _=False, one=client_id: self._model.retry(one))

    def copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self._model.report())
        self._name_copy("Copied")
        self._copied.start()
