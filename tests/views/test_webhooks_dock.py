from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from rtms_desktop.app.credentials import SECRET_TOKEN
from rtms_desktop.viewmodels.inbox_vm import CAP
from rtms_desktop.views.webhooks_dock import WebhooksDock
from tests.fakes.desk import Desk
from tests.views.test_start_page import PAYLOAD

CLICK = Qt.MouseButton.LeftButton
STARTED = json.loads(PAYLOAD)
STOPPED = STARTED | {"event": "meeting.rtms_stopped", "payload": STARTED["payload"] | {"stop_reason": 6}}


@pytest.fixture
def desk(tmp_path, qapp):
    return Desk(tmp_path)


@pytest.fixture
def dock(desk, qtbot):
    return desk.dock(qtbot, WebhooksDock, 424, 600)


def test_start_copy_stop(desk, dock):
    assert dock.empty.isVisible() and not dock.copy_button.isEnabled()
    QTest.mouseClick(dock.empty.action_button(), CLICK)
    assert dock.address.text() == "http://127.0.0.1:9095/webhook" and dock.toggle_button.text() == "Stop"
    QTest.mouseClick(dock.copy_button, CLICK)
    assert QGuiApplication.clipboard().text() == dock.address.text()
    QTest.mouseClick(dock.toggle_button, CLICK)
    assert dock.address.text() == "" and desk.controller.calls[-1] == ("webhooks.stop",)


def test_without_a_token_it_says_that_nothing_can_be_trusted(desk, dock):
    assert "secret token" in dock.advice.text()
    dock.receiver.set_token("tok")
    assert "tunnel" in dock.advice.text() and desk.controller.credentials.secret(SECRET_TOKEN) == "tok"


def test_newest_first_and_only_trusted_announcements_can_be_connected_to(desk, dock):
    asked = []
    dock.connect_wanted.connect(asked.append)
    trusted = desk.controller.webhook(STARTED)
    desk.controller.webhook(STARTED, duplicate=True)
    desk.controller.webhook(STARTED, "invalid_x_zm_signature")
    desk.controller.webhook(STOPPED)
    rows = dock.inbox.rows
    assert [row.can_connect for row in rows] == [False, False, False, True]
    assert [row.doubt for row in rows] == [False, True, False, False]
    assert rows[1].verdict == "invalid x-zm signature" and rows[2].duplicate
    for number in range(4):
        dock.table.selectRow(number)
        QTest.keyClick(dock.table, Qt.Key.Key_Return)
        assert dock.connect_button.isEnabled() == (number == 3) and dock.connect_button.toolTip()
    assert asked == [trusted]
    QTest.mouseClick(dock.connect_button, CLICK)
    assert asked == [trusted, trusted]


def test_the_reason_of_a_doubt_stands_under_the_list(desk, dock):
    desk.controller.webhook(STARTED, "stale_x_zm_request_timestamp")
    dock.table.selectRow(0)
    assert dock.sentence.isVisible() and dock.sentence.text() == "It is stale_x_zm_request_timestamp."
    QTest.mouseClick(dock.copy_body, CLICK)
    assert json.loads(QGuiApplication.clipboard().text()) == STARTED
    assert not dock.grab().isNull()


def test_the_tab_counts_what_nobody_has_seen(desk, dock):
    counts = []
    dock.count_changed.connect(counts.append)
    desk.controller.webhook(STARTED)
    assert counts == []
    dock.hide()
    desk.controller.webhook(STARTED)
    desk.controller.webhook(STOPPED)
    dock.show()
    assert counts == [1, 2, 0]


def test_the_list_is_bounded(desk, dock):
    for _ in range(CAP + 5):
        desk.controller.webhook(STOPPED)
    assert len(dock.inbox.rows) == CAP and dock.inbox.dropped == 5
    assert dock.table.model().rowCount() == CAP


def test_a_body_that_is_no_webhook_is_shown_too(desk, dock):
    row = desk.controller.webhook
    received = row(STARTED, "missing_x_zm_signature")
    import dataclasses

    from rtms_desktop.viewmodels.inbox_vm import row_of

    assert row_of(dataclasses.replace(received, webhook=None)).event == "not a webhook"
