"""The settings: pages at the right, their names at the left. Changes apply at once; Done only closes. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.viewmodels.receiver_vm import ReceiverViewModel
from rtms_desktop.viewmodels.settings_vm import SettingsViewModel
from rtms_desktop.views.desktop_notes import desktop_notifies
from rtms_desktop.views.dialogs import Dialog
from rtms_desktop.views.settings_alerts import AlertsPage, MetricsPage
from rtms_desktop.views.settings_page import SettingsPage
from rtms_desktop.views.settings_pages import GeneralPage, NetworkPage, RecordingsPage, SoundPage
from rtms_desktop.views.settings_secrets import CredentialsPage, WebhooksPage
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import Rule, SearchField, label

WIDTH, HEIGHT, NAMES = 860, 600, 196
ROW = 34
_KEY = Qt.ItemDataRole.UserRole
_NO_SCROLL = Qt.ScrollBarPolicy.ScrollBarAlwaysOff


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page; a new one is a row of `PAGES`."""

    key: str
    icon: str
    make: Callable[[SettingsViewModel, ReceiverViewModel], SettingsPage]


PAGES = (
    PageSpec("general", "sliders-horizontal", lambda model, receiver: GeneralPage(model)),
    PageSpec("credentials", "key-round", lambda model, receiver: CredentialsPage(model)),
    PageSpec("recordings", "circle-dot", lambda model, receiver: RecordingsPage(model)),
    PageSpec("sound", "audio-lines", lambda model, receiver: SoundPage(model)),
    PageSpec("alerts", "bell", lambda model, receiver: AlertsPage(model.alerts, desktop_notifies())),
    PageSpec("metrics", "gauge", lambda model, receiver: MetricsPage(model.metrics_output)),
    PageSpec("webhooks", "webhook", WebhooksPage),
    PageSpec("network", "network", lambda model, receiver: NetworkPage(model)),
)


class SettingsDialog(Dialog):
    """``pages``: by key."""

    def __init__(
        self,
        model: SettingsViewModel,
        receiver: ReceiverViewModel,
        parent: QWidget | None = None,
        page: str = "general",
    ) -> None:
        super().__init__("Settings", parent)
        self.setMinimumSize(640, 440)
        self.resize(WIDTH, min(HEIGHT, parent.height() - 40) if parent is not None else HEIGHT)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.pages: dict[str, SettingsPage] = {}
        self._stack = QStackedWidget()
        self.names = QListWidget()
        self.names.setAccessibleName("Pages")
        self.names.setHorizontalScrollBarPolicy(_NO_SCROLL)
        for spec in PAGES:
            self._add(spec.key, spec.make(model, receiver))
        self.finder = SearchField("Find a setting")
        self.finder.textChanged.connect(self._find)
        self.body.addLayout(self._lay_out())
        self.names.currentItemChanged.connect(lambda item, _: self._chosen(item))
        theme().changed.connect(self._colour)
        self._colour()
        self.foot.insertWidget(0, label("Changes are kept when you leave a field.", "t3", "dense"))
        self.add_close("Done")
        (self.show_page(page).first or self.names).setFocus()

    def show_page(self, key: str) -> SettingsPage:
        """Bring a page to the front."""
        self.names.setCurrentRow(list(self.pages).index(key))
        return self.pages[key]

    # -- inside --------------------------------------------------------------------------------------------------

    def _add(self, key: str, page: SettingsPage) -> None:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(_NO_SCROLL)
        area.setWidget(page)
        self.pages[key] = page
        self._stack.addWidget(area)
        item = QListWidgetItem(page.title)
        item.setData(_KEY, key)
        item.setSizeHint(QSize(0, ROW))
        self.names.addItem(item)

    def _lay_out(self) -> QHBoxLayout:
        left = QWidget()
        left.setFixedWidth(NAMES)
        column = QVBoxLayout(left)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.L)
        column.addWidget(self.finder)
        column.addWidget(self.names, 1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(left)
        row.addWidget(Rule(vertical=True))
        row.addWidget(self._stack, 1)
        return row

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._stack.setCurrentIndex(list(self.pages).index(item.data(_KEY)))

    def _find(self, text: str) -> None:
        """Only pages that hold these words stay; the first of them comes to the front."""
        words = text.casefold().split()
        first = -1
        for number, page in enumerate(self.pages.values()):
            fits = all(word in page.words() for word in words)
            self.names.item(number).setHidden(not fits)
            first = number if fits and first < 0 else first
        if first >= 0 and self.names.currentItem().isHidden():
            self.names.setCurrentRow(first)

    def _colour(self) -> None:
        for number, spec in enumerate(PAGES):
            self.names.item(number).setIcon(theme().icon(spec.icon, "text2", 16))
