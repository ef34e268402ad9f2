from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from rtms_desktop.app.settings import RecentSession
from rtms_desktop.viewmodels.receiver_vm import ReceiverViewModel
from rtms_desktop.viewmodels.sessions_vm import SessionsViewModel
from rtms_desktop.viewmodels.start_vm import StartViewModel
from rtms_desktop.views.start_page import StartPage
from rtms_desktop.wire.enums import Medium
from tests.fakes.controller import WALL0_MS, FakeController

CLICK = Qt.MouseButton.LeftButton
PAYLOAD = json.dumps(
    {
        "event": "meeting.rtms_started",
        "event_ts": WALL0_MS - 12_000,
        "payload": {
            "meeting_uuid": "4444AAAiAAAAAiAiAiiAii==",
            "rtms_stream_id": "609340fb2a7946909659956c8aa9250c",
            "server_urls": "wss://rtms-sjc1.zoom.us:443",
        },
    }
)


class Start:
    def __init__(self, folder, qtbot):
        self.controller = FakeController(folder)
        self.controller.settings.remember(
            RecentSession(
                title="<b>Support</b>", product="phone", opened_ms=WALL0_MS, seconds=61, outcome="x", bundle="/b"
            )
        )
        self.model = StartViewModel(self.controller)
        self.page = StartPage(self.model, SessionsViewModel(self.controller), ReceiverViewModel(self.controller))
        qtbot.addWidget(self.page)
        self.page.resize(1200, 800)
        self.page.show()
        qtbot.waitExposed(self.page)
        self.card = self.page.form.understood


@pytest.fixture
def start(qtbot, tmp_path):
    return Start(tmp_path, qtbot)


def test_paste_look_connect(start, qtbot):
    start.controller.credentials.remember("id", "secret", keep=False)
    QGuiApplication.clipboard().setText(PAYLOAD)
    QTest.mouseClick(start.page.form.drop.paste, CLICK)
    assert start.card.isVisible() and start.card.connect_button.isEnabled()
    assert '"meeting.rtms_started"' in start.page.form.payload.text.toPlainText()
    QTest.mouseClick(start.card.media[Medium.CHAT], CLICK, pos=start.card.media[Medium.CHAT].rect().center())
    with qtbot.waitSignal(start.page.connected):
        QTest.mouseClick(start.card.record_button, CLICK)
    request = start.controller.calls[0][1]
    assert request.record and request.client_id == "id" and Medium.CHAT not in request.media


def test_media_are_chosen_together(start):
    start.model.set_text(PAYLOAD)
    menu = start.card.preset_menu()
    actions = {action.text(): action for action in menu.actions()}
    assert [name for name, action in actions.items() if action.isChecked()] == ["Everything"]
    actions["Sound only"].trigger()
    assert {medium for medium, box in start.card.media.items() if box.isChecked()} == {Medium.AUDIO}
    assert start.controller.settings.media == {Medium.AUDIO}


def test_credentials_are_typed_when_there_are_none(start):
    start.model.set_text(PAYLOAD)
    assert start.card.client_id.isVisible() and not start.card.profile.isVisible()
    assert not start.card.connect_button.isEnabled() and start.card.connect_button.toolTip()
    QTest.keyClicks(start.card.client_id, "my-id")
    QTest.keyClicks(start.card.secret, "my-secret")
    assert (
        start.card.secret.text() == "my-secret" and start.card.secret.echoMode() == start.card.secret.EchoMode.Password
    )
    QTest.mouseClick(start.card.connect_button, CLICK)
    assert start.controller.calls[0][1].client_secret == "my-secret"


def test_a_host_that_is_not_zooms_is_asked_for(start):
    start.controller.credentials.remember("id", "secret", keep=False)
    start.model.set_text(PAYLOAD.replace("rtms-sjc1.zoom.us", "rtms.example.com"))
    yes = start.card._host_yes
    assert yes.isVisible() and "rtms.example.com" in yes.text() and not start.card.connect_button.isEnabled()
    yes.click()
    assert start.card.connect_button.isEnabled()


def test_what_could_not_be_read_says_why(start):
    start.model.set_text("{broken")
    assert start.card._what.isVisible() and start.card._what.text() and start.card._fix.text()
    assert start.page._title.text() == "This cannot be connected to"
    start.page.form.payload.clear.click()
    assert start.page.form.drop.isVisible() and start.page._title.text() == "Watch a stream"


def test_the_payload_can_be_corrected_in_place(start, qtbot):
    start.controller.credentials.remember("id", "secret", keep=False)
    start.model.set_text(PAYLOAD.replace("rtms_stream_id", "stream"))
    assert start.model.invite is None
    text = start.page.form.payload.text
    text.setFocus()
    text.setPlainText(PAYLOAD)
    qtbot.waitUntil(lambda: start.model.invite is not None, timeout=2000)


def test_markup_in_a_payload_stays_text(start):
    start.model.set_text(PAYLOAD.replace("4444AAAiAAAAAiAiAiiAii==", "<img src=x>"))
    labels = start.page.findChildren(QLabel)
    shown = [one for one in labels if "<img" in one.text()]
    assert shown and all(one.textFormat() == Qt.TextFormat.PlainText for one in shown)
    assert not start.page.form.payload.text.acceptRichText()


def test_the_other_ways_in(start, qtbot):
    with qtbot.waitSignal(start.page.try_wanted):
        QTest.mouseClick(start.page.try_card.action, CLICK)
    with qtbot.waitSignal(start.page.open_wanted):
        QTest.mouseClick(start.page.open_card.action, CLICK)


def test_wait_for_webhooks(start, qtbot):
    card = start.page.wait_card
    with qtbot.waitSignal(start.page.webhooks_wanted):
        QTest.mouseClick(card.action, CLICK)
    assert start.controller.calls[-1] == ("webhooks.start", 9095)
    assert card.action.text() == "Stop" and "127.0.0.1:9095" in card.findChildren(QLabel)[-1].text()
    QTest.mouseClick(card.action, CLICK)
    assert start.controller.calls[-1] == ("webhooks.stop",) and card.action.text() == "Start"


def test_recent_sessions_show_their_recording(start, qtbot):
    link = next(one for one in start.page.findChildren(QPushButton) if one.text() == "Open recording")
    with qtbot.waitSignal(start.page.recording_wanted) as told:
        QTest.mouseClick(link, CLICK)
    assert told.args == ["/b"]
    clear = next(one for one in start.page.findChildren(QPushButton) if one.text() == "Clear list")
    QTest.mouseClick(clear, CLICK)
    assert not start.page._recent.isVisible() and start.controller.recent == []


def test_a_file_is_read_and_one_that_cannot_be_is_explained(start, tmp_path):
    file = tmp_path / "hook.json"
    file.write_text(PAYLOAD, "utf-8")
    start.page.form.take_file(str(file))
    assert start.model.invite is not None
    start.page.form.take_file(str(tmp_path / "none.json"))
    assert start.model.problem[0] == "None.json cannot be read"


def test_everything_that_can_be_pressed_has_a_name(start):
    start.model.set_text(PAYLOAD)
    for widget in start.page.findChildren(QPushButton):
        assert widget.accessibleName(), widget.text()


def test_what_is_missing_is_said_in_full_and_nothing_is_called_complete(start, qtbot):
    start.model.set_text(PAYLOAD)
    assert start.page._title.text() == "Almost ready" and start.card._verdict.text() == "not complete"
    hint = start.card._hint
    assert hint.isVisible() and hint.text() == "Enter the client ID of the app that receives this webhook."
    QTest.keyClicks(start.card.client_id, "AbCdEfGh1234")
    assert hint.text() == "Enter the client secret of this app."
    QTest.keyClicks(start.card.secret, "secret")
    assert not hint.isVisible() and start.card._verdict.text() == "complete"
    assert start.page._title.text() == "Ready to connect" and start.card.connect_button.isEnabled()
