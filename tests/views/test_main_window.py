from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from rtms_desktop.app.connect import ConnectRequest
from rtms_desktop.app.events import Notice
from rtms_desktop.session.events import EndCause, Severity
from rtms_desktop.views.dialogs import ConfirmDialog, ConnectDialog, KeysDialog, SettingsDialog
from rtms_desktop.views.main_window import PANELS, MainWindow
from rtms_desktop.views.theme import theme
from tests.fakes.controller import MAYA, TOMAS, FakeController, an_invite
from tests.views.test_start_page import PAYLOAD

CLICK = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def controller(tmp_path):
    made = FakeController(tmp_path / "config")
    made.settings.values.theme = "dark"
    return made


@pytest.fixture
def open_window(qtbot, controller, tmp_path):
    def make(size=(1440, 900)):
        window = MainWindow(controller, settings_dir=tmp_path)
        controller.wake = window.bridge.wake
        qtbot.addWidget(window, before_close_func=lambda w: w.finish())
        window.resize(*size)
        window.show()
        qtbot.waitExposed(window)
        window.build_panels()
        window.activateWindow()
        return window

    yield make
    theme().set_mode("dark")


@pytest.fixture
def window(open_window):
    return open_window()


def visible(window):
    parts = {"sessions": window.sessions, "right": window.right_column, "bottom": window.bottom}
    return {name for name, part in parts.items() if part.isVisible()}


def test_the_first_screen_is_the_start_page_alone(window):
    assert window.on_start_page and visible(window) == set()
    assert window.toolbar.connect_button.text() == "Connect" and not window.toolbar.record.isEnabled()
    assert window.toolbar.record.toolTip()


def test_a_session_brings_the_workspace_and_its_end_leaves_it(window, controller):
    controller.live()
    assert not window.on_start_page and visible(window) == {"sessions", "right", "bottom"}
    assert window.toolbar.connect_button.text() == "Stop" and window.ticks.running
    assert window.windowTitle() == "Weekly product sync · RTMS Desktop"
    controller.end(EndCause.STOPPED, 6, "")
    assert not window.on_start_page and not window.ticks.running
    assert window.stage.message().title_text() == "The stream has ended"
    QTest.mouseClick(window.toolbar.connect_button, CLICK)
    assert window.on_start_page


def test_pictures_reach_the_tiles(window, controller, qtbot):
    controller.live()
    for _ in range(5):
        controller.step(0.04)
        qtbot.wait(10)
    assert window.stage.tiles()["video", MAYA].has_picture
    assert controller.pipeline.stats.frames_shown > 0


def test_record_with_the_button_and_with_the_key(window, controller):
    controller.live()
    QTest.mouseClick(window.toolbar.record, CLICK)
    assert controller.calls[-1] == ("recording.start",) and window.toolbar.record.text().startswith("REC 00:00:0")
    assert window.windowTitle().startswith("REC · ")
    QTest.keyClick(window, Qt.Key.Key_R, CTRL)
    assert controller.calls[-1] == ("recording.stop",) and window.toolbar.record.text() == "Record"


def test_paste_before_a_session_and_during_one(window, controller, qtbot):
    QGuiApplication.clipboard().setText(PAYLOAD)
    QTest.keyClick(window, Qt.Key.Key_V, CTRL)
    assert window.start_model.invite is not None and window.findChild(ConnectDialog) is None
    controller.live()
    QTest.keyClick(window, Qt.Key.Key_V, CTRL)
    dialog = window.findChild(ConnectDialog)
    assert dialog.isVisible() and dialog.isModal()
    controller.credentials.remember("id", "secret", keep=False)
    window.take_text(PAYLOAD)
    dialog.form.understood.connect_button.click()
    qtbot.waitUntil(lambda: any(call[0] == "connect" for call in controller.calls))


def test_try_it_now(window, controller):
    QTest.keyClick(window, Qt.Key.Key_T, CTRL | SHIFT)
    assert ("try_it_now",) in controller.calls and not window.on_start_page


def test_a_dropped_file_and_dropped_text_are_looked_at(window, tmp_path):
    file = tmp_path / "hook.json"
    file.write_text(PAYLOAD, "utf-8")
    for fill in (lambda data: data.setText(PAYLOAD), lambda data: data.setUrls([QUrl.fromLocalFile(str(file))])):
        window.start_model.set_text("")
        data = QMimeData()
        fill(data)
        action = Qt.DropAction.CopyAction
        window.dropEvent(QDropEvent(QPointF(9, 9), action, data, CLICK, Qt.KeyboardModifier.NoModifier))
        assert window.start_model.invite is not None


def test_a_media_file_that_is_dropped_is_played_as_a_meeting(window, controller, tmp_path, monkeypatch):
    played = []
    monkeypatch.setattr(controller, "rehearse", played.append, raising=False)
    window.take_file(str(tmp_path / "film.MP4"))
    assert played == [tmp_path / "film.MP4"]


def test_layouts_by_key_and_by_button(window, controller):
    controller.live()
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert window.stage_model.layout == "gallery" and window.toolbar.layouts.button("gallery").isChecked()
    QTest.mouseClick(window.toolbar.layouts.button("speaker"), CLICK)
    assert window.stage_model.layout == "speaker" and window.actions_["layout.speaker"].isChecked()
    controller.share(TOMAS)
    assert window.toolbar.layouts.button("share").isChecked()


def test_single_letters_act_on_the_stage_and_never_while_typing(window, controller):
    controller.live()
    window.stage.setFocus()
    QTest.keyClick(window.stage, Qt.Key.Key_C)
    QTest.keyClick(window.stage, Qt.Key.Key_I)
    assert not window.stage_model.captions and window.stage_model.osd_level == 1
    QTest.keyClick(window.stage, Qt.Key.Key_M)
    assert controller.calls[-1] == ("sound.set_muted", True) and not window.toolbar.volume.isEnabled()
    window.toolbar.search.setFocus()
    QTest.keyClicks(window.toolbar.search, "mic")
    assert window.toolbar.search.text() == "mic" and controller.calls[-1] == ("sound.set_muted", True)
    assert window.stage_model.osd_level == 1


def test_full_screen_leaves_only_the_stage_and_escape_leaves_it(window, controller):
    window.do_full_screen()
    assert not window._full_screen  # there is nothing to fill the screen with
    controller.live()
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert visible(window) == set()
    assert not window.toolbar.isVisible() and not window.menuBar().isVisible() and window.stage.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert visible(window) == {"sessions", "right", "bottom"} and window.toolbar.isVisible()


def test_closed_panels_give_their_room_back_and_return_by_number(window, controller):
    controller.live()
    for key in window.bottom.keys:
        window.panels.close(key)
    assert "bottom" not in visible(window)
    number = [panel[0] for panel in PANELS].index("monitor") + 1
    QTest.keyClick(window, getattr(Qt.Key, f"Key_{number}"), CTRL)
    assert "bottom" in visible(window) and window.bottom.current == "monitor"
    assert window.actions_["panel.monitor"].isChecked() and not window.actions_["panel.events"].isChecked()


def test_the_mock_server_can_be_opened_beside_the_start_page(window, controller):
    window.do("start_mock")
    assert window.on_start_page and visible(window) == {"right"} and window.right.current == "mock"
    assert window.right_column.width() >= 424 - 1


def test_the_layout_is_remembered_and_can_be_reset(open_window, controller, qtbot):
    window = open_window()
    controller.live()
    window.panels.move("chat", "bottom")
    window.panels.close("events")
    window.finish()
    again = open_window()
    assert again.panels.place_of("chat") == "bottom" and again.panels.place_of("events") == "closed"
    again.reset_layout()
    assert again.panels.place_of("chat") == "right" and again.panels.place_of("events") == "bottom"


@pytest.mark.parametrize(
    ("size", "rail", "folded", "low"),
    [((1440, 900), False, False, False), ((1179, 800), True, False, False), ((1099, 800), True, True, False),
     ((1024, 640), True, True, True)],
)  # fmt: skip
def test_small_windows_fold(open_window, controller, size, rail, folded, low):
    window = open_window(size)
    controller.live()
    controller.recording.start()
    assert window.sessions.is_rail == rail
    assert window.toolbar.try_it.isVisible() != folded
    assert (window.time_bar.height() < 100) == low
    assert window.width() == size[0] and window.height() == size[1]  # nothing pushes it wider
    assert window.stage.width() >= 480
    for part in (window.toolbar.record, window.status.segments()["rec"], window.status.segments()["disk"]):
        assert part.isVisible()


def test_a_grown_window_unfolds_again(open_window, controller):
    window = open_window((1024, 640))
    controller.live()
    window.resize(1440, 900)
    assert not window.sessions.is_rail and window.toolbar.try_it.isVisible() and window.time_bar.height() == 100
    assert window.sessions.width() >= 180


def test_notices_stand_under_the_toolbar_and_act(window, controller):
    controller.hub.publish([Notice(severity=Severity.ERROR, what="x failed", fix="Look again.", action="sound.rescan")])
    assert window.banner.isVisible() and window.banner.text() == "X failed. Look again."
    QTest.mouseClick(window.banner.action_button(), CLICK)
    assert controller.calls[-1] == ("sound.rescan",) and not window.banner.isVisible()


def test_a_snapshot_is_confirmed(window, controller):
    controller.live()
    QTest.mouseClick(window.toolbar.snapshot, CLICK)
    assert controller.calls[-1] == ("snapshot", ("video", MAYA))
    assert window.toast.isVisible() and window.toast.text() == "Snapshot saved"


def refuse(controller):
    controller.credentials.remember("AbCdEfGh1234", "s" * 32, keep=False)
    request = ConnectRequest(invite=an_invite(), client_id="AbCdEfGh1234", client_secret="s" * 32)
    controller.connect(request)
    controller.socket_opens()
    controller.clock.seconds += 0.022
    controller.end(EndCause.REJECTED, None, "The signature was refused: 3 INVALID_SIGNATURE", 3)


def test_a_refusal_brings_the_doctor_to_the_front_once(window, controller, qtbot):
    refuse(controller)
    doctor = window.panels.panels["doctor"].widget
    qtbot.waitUntil(doctor.isVisible)
    assert window.bottom.current == "doctor" and "right" not in visible(window)
    assert doctor.finding.chip.text() == "3 INVALID_SIGNATURE" and doctor.height() > 450
    window.bottom.choose("events")
    qtbot.wait(120)
    assert window.bottom.current == "events"  # the person's choice stands
    QTest.mouseClick(window.stage.message().action_button(), CLICK)
    assert window.bottom.current == "doctor"
    QTest.mouseClick(doctor.finding.edit_button, CLICK)
    assert window.on_start_page and window.start_model.invite.stream_id == controller.last_request.invite.stream_id
    assert window.start_model.client_id == "AbCdEfGh1234"


def test_an_announced_stream_fills_the_form_and_asks(window, controller, qtbot):
    QTest.mouseClick(window.start_page.wait_card.action, CLICK)
    assert window.right.current == "webhooks" and window.right_column.isVisible()
    controller.webhook(json.loads(PAYLOAD), "invalid_x_zm_signature")
    assert not window.banner.isVisible() and window.start_model.invite is None
    controller.webhook(json.loads(PAYLOAD))
    assert window.start_model.invite is not None
    assert window.banner.text().startswith("A stream was announced: Meeting")
    controller.credentials.remember("id", "secret", keep=False)
    QTest.mouseClick(window.banner.action_button(), CLICK)
    assert any(call[0] == "connect" for call in controller.calls) and not window.on_start_page


def test_during_a_session_an_announcement_opens_the_form(window, controller):
    controller.credentials.remember("id", "secret", keep=False)
    controller.live()
    body = json.loads(PAYLOAD)
    controller.webhook(body)
    assert not window.banner.isVisible()  # the session's own stream: it follows by itself
    body["payload"]["rtms_stream_id"] = "another"
    controller.webhook(body)
    QTest.mouseClick(window.banner.action_button(), CLICK)
    dialog = window.findChild(ConnectDialog)
    assert dialog.isVisible() and not any(call[0] == "connect" for call in controller.calls)
    dialog.close()


def test_the_receiver_is_started_beside_the_sessions_and_set_up_in_the_settings(window, controller):
    controller.live()
    QTest.mouseClick(window.sessions.receiver_button, CLICK)
    assert controller.calls[-1] == ("webhooks.start", 9095) and window.sessions.receiver_button.text() == "Stop"
    assert window.sessions._receiver_line.full_text() == "Receiving on :9095"
    window.open_panel("webhooks")
    QTest.mouseClick(window.panels.panels["webhooks"].widget.settings_button, CLICK)
    dialog = window.findChild(SettingsDialog)
    assert dialog.isVisible() and dialog.focusWidget() is dialog.token
    dialog.close()


def test_the_next_connection_gives_the_stage_its_room_back(window, controller, qtbot):
    before = window.down.sizes()
    refuse(controller)
    qtbot.waitUntil(lambda: window.down.sizes() != before)
    controller.live()
    assert window.down.sizes()[1] < 400 and visible(window) == {"sessions", "right", "bottom"}


def test_search_finds_in_transcript_and_chat(window, controller):
    controller.live()
    window.right.choose("people")
    QTest.keyClick(window, Qt.Key.Key_K, CTRL)
    QTest.keyClicks(window.toolbar.search, "rollout")
    assert window.right.current == "transcript"
    for key in ("transcript", "chat"):
        assert window.panels.panels[key].widget.pane.field.text() == "rollout"


def test_f6_goes_through_the_panes_and_back(window, controller):
    controller.live()
    window.stage.setFocus()

    def pane():
        focus = window.focusWidget()
        parts = {"toolbar": window.toolbar, "sessions": window.sessions, "stage": window.stage, "time": window.time_bar,
                 "right": window.right, "bottom": window.bottom, "status": window.status}  # fmt: skip
        return next(name for name, part in parts.items() if part is focus or part.isAncestorOf(focus))

    seen = [pane()]
    for _ in range(6):
        QTest.keyClick(window, Qt.Key.Key_F6)
        seen.append(pane())
    assert sorted(set(seen)) == sorted(seen) and len(seen) == 7
    QTest.keyClick(window, Qt.Key.Key_F6, SHIFT)
    assert pane() == seen[-2]


def test_themes_switch_at_once_and_are_kept(window, controller):
    window.actions_["theme.light"].trigger()
    assert theme().current.name == "light" and controller.settings.values.theme == "light"
    window.actions_["theme.dark"].trigger()
    assert theme().current.name == "dark"


def test_closing_asks_and_finish_closes(open_window, controller, qtbot):
    window = open_window()
    with qtbot.waitSignal(window.quit_requested):
        window.close()
    assert window.isVisible()
    controller.live()
    controller.recording.start()
    window.close()
    dialog = window.findChild(ConfirmDialog)
    assert dialog.isVisible() and dialog.isModal()
    with qtbot.waitSignal(window.quit_requested):
        QTest.mouseClick(dialog.yes, CLICK)
    window.finish()
    assert not window.isVisible()


def test_the_stage_is_not_decoded_for_while_the_window_is_hidden(window, controller):
    controller.live()
    assert None not in controller.pipeline.surfaces.values()
    window.hide()
    assert set(controller.pipeline.surfaces.values()) == {None}
    assert window.ticks.interval_ms == 100
    window.show()
    assert None not in controller.pipeline.surfaces.values()


def test_volume(window, controller):
    window.toolbar.volume.setValue(40)
    assert controller.calls[-1] == ("sound.set_volume", 0.4)
    QTest.mouseClick(window.toolbar.mute, CLICK)
    assert controller.calls[-1] == ("sound.set_muted", True) and window.actions_["mute"].isChecked()


@pytest.mark.parametrize(("command", "kind"), [("keys", KeysDialog), ("settings", SettingsDialog)])
def test_dialogs_open_without_a_loop_of_their_own(window, command, kind):
    window.do(command)
    dialog = window.findChild(kind)
    assert dialog.isVisible()
    dialog.close()


def test_a_figure_leads_to_its_panel(window, controller):
    controller.live()
    window.bottom.choose("events")
    window.status.pressed.emit("gaps")
    assert window.bottom.current == "monitor"


def test_everything_in_the_shell_has_a_name_and_says_why_it_is_disabled(window, controller):
    controller.live()
    for part in (window.toolbar, window.time_bar, window.sessions, window.status):
        for widget in part.findChildren(QAbstractButton):
            assert widget.accessibleName(), (part, widget)
            if not widget.isEnabled():
                assert widget.toolTip(), widget.accessibleName()
    for action in window.actions_.actions.values():
        if not action.isEnabled() and action.statusTip():
            assert "rtms-desktop" in action.toolTip() or "version" in action.toolTip()
