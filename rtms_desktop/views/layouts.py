"""Layouts that many parts share. Main thread."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


def column(widget: QWidget) -> QVBoxLayout:
    """Put the parts of `widget` below each other, edge to edge."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout
