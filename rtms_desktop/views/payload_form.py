"""Paste, look, connect: the two cards of the start page, used by the connect dialog too (main thread)."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QSyntaxHighlighter, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.app.media_choice import PRESETS
from rtms_desktop.viewmodels.start_vm import TEXT_LIMIT, StartViewModel
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import CENTER, ElidedLabel, KeyValueRow, Rule, button, label, set_kind
from rtms_desktop.wire.enums import Medium

KEY_WIDTH = 94
TYPING_MS = 250
MONO_LINE = 20
SHOWN_LIMIT = 100_000
OTHER = "Another client ID"
MARKS = {"ok": ("check", "ok"), "warn": ("triangle-alert", "warn"), "": ("", "text3")}
DELETE_ON_CLOSE = Qt.WidgetAttribute.WA_DeleteOnClose


class JsonColours(QSyntaxHighlighter):
    """Keys, strings, numbers and words of JSON in the tokens of the theme."""

    _PATTERN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b')

    def highlightBlock(self, text: str) -> None:
        for match in self._PATTERN.finditer(text):
            group = next(number for number in (1, 3, 4) if match.group(number) is not None)
            token = {1: "text2" if match.group(2) else "json_string", 3: "speaker.0", 4: "speaker.3"}[group]
            style = QTextCharFormat()
            style.setForeground(theme().color(token))
            self.setFormat(match.start(group), match.end(group) - match.start(group), style)


def read_text_file(path: Path) -> str:
    """The text of a payload file, up to one byte more than can be read as a payload. Raises OSError."""
    with path.open("rb") as file:
        return file.read(TEXT_LIMIT + 1).decode("utf-8-sig", "replace")


class PayloadForm(QWidget):
    """Before a paste one wide target; after it the payload and what was understood. `connected`: the request is out."""

    connected = Signal()

    def __init__(self, model: StartViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._pages = QStackedWidget()
        self.drop = DropTarget()
        self.payload = PayloadCard(model)
        self.understood = UnderstoodCard(model)
        cards = QWidget()
        row = QHBoxLayout(cards)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XL)
        row.addWidget(self.payload, 45)
        row.addWidget(self.understood, 55)
        self._pages.addWidget(self.drop)
        self._pages.addWidget(cards)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        for part in (self.drop, self.payload):
            part.paste_wanted.connect(self.paste)
            part.file_wanted.connect(self.choose_file)
        model.changed.connect(self._show)
        model.connecting.connect(self.connected)
        self._show()

    def paste(self) -> None:
        """Take the clipboard's text."""
        self._model.set_text(QGuiApplication.clipboard().text()[: TEXT_LIMIT + 1])

    def choose_file(self) -> None:
        dialog = QFileDialog(self, "Choose a payload file")
        dialog.setAttribute(DELETE_ON_CLOSE)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.take_file)
        dialog.open()

    def take_file(self, name: str) -> None:
        try:
            self._model.set_text(read_text_file(Path(name)))
        except OSError as error:
            self._model.set_problem(f"{Path(name).name} cannot be read", error.strerror or "", "Choose another file.")

    def _show(self) -> None:
        self._pages.setCurrentIndex(0 if self._model.understanding is None else 1)


class DropTarget(QFrame):
    """The one wide target of the first screen."""

    paste_wanted = Signal()
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "drop")
        self.setAccessibleName("Paste a webhook payload")
        self._picture = QLabel()
        self._picture.setAlignment(CENTER)
        layout = QVBoxLayout(self)
        layout.setSpacing(Space.S)
        layout.addStretch(1)
        layout.addWidget(self._picture)
        layout.addSpacing(10)
        for text, kind, role in (
            ("Paste a webhook payload", "t1", "empty"),
            ("A whole webhook, only its payload, a log line or a curl command.", "t2", "base"),
            ("You see what was understood before anything is sent.", "t2", "base"),
        ):
            line = label(text, kind, role)
            line.setAlignment(CENTER)
            layout.addWidget(line)
        layout.addSpacing(10)
        self.paste = button("Paste   Ctrl V", kind="primary", tall=True, clicked=self.paste_wanted.emit)
        self.paste.setAccessibleName("Paste")
        self.file = button("Choose file", icon="folder-open", tall=True, clicked=self.file_wanted.emit)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addStretch(1)
        row.addWidget(self.paste)
        row.addWidget(self.file)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addSpacing(10)
        hint = label("or drop it anywhere in this window", "t3", "dense")
        hint.setAlignment(CENTER)
        layout.addWidget(hint)
        layout.addStretch(1)
        theme().changed.connect(self._colour)
        self._colour()

    def _colour(self) -> None:
        self._picture.setPixmap(theme().pixmap("clipboard-paste", "text3", 32))


class PayloadCard(QFrame):
    """The text as it was pasted; it can be corrected in place."""

    paste_wanted = Signal()
    file_wanted = Signal()

    def __init__(self, model: StartViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self._model = model
        self.text = QTextEdit()
        self.text.setAcceptRichText(False)
        self.text.setProperty("kind", "bare")
        self.text.setFont(theme().font("mono"))
        self.text.setAccessibleName("Payload")
        self.text.setTabChangesFocus(True)
        self.text.document().setDocumentMargin(14)
        self._colours = JsonColours(self.text.document())
        self._size, self._when = label("", "t3", "dense"), label("", "t3", "dense")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._typed)
        self.text.textChanged.connect(self._typing.start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(self._make_head())
        layout.addWidget(Rule())
        layout.addWidget(self.text, 1)
        layout.addWidget(Rule())
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 8, 14, 8)
        foot.addWidget(self._size)
        foot.addStretch(1)
        foot.addWidget(self._when)
        layout.addLayout(foot)
        model.changed.connect(self._show)
        theme().changed.connect(self._colours.rehighlight)

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(14, 5, 8, 5)
        head.setSpacing(2)
        head.addWidget(label("Payload", "t1", "dense_strong"))
        head.addStretch(1)
        head.addWidget(button("Paste again", kind="flat", icon="clipboard-paste", clicked=self.paste_wanted.emit))
        head.addWidget(button("File", kind="flat", icon="folder-open", clicked=self.file_wanted.emit))
        self.clear = button("Clear", kind="flat", clicked=lambda: self._model.set_text(""))
        head.addWidget(self.clear)
        return head

    def _space_lines(self) -> None:
        spaced = QTextBlockFormat()
        spaced.setLineHeight(MONO_LINE, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor = QTextCursor(self.text.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(spaced)

    def _typed(self) -> None:
        text = self.text.toPlainText()
        if text not in (self._model.text, self._model.pretty_text()):
            self._model.set_text(text)

    def _show(self) -> None:
        model = self._model
        if not self.text.hasFocus() or not model.text:
            blocker = QSignalBlocker(self.text)
            if self.text.toPlainText() != model.pretty_text():
                self.text.setPlainText(model.pretty_text()[:SHOWN_LIMIT])
                self._space_lines()
            blocker.unblock()
        self._size.setText(model.size_text())
        when = datetime.fromtimestamp(model.pasted_wall_ms / 1000)
        self._when.setText(f"pasted {when:%H:%M:%S}")


class UnderstoodCard(QFrame):
    """Who will be contacted, as whom, for what; then the only blue button."""

    def __init__(self, model: StartViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self._model = model
        self._verdict_icon, self._verdict = QLabel(), label("", "ok", "dense")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_facts())
        self._pages.addWidget(self._make_problem())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(16, 5, 16, 5)
        title = label("What was understood", "t1", "dense_strong")
        title.setFixedHeight(28)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._verdict_icon)
        head.addSpacing(Space.S)
        head.addWidget(self._verdict)
        layout.addLayout(head)
        layout.addWidget(Rule())
        layout.addWidget(self._pages, 1)
        layout.addWidget(Rule())
        layout.addLayout(self._make_foot())
        model.changed.connect(self._show)
        theme().changed.connect(self._show)
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._show_age)
        self._show()

    # -- making --------------------------------------------------------------------------------------------------

    def _make_facts(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(16, 10, 16, 8)
        layout.setSpacing(5)
        self._rows = [KeyValueRow("", key_width=KEY_WIDTH, mono=number in (2, 3)) for number in range(5)]
        self._announced = KeyValueRow("Announced", key_width=KEY_WIDTH, marked=False)
        self._announced.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for row in (*self._rows, self._announced):
            row.setFixedHeight(21)
            layout.addWidget(row)
        self._host_yes = QCheckBox("")
        self._host_yes.toggled.connect(self._model.set_allow_host)
        self._host_row = self._indented(self._host_yes)
        layout.addWidget(self._host_row)
        layout.addLayout(self._make_sign_as())
        layout.addLayout(self._make_media())
        self._checked = label("", "t3", "dense")
        self._checked.setWordWrap(True)
        self._checked_row = self._indented(self._checked)
        layout.addWidget(self._checked_row)
        self._hint = label("", "warn", "dense")
        self._hint.setWordWrap(True)
        self._hint_row = self._indented(self._hint)
        layout.addWidget(self._hint_row)
        layout.addStretch(1)
        return page

    def _make_sign_as(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        name = label("Sign as", "t3", "dense")
        name.setFixedSize(KEY_WIDTH, 28)
        self.profile = QComboBox()
        self.profile.setAccessibleName("Sign as")
        self.profile.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.profile.setToolTip("The Zoom app that receives this webhook signs for it")
        self.profile.activated.connect(self._profile_chosen)
        self.client_id, self.secret = QLineEdit(), QLineEdit()
        self.client_id.setPlaceholderText("Client ID")
        self.client_id.setAccessibleName("Client ID")
        self.secret.setPlaceholderText("Client secret")
        self.secret.setAccessibleName("Client secret")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.client_id.textEdited.connect(self._credentials_typed)
        self.secret.textEdited.connect(self._credentials_typed)
        self.keep = QCheckBox("Keep the secret in the system keyring")
        self.keep.toggled.connect(self._keep_toggled)
        typed = QHBoxLayout()
        typed.setSpacing(Space.M)
        typed.addWidget(self.client_id)
        typed.addWidget(self.secret)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self.profile)
        column.addLayout(typed)
        column.addWidget(self.keep)
        row.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        return row

    def _make_media(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setHorizontalSpacing(Space.M)
        name = label("Receive", "t3", "dense")
        name.setFixedWidth(KEY_WIDTH)
        row = QHBoxLayout()
        row.setSpacing(14)
        self.media: dict[Medium, QCheckBox] = {}
        for medium in Medium:
            box = QCheckBox(medium.value.capitalize())
            box.setToolTip(f"Ask the server for {medium.value}")
            box.toggled.connect(lambda on, medium=medium: self._model.set_media(medium, on))
            self.media[medium] = box
            row.addWidget(box)
        row.addStretch(1)
        self._params = ElidedLabel("", "t3", "dense")
        grid.addWidget(name, 0, 0)
        grid.addLayout(row, 0, 1)
        self.presets = button("Presets", kind="link", clicked=self._offer_presets, tip="Media often wanted together")
        self.presets.setFont(theme().font("dense"))
        self.change = button("Change", kind="link", clicked=self._change_params, tip="Codecs, sizes and rates")
        self.change.setFont(theme().font("dense"))
        under = QHBoxLayout()
        under.setContentsMargins(0, 0, -4, 0)  # the word, not the edge of its button, ends where the field above does
        under.addWidget(self._params, 1)
        under.addWidget(self.presets)
        under.addWidget(self.change)
        grid.addLayout(under, 1, 1)
        return grid

    def preset_menu(self) -> QMenu:
        """Media that are often wanted together; the one that stands is ticked."""
        menu = QMenu(self)
        menu.setAttribute(DELETE_ON_CLOSE)
        for name, media in PRESETS.items():
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(media == self._model.media)
            action.triggered.connect(lambda _=False, media=media: self._model.choose_media(media))
        return menu

    def _offer_presets(self) -> None:
        self.preset_menu().popup(self.presets.mapToGlobal(self.presets.rect().bottomLeft()))

    def _make_problem(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(Space.M)
        self._what, self._why, self._fix = label("", "error", "strong"), label("", "t2"), label("", "t1")
        for part in (self._what, self._why, self._fix):
            part.setWordWrap(True)
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(part)
        layout.addStretch(1)
        return page

    def _make_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 10, 16, 10)
        foot.setSpacing(Space.M)
        self.connect_button = button("Connect", kind="primary", tall=True, clicked=self._model.connect_stream)
        self.record_button = button(
            "Connect and record", icon="record-dot", token="rec", tall=True,
            clicked=lambda: self._model.connect_stream(record=True),
        )  # fmt: skip
        foot.addWidget(self.connect_button)
        foot.addWidget(self.record_button)
        foot.addStretch(1)
        self.check_button = button("Check first", kind="flat", icon="stethoscope", clicked=self._model.check_first)
        foot.addWidget(self.check_button)
        return foot

    def _indented(self, widget: QWidget) -> QWidget:
        outer = QWidget()
        row = QHBoxLayout(outer)
        row.setContentsMargins(KEY_WIDTH + Space.M, 0, 0, 0)
        row.addWidget(widget)
        outer.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return outer

    # -- what a person does --------------------------------------------------------------------------------------

    def _change_params(self) -> None:
        from rtms_desktop.views.media_dialog import MediaDialog

        MediaDialog(self._model, self).open()

    def _profile_chosen(self, index: int) -> None:
        client_id = self.profile.itemData(index) or ""
        self._model.set_credentials(client_id)
        if not client_id:
            self.client_id.setFocus()

    def _credentials_typed(self) -> None:
        self._model.set_credentials(self.client_id.text(), self.secret.text())

    def _keep_toggled(self, keep: bool) -> None:
        self._model.keep_secret = keep

    # -- following the model -------------------------------------------------------------------------------------

    def _show(self) -> None:
        model = self._model
        word, token = model.verdict
        self._verdict.setText(word)
        set_kind(self._verdict, token or "t3")
        mark = {"ok": "check", "warn": "triangle-alert", "error": "circle-x"}.get(token)
        self._verdict_icon.setPixmap(theme().pixmap(mark, token, 16) if mark else theme().pixmap("check", "bg1", 16))
        readable = model.invite is not None
        self._pages.setCurrentIndex(0 if readable or model.understanding is None else 1)
        if readable:
            self._show_facts()
        else:
            for part, text in zip((self._what, self._why, self._fix), model.problem, strict=True):
                part.setText(text)
        why_not = model.why_not
        for one in (self.connect_button, self.record_button):
            one.setEnabled(not why_not)
        self.connect_button.setToolTip(why_not or "Open the signaling socket and ask for the chosen media")
        self.record_button.setToolTip(why_not or "Connect and write everything that comes to disk")
        self._hint.setText(why_not)
        self._hint_row.setVisible(bool(why_not))
        self.check_button.setEnabled(not model.why_not_check)
        tip = "Try the server's name, port and certificate; nothing is signed and nothing is sent"
        self.check_button.setToolTip(model.why_not_check or tip)

    def _show_facts(self) -> None:
        model = self._model
        for widget, row in zip(self._rows, model.rows(), strict=True):
            widget.set_key(row.key)
            widget.set(row.value, row.note, *MARKS[row.mark])
        self._show_age()
        found = model.understanding
        unknown = found is not None and not found.host_known
        self._host_row.setVisible(unknown)
        if unknown and found is not None:
            self._host_yes.setText(f"Send the signature to {found.host}, which is not a zoom.us host")
        with QSignalBlocker(self._host_yes):
            self._host_yes.setChecked(model.allow_host)
        self._show_profiles()
        for medium, box in self.media.items():
            with QSignalBlocker(box):
                box.setChecked(medium in model.media)
        self._params.setText(model.params_text())
        sentence, level = model.checked
        self._checked.setText(sentence)
        set_kind(self._checked, level or "t3")
        self._checked_row.setVisible(bool(sentence))

    def _show_profiles(self) -> None:
        model = self._model
        profiles = model.profiles()
        with QSignalBlocker(self.profile):
            self.profile.clear()
            for profile in profiles:
                icon = theme().icon("key-round", "text3")
                self.profile.addItem(icon, f"{profile.name}   {profile.note}", profile.client_id)
            self.profile.addItem(OTHER, "")
            known = [profile.client_id for profile in profiles]
            self.profile.setCurrentIndex(known.index(model.client_id) if model.client_id in known else len(known))
        self.profile.setVisible(bool(profiles))
        typed = model.needs_secret
        for field in (self.client_id, self.secret):
            field.setVisible(typed)
        self.keep.setVisible(typed and model.keyring_works)
        with QSignalBlocker(self.keep):
            self.keep.setChecked(model.keep_secret)
        for field, value in ((self.client_id, model.client_id if typed else ""), (self.secret, model.typed_secret)):
            if field.text().strip() != value:  # while typing they agree, so the cursor stays
                field.setText(value)

    def _show_age(self) -> None:
        self._announced.set(*self._model.announced())

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self._tick.start()

    def hideEvent(self, event) -> None:
        super().hideEvent(event)
        self._tick.stop()
