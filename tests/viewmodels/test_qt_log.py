from __future__ import annotations

import logging

import pytest
from PySide6.QtCore import qCritical, qWarning

from rtms_desktop.viewmodels.qt_log import IDLE, qt_log


@pytest.mark.expects_log
def test_what_qt_says_is_logged_and_idle_talk_is_not(caplog) -> None:
    with caplog.at_level(logging.DEBUG), qt_log():
        qWarning("a font is missing")
        qCritical("100 %s")
        qWarning(IDLE[0])
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "a font is missing"),
        ("ERROR", "100 %s"),
    ]


def test_afterwards_qt_speaks_for_itself(caplog, qtlog) -> None:
    with qt_log():
        pass
    qWarning("This plugin does not support silence")
    assert not caplog.records and [record.message for record in qtlog.records] == [
        "This plugin does not support silence"
    ]
