"""The theme in force: colours, fonts and recoloured icons for every view (main thread only).

`theme()` gives the one Theme of the process; views read colours from it at paint time and listen to `changed`.
"""

from __future__ import annotations

import atexit
import logging
import weakref
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import shiboken6
from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QPushButton

from rtms_desktop.paths import resource
from rtms_desktop.views import theme_qss
from rtms_desktop.views.theme_tokens import (
    DARK,
    FONTS,
    LIGHT,
    MEDIA_ICONS,
    Height,
    Radius,
    Space,
    Tokens,
)

__all__ = ["DARK", "LIGHT", "MEDIA_ICONS", "Height", "Radius", "Space", "Theme", "Tokens", "qss", "theme"]

log = logging.getLogger(__name__)

MODES = ("dark", "light", "system")
STROKE, STROKE_LARGE = "1.75", "1.5"
LARGE_ICON = 22
TEXT_GAP = 4

# Bound here, on the main thread: the first touch of a Qt enum is not thread-safe.
_TRANSPARENT = Qt.GlobalColor.transparent
_SCHEME_LIGHT = Qt.ColorScheme.Light
_NORMAL, _DISABLED = QIcon.Mode.Normal, QIcon.Mode.Disabled
_OFF, _ON = QIcon.State.Off, QIcon.State.On
_ROLE = QPalette.ColorRole
_NO_HINTING = QFont.HintingPreference.PreferNoHinting

_FONT_FILES = ("Inter-Regular.ttf", "Inter-Medium.ttf", "Inter-SemiBold.ttf", "JetBrainsMono-Regular.ttf")

_CLASS_FONTS = {
    "QPushButton": "medium", "QTabBar": "dense_medium", "QHeaderView": "label_medium", "QToolTip": "dense",
    "QTableView": "dense", "QListView": "dense", "QTreeView": "dense",
}  # fmt: skip


class _HasIcon(Protocol):
    def setIcon(self, icon: QIcon) -> None: ...


# The record disc is ours: a filled circle says what an outline cannot.
_OWN = {
    "record-dot": '<svg viewBox="0 0 24 24" xmlns="http://www.w3.org/2000/svg">'
    '<circle cx="12" cy="12" r="7" fill="currentColor"/></svg>'
}


@lru_cache(maxsize=512)
def _svg_source(name: str) -> str:
    if name in _OWN:
        return _OWN[name]
    return resource("icons", f"{name}.svg").read_text("utf-8")


def _svg(name: str, colour: str, stroke: str) -> QByteArray:
    text = _svg_source(name).replace("currentColor", colour).replace('stroke-width="2"', f'stroke-width="{stroke}"')
    return QByteArray(text.encode())


@lru_cache(maxsize=2048)
def _pixmap(name: str, colour: str, size: int, ratio: float, opacity: float, gap: int = 0) -> QPixmap:
    pixmap = QPixmap(round((size + gap) * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(_TRANSPARENT)
    painter = QPainter(pixmap)
    painter.setOpacity(opacity)
    stroke = STROKE_LARGE if size >= LARGE_ICON else STROKE
    QSvgRenderer(_svg(name, colour, stroke)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


@lru_cache(maxsize=512)
def _colour(value: str) -> QColor:
    return QColor(value)


class Theme(QObject):
    """The tokens in force and what is made from them; `changed` is emitted after a switch."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mode = "dark"
        self.current: Tokens = DARK
        self._applied: Tokens | None = None
        self.family = "sans-serif"
        self.mono_family = "monospace"
        self._icons: weakref.WeakKeyDictionary[Any, tuple[str, str, int, str | None, int]] = weakref.WeakKeyDictionary()
        self._images = QTemporaryDir()
        atexit.register(self._images.remove)  # Python never destroys what a module holds
        self._fonts: dict[str, QFont] = {}
        self._load_fonts()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    # -- choosing ------------------------------------------------------------------------------------------------

    def set_mode(self, mode: str) -> None:
        """``dark``, ``light`` or ``system``; takes effect on the whole application at once."""
        self.mode = mode if mode in MODES else "dark"
        if self._wanted() is not self._applied:
            self.apply()

    def apply(self) -> None:
        """Gives the application its style, palette, font and style sheet."""
        self.current = self._applied = self._wanted()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            if app.style().name() != "fusion":
                app.setStyle("Fusion")
            app.setPalette(self._palette())
            app.setFont(self.font("base"))
            for class_name, role in _CLASS_FONTS.items():
                app.setFont(self.font(role), class_name)  # type: ignore[arg-type]  # PySide takes str only
            app.setStyleSheet(qss(self))
        for target, spec in list(self._icons.items()):
            if shiboken6.isValid(target):
                target.setIcon(self.icon(*spec))
        self.changed.emit()

    def _wanted(self) -> Tokens:
        if self.mode == "system":
            return LIGHT if QGuiApplication.styleHints().colorScheme() == _SCHEME_LIGHT else DARK
        return LIGHT if self.mode == "light" else DARK

    def _system_changed(self) -> None:
        if self.mode == "system" and self._wanted() is not self.current:
            self.apply()

    # -- colours -------------------------------------------------------------------------------------------------

    def hex(self, token: str) -> str:
        """``bg1``, ``media.audio``, ``speaker.3`` or ``stage_speaker.3`` as ``#RRGGBB``."""
        kind, dot, key = token.partition(".")
        if not dot:
            return getattr(self.current, token)
        if kind == "media":
            return self.current.media.get(key, self.current.text3)
        speakers = self.current.stage_speakers if kind == "stage_speaker" else self.current.speakers
        return speakers[int(key) % len(speakers)]

    def color(self, token: str, alpha: float | None = None) -> QColor:
        """The colour of a token; `alpha` 0..1 makes a translucent copy."""
        colour = _colour(self.hex(token))
        if alpha is None:
            return colour
        colour = QColor(colour)
        colour.setAlphaF(alpha)
        return colour

    def speaker(self, index: int, on_stage: bool = False) -> QColor:
        return self.color(f"{'stage_speaker' if on_stage else 'speaker'}.{index}")

    def media(self, name: str, alpha: float | None = None) -> QColor:
        return self.color(f"media.{name}", alpha)

    def _palette(self) -> QPalette:
        palette = QPalette()
        roles = {
            _ROLE.Window: "bg1", _ROLE.WindowText: "text1", _ROLE.Base: "bg1", _ROLE.AlternateBase: "bg1",
            _ROLE.Text: "text1", _ROLE.Button: "bg2", _ROLE.ButtonText: "text1", _ROLE.ToolTipBase: "bg3",
            _ROLE.ToolTipText: "text1", _ROLE.Highlight: "accent_fill", _ROLE.HighlightedText: "on_accent",
            _ROLE.PlaceholderText: "text3", _ROLE.Link: "accent", _ROLE.BrightText: "text1", _ROLE.Accent: "accent",
            _ROLE.Light: "bg3", _ROLE.Midlight: "bg3", _ROLE.Mid: "line_strong", _ROLE.Dark: "line",
        }  # fmt: skip
        for role, token in roles.items():
            palette.setColor(role, self.color(token))
        for role in (_ROLE.WindowText, _ROLE.Text, _ROLE.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("text_disabled"))
        return palette

    # -- fonts ---------------------------------------------------------------------------------------------------

    def _load_fonts(self) -> None:
        for name in _FONT_FILES:
            number = QFontDatabase.addApplicationFont(str(resource("fonts", name)))
            families = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
            if not families:
                log.info("font %s could not be loaded; the system font stands in", name)
            elif name.startswith("Inter-Regular"):
                self.family = families[0]
            elif name.startswith("JetBrains"):
                self.mono_family = families[0]

    def font(self, role: str = "base") -> QFont:
        """The font of a role of `theme_tokens.FONTS`; digits have one width."""
        if role not in self._fonts:
            self._fonts[role] = self._make_font(role)
        return QFont(self._fonts[role])

    def _make_font(self, role: str) -> QFont:
        spec = FONTS[role]
        font = QFont(self.mono_family if spec.mono else self.family)
        font.setPixelSize(spec.size)
        font.setWeight(QFont.Weight(spec.weight))
        # Hinting snaps stems to whole pixels: small text would read as the next heavier weight.
        font.setHintingPreference(_NO_HINTING)
        if hasattr(font, "setFeature"):  # Qt 6.7
            for tag, value in (("liga", 0), ("calt", 0)) if spec.mono else (("tnum", 1), ("cv05", 1)):
                font.setFeature(QFont.Tag(tag), value)
        return font

    # -- icons ---------------------------------------------------------------------------------------------------

    def pixmap(self, name: str, token: str = "text2", size: int = 16, ratio: float | None = None) -> QPixmap:
        """One Lucide icon in the colour of `token`, `size` logical pixels wide."""
        return _pixmap(name, self.hex(token), size, ratio or self._ratio(), 1.0)

    def icon(self, name: str, token: str = "text2", size: int = 16, on_token: str | None = None, gap: int = 0) -> QIcon:
        """The same as a QIcon with its disabled (55 %) and checked looks; `gap` pixels at its right stay free."""
        icon = QIcon()
        for ratio in {1.0, 2.0, self._ratio()}:
            icon.addPixmap(_pixmap(name, self.hex(token), size, ratio, 1.0, gap), _NORMAL, _OFF)
            icon.addPixmap(_pixmap(name, self.hex(on_token or token), size, ratio, 1.0, gap), _NORMAL, _ON)
            icon.addPixmap(_pixmap(name, self.hex("text2"), size, ratio, 0.55, gap), _DISABLED, _OFF)
        return icon

    def bind_icon(
        self, target: _HasIcon, name: str, token: str = "text2", size: int = 16, on_token: str | None = None
    ) -> None:
        """Sets the icon of a button or action now and again whenever the theme changes."""
        # A button with text stands its text further from the icon than Qt's 4 px.
        gap = TEXT_GAP if isinstance(target, QPushButton) else 0
        self._icons[target] = (name, token, size, on_token, gap)
        target.setIcon(self.icon(name, token, size, on_token, gap))
        if hasattr(target, "setIconSize"):
            target.setIconSize(QSize(size + gap, size))

    def _ratio(self) -> float:
        app = QGuiApplication.instance()
        return app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0

    def images(self) -> dict[str, str]:
        """Paths of the few recoloured SVG files that a style sheet can only name by URL."""
        wanted = {
            "img_check_white": ("check", "on_accent", "3"), "img_check_text": ("check", "text1", "2.25"),
            "img_chevron_down": ("chevron-down", "text2", "2"), "img_chevron_up": ("chevron-up", "text2", "2"),
            "img_chevron_right": ("chevron-right", "text2", "2"),
        }  # fmt: skip
        folder, paths = Path(self._images.path()), {}
        for key, (name, token, stroke) in wanted.items():
            path = folder / f"{key}-{self.current.name}.svg"
            if not path.exists():
                text = _svg_source(name).replace("currentColor", self.hex(token))
                path.write_text(text.replace('stroke-width="2"', f'stroke-width="{stroke}"'), "utf-8")
            paths[key] = path.as_posix()
        return paths


def qss(theme: Theme) -> str:
    """The style sheet of the standard widgets in the colours of `theme.current`."""
    return theme_qss.build(theme.current, theme.images())


@lru_cache(maxsize=1)
def theme() -> Theme:
    """The one theme of the process; made at the first call, after the QApplication."""
    return Theme()
