"""What Qt has to say goes into the log of the program. Put on by the composition root; called from any thread."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

log = logging.getLogger(__name__)

LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
IDLE = ("This plugin does not support propagateSizeHints()",)
"""What a platform without a screen says about every window, and nobody can act upon."""


@contextmanager
def qt_log() -> Iterator[None]:
    """Qt's own way is back at the end: its last words come when Python can hear nobody any more."""
    before = qInstallMessageHandler(_told)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


def _told(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    if text not in IDLE:
        log.log(LEVELS[kind], "%s", text)
