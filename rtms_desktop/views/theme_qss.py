"""The style sheet of all standard widgets, made from one set of tokens (called by `views.theme`)."""

from __future__ import annotations

from collections.abc import Mapping

from rtms_desktop.views.theme_tokens import Tokens

# Variants are chosen by the dynamic property `kind`:
#   QPushButton: (none) outlined, "primary", "flat", "danger", "rec", "rec_on", "rec_bad", "link"
#   QToolButton: (none) flat with icon, "segment", "mini" (the 20 x 20 M and S of the mixer)
#   QLabel:      "t1", "t2", "t3", "warn", "error", "ok", "accent" for the text level
#   QFrame:      "card", "line"
#   QLineEdit:   "wrong"
_SHEET = """
QWidget { color: @text1; selection-background-color: @accent_fill; selection-color: @on_accent; }
QMainWindow, QDialog { background: @bg1; }
QWidget#page { background: @bg0; }
QWidget#panel { background: @bg1; }
QToolTip { background: @bg3; color: @text1; border: 1px solid @line_strong; padding: 4px 6px; }

QLabel { background: transparent; }
QLabel[kind="t1"] { color: @text1; }
QLabel[kind="t2"] { color: @text2; }
QLabel[kind="t3"] { color: @text3; }
QLabel[kind="ok"] { color: @ok; }
QLabel[kind="warn"] { color: @warn; }
QLabel[kind="error"] { color: @error; }
QLabel[kind="accent"] { color: @accent; }
QLabel[kind="rec"] { background: @rec; color: @on_rec; border-radius: 5px; padding: 5px 10px; }
QLabel[kind="chip_error"] { background: @error_bg; color: @error; border-radius: 3px; padding: 3px 8px; }

QFrame[kind="card"] { background: @bg1; border: 1px solid @line; border-radius: 8px; }
QFrame[kind="drop"] { background: @bg1; border: 1px dashed @line_strong; border-radius: 8px; }
QFrame[kind="line"] { background: @line; border: none; }
QWidget[kind="head"] { background: @bg1; border-bottom: 1px solid @line; }

QMenuBar { background: @bg1; color: @text2; padding: 0 8px; }
QMenuBar::item { background: transparent; padding: 5px 8px; border-radius: 4px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @bg3; color: @text1; }
QMenu { background: @bg2; border: 1px solid @line_strong; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 10px; border-radius: 4px; color: @text1; background: transparent; }
QMenu::item:selected { background: @select; color: @select_text; }
QMenu::item:disabled { color: @text_disabled; background: transparent; }
QMenu::separator { height: 1px; background: @line; margin: 4px 6px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; padding-left: 8px; }
QMenu::indicator:checked { image: url(@img_check_text); }
QMenu::right-arrow { image: url(@img_chevron_right); width: 12px; height: 12px; margin-right: 6px; }

QPushButton { background: @bg2; color: @text1; border: 1px solid @line_strong; border-radius: 5px;
    padding: 0 11px; min-height: 26px; max-height: 26px; outline: none; }
QPushButton:hover { background: @bg3; }
QPushButton:pressed { background: @bg3; border-color: @line_input; }
QPushButton:disabled { color: @text_disabled; border-color: @line; background: @bg1; }
QPushButton:checked { background: @select; color: @select_text; border-color: @select; }
QPushButton[tall="true"] { min-height: 30px; max-height: 30px; padding: 0 13px; }
QPushButton[kind="primary"] { background: @accent_fill; color: @on_accent; border-color: @accent_fill; }
QPushButton[kind="primary"]:hover { background: @accent_fill_hover; border-color: @accent_fill_hover; }
QPushButton[kind="primary"]:disabled { background: @bg3; color: @text_disabled; border-color: @bg3; }
QPushButton[kind="flat"] { background: transparent; border-color: transparent; padding: 0 9px; }
QPushButton[kind="flat"]:hover, QPushButton[kind="flat"]:pressed { background: @bg3; }
QPushButton[kind="flat"]:disabled { color: @text_disabled; background: transparent; border-color: transparent; }
QPushButton[kind="flat"]:checked { background: @select; color: @select_text; }
QPushButton[kind="soft"] { background: @bg3; border-color: @bg3; }
QPushButton[kind="soft"]:disabled { color: @text_disabled; }
QPushButton[kind="chosen"] { background: @select; color: @select_text; border-color: @select; }
QPushButton[kind="chip"] { padding: 0 4px; min-height: 20px; max-height: 20px; color: @text2; }
QPushButton[kind="chip"]:checked { color: @select_text; }
QPushButton[kind="danger"] { background: transparent; color: @error; border-color: @error_line; }
QPushButton[kind="danger"]:hover { background: @error_bg; }
QPushButton[kind="danger"]:disabled { color: @text_disabled; border-color: @line; }
QPushButton[kind="rec_on"] { background: @rec; color: @on_rec; border-color: @rec; }
QPushButton[kind="rec_on"]:hover { background: @rec_hover; border-color: @rec_hover; }
QPushButton[kind="rec_bad"] { background: @error_bg; color: @error; border-color: @error_line; }
QPushButton[kind="link"] { background: transparent; border: none; color: @accent; padding: 0 4px;
    min-height: 20px; max-height: 24px; }
QPushButton[kind="link"]:hover { color: @accent; background: @bg3; }
QPushButton[kind="link"]:disabled { color: @text_disabled; background: transparent; }
QPushButton::menu-indicator { image: url(@img_chevron_down); width: 12px; height: 12px;
    subcontrol-position: right center; right: 7px; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 0; color: @text2;
    min-width: 26px; min-height: 26px; outline: none; }
QToolButton:hover { background: @bg3; color: @text1; }
QToolButton:pressed { background: @bg3; border-color: @line_strong; }
QToolButton:checked { background: @select; color: @select_text; }
QToolButton:disabled { color: @text_disabled; background: transparent; }
QToolButton::menu-indicator { image: none; }
QToolButton[kind="segment"] { background: @bg2; color: @text2; border: 1px solid @line_strong; border-radius: 0;
    margin-left: -1px; padding: 0 6px; min-width: 20px; }
QToolButton[kind="segment"]:hover { background: @bg3; }
QToolButton[kind="segment"]:checked { background: @select; color: @select_text; }
QToolButton[kind="segment"]:disabled { background: @bg1; color: @text_disabled; }
QToolButton[kind="segment"][side="first"], QToolButton[kind="segment"][side="only"] {
    border-top-left-radius: 5px; border-bottom-left-radius: 5px; margin-left: 0; }
QToolButton[kind="segment"][side="last"], QToolButton[kind="segment"][side="only"] {
    border-top-right-radius: 5px; border-bottom-right-radius: 5px; }
QToolButton[kind="outlined"] { background: @bg2; border: 1px solid @line_strong; min-width: 36px; }
QToolButton[kind="bare"]:checked { background: transparent; }
QToolButton[kind="bare"]:checked:hover { background: @bg3; }
QToolButton[kind="mini"] { background: @bg3; color: @text2; border-radius: 3px; min-width: 18px; max-width: 18px;
    min-height: 18px; max-height: 18px; }
QToolButton[kind="mini"]:checked { background: @select; color: @select_text; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
    background: @bg2; color: @text1; border: 1px solid @line_input; border-radius: 5px;
    selection-background-color: @accent_fill; selection-color: @on_accent; placeholder-text-color: @text3; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { min-height: 26px; max-height: 26px; padding: 0 8px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {
    border: 2px solid @accent; padding: 0 7px; min-height: 24px; max-height: 24px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 0; min-height: 0; max-height: 16777215px; }
QLineEdit:disabled, QSpinBox:disabled, QComboBox:disabled { color: @text_disabled; border-color: @line; }
QLineEdit QToolButton { min-width: 0; min-height: 0; border: none; padding: 0; background: transparent; }
QLineEdit[kind="wrong"] { border-color: @error; }
QPlainTextEdit[kind="bare"], QTextEdit[kind="bare"], QPlainTextEdit[kind="bare"]:focus, QTextEdit[kind="bare"]:focus {
    background: transparent; border: none; border-radius: 0; }
QComboBox { padding-right: 24px; }
QComboBox:hover { background: @bg3; }
QComboBox::drop-down { border: none; width: 24px; subcontrol-origin: border; subcontrol-position: right center; }
QComboBox::down-arrow { image: url(@img_chevron_down); width: 14px; height: 14px; }
QComboBox QAbstractItemView { background: @bg2; border: 1px solid @line_strong; padding: 2px; outline: none;
    selection-background-color: @select; selection-color: @select_text; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
    border: none; background: transparent; width: 16px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url(@img_chevron_up); width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url(@img_chevron_down); width: 10px; height: 10px; }

QCheckBox, QRadioButton { spacing: 6px; background: transparent; outline: none; }
QCheckBox:disabled, QRadioButton:disabled { color: @text_disabled; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid @line_input; border-radius: 3px; background: @bg2; }
QCheckBox::indicator:hover { background: @bg3; }
QCheckBox::indicator:checked { background: @accent_fill; border-color: @accent_fill; image: url(@img_check_white); }
QCheckBox::indicator:disabled { border-color: @line_strong; background: @bg1; }
QCheckBox::indicator:checked:disabled { background: @line_strong; border-color: @line_strong; }
QCheckBox::indicator:focus { border: 2px solid @accent; width: 12px; height: 12px; }
QRadioButton::indicator { width: 12px; height: 12px; border: 1px solid @line_input; border-radius: 7px;
    background: @bg2; }
QRadioButton::indicator:checked { border: 4px solid @accent_fill; width: 6px; height: 6px; background: @on_accent; }

QTabWidget::pane { border: none; background: @bg1; }
QTabBar { background: transparent; qproperty-drawBase: 0; outline: none; }
QTabBar::tab { background: transparent; color: @text2; border: none; border-bottom: 2px solid transparent;
    padding: 0 1px; margin: 0 4px; height: 30px; }
QTabBar::tab:hover { color: @text1; }
QTabBar::tab:selected { color: @text1; border-bottom: 2px solid @accent; }
QTabBar::tab:disabled { color: @text_disabled; }
QTabBar::scroller { width: 32px; }
QTabBar QToolButton { background: @bg1; min-width: 14px; min-height: 14px; border: none; }

QTableView, QTreeView, QListView { background: @bg1; border: none; outline: none; gridline-color: transparent;
    alternate-background-color: @bg1; selection-background-color: @select; selection-color: @select_text; }
QTableView::item, QListView::item, QTreeView::item { padding: 0 6px; border: none; }
QTableView::item:selected, QListView::item:selected, QTreeView::item:selected {
    background: @select; color: @select_text; }
QTableView::item:hover:!selected, QListView::item:hover:!selected { background: @bg2; }
QHeaderView { background: @bg2; border: none; }
QHeaderView::section { background: @bg2; color: @text3; border: none; padding: 0 6px; height: 26px; }
QHeaderView::section:first { padding-left: 12px; }
QTableCornerButton::section { background: @bg2; border: none; }

QScrollArea { background: transparent; border: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @line_strong; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: @line_input; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }

QSlider:horizontal { min-height: 20px; background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @line_strong; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: @text2; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; background: @text1; }
QSlider::handle:horizontal:focus { border: 2px solid @accent; margin: -5px -1px; border-radius: 7px; }
QSlider::sub-page:horizontal:disabled { background: @line_strong; }
QSlider::handle:horizontal:disabled { background: @text_disabled; }

QSplitter { background: @line; }
QSplitter::handle { background: @line; }
QSplitter::handle:hover { background: @line_strong; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }

QProgressBar { background: @track; border: none; border-radius: 3px; min-height: 6px; max-height: 6px;
    color: transparent; }
QProgressBar::chunk { background: @accent_fill; border-radius: 3px; }
QGroupBox { border: none; margin-top: 18px; color: @text3; }
QGroupBox::title { subcontrol-origin: margin; left: 0; }
QDockWidget { color: @text1; titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget::title { background: @bg1; padding: 8px 12px; border-bottom: 1px solid @line; }
"""


def build(tokens: Tokens, images: Mapping[str, str]) -> str:
    """The style sheet; `images` maps ``img_*`` names to file paths of recoloured icons."""
    values = {name: getattr(tokens, name) for name in Tokens.__dataclass_fields__}
    values.update(images)
    text = _SHEET
    # Longest name first: @text1 must not eat the head of a longer token.
    for name in sorted(values, key=len, reverse=True):
        if isinstance(values[name], str):
            text = text.replace("@" + name, values[name])
    return text
