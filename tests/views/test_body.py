from __future__ import annotations

import json
import subprocess
import sys

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from rtms_desktop.app.connect import ConnectRequest
from rtms_desktop.app.events import Notice
from rtms_desktop.session.events import EndCause, Severity
from rtms_desktop.views import commands
from rtms_desktop.views.actions import MENUS, SEPARATOR, UNSEEN
from rtms_desktop.views.dialogs import ConfirmDialog, ConnectDialog, KeysDialog
from rtms_desktop.views.docks import PANELS
from rtms_desktop.views.keyboard import LETTERS
from rtms_desktop.views.main_window import MainWindow
from rtms_desktop.views.settings_dialog import SettingsDialog
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
        window = MainWindow(tmp_path)
        window.furnish(controller)
        controller.wake = window.body.models.bridge.wake
        qtbot.addWidget(window, before_close_func=lambda w: w.finish())
        window.resize(*size)
        window.show()
        qtbot.waitExposed(window)
        window.body.panels.build()
        window.activateWindow()
        return window

    yield make
    theme().set_mode("dark")


@pytest.fixture
def window(open_window):
    return open_window()


@pytest.fixture
def body(window):
    return window.body


def visible(body):
    parts = {"sessions": body.sessions, "right": body.right_column, "bottom": body.bottom}
    return {name for name, part in parts.items() if part.isVisible()}


def test_the_first_screen_is_the_start_page_alone(body):
    assert body.workspace.on_start_page and visible(body) == set()
    assert body.toolbar.connect_button.text() == "Connect" and not body.toolbar.record.isEnabled()
    assert body.toolbar.record.toolTip()


def test_a_session_brings_the_workspace_and_its_end_leaves_it(window, body, controller):
    controller.live()
    assert not body.workspace.on_start_page and visible(body) == {"sessions", "right", "bottom"}
    assert body.toolbar.connect_button.text() == "Stop" and body.models.ticks.running
    assert window.windowTitle() == "Weekly product sync · RTMS Desktop"
    controller.end(EndCause.STOPPED, 6, "")
    assert not body.workspace.on_start_page and not body.models.ticks.running
    assert body.stage.message().title_text() == "The stream has ended"
    QTest.mouseClick(body.toolbar.connect_button, CLICK)
    assert body.workspace.on_start_page


def test_pictures_reach_the_tiles(body, controller, qtbot):
    controller.live()
    for _ in range(5):
        controller.step(0.04)
        qtbot.wait(10)
    assert body.stage.tiles()["video", MAYA].has_picture
    assert controller.pipeline.stats.frames_shown > 0


def test_record_with_the_button_and_with_the_key(window, body, controller):
    controller.live()
    QTest.mouseClick(body.toolbar.record, CLICK)
    assert controller.calls[-1] == ("recording.start",) and body.toolbar.record.text().startswith("REC 00:00:0")
    assert window.windowTitle().startswith("REC · ")
    QTest.keyClick(window, Qt.Key.Key_R, CTRL)
    assert controller.calls[-1] == ("recording.stop",) and body.toolbar.record.text() == "Record"


def test_paste_before_a_session_and_during_one(window, body, controller, qtbot):
    QGuiApplication.clipboard().setText(PAYLOAD)
    QTest.keyClick(window, Qt.Key.Key_V, CTRL)
    assert body.models.start.invite is not None and window.findChild(ConnectDialog) is None
    controller.live()
    QTest.keyClick(window, Qt.Key.Key_V, CTRL)
    dialog = window.findChild(ConnectDialog)
    assert dialog.isVisible() and dialog.isModal()
    controller.credentials.remember("id", "secret", keep=False)
    body.commands.take_text(PAYLOAD)
    dialog.form.understood.connect_button.click()
    qtbot.waitUntil(lambda: any(call[0] == "connect" for call in controller.calls))


def test_try_it_now(window, body, controller):
    QTest.keyClick(window, Qt.Key.Key_T, CTRL | SHIFT)
    assert ("try_it_now",) in controller.calls and not body.workspace.on_start_page


def test_a_dropped_file_and_dropped_text_are_looked_at(window, body, tmp_path):
    file = tmp_path / "hook.json"
    file.write_text(PAYLOAD, "utf-8")
    for fill in (lambda data: data.setText(PAYLOAD), lambda data: data.setUrls([QUrl.fromLocalFile(str(file))])):
        body.models.start.set_text("")
        data = QMimeData()
        fill(data)
        action = Qt.DropAction.CopyAction
        window.event(QDropEvent(QPointF(9, 9), action, data, CLICK, Qt.KeyboardModifier.NoModifier))
        assert body.models.start.invite is not None


def test_a_media_file_that_is_dropped_is_played_as_a_meeting(body, controller, tmp_path, monkeypatch):
    played = []
    monkeypatch.setattr(controller, "rehearse", played.append, raising=False)
    body.commands.take_file(str(tmp_path / "film.MP4"))
    assert played == [tmp_path / "film.MP4"]


def test_nothing_takes_the_place_of_a_stream_without_a_question(window, body, controller, qtbot, tmp_path, monkeypatch):
    asked = []
    for name in ("rehearse", "open_recording", "try_it_now", "connect_if_complete"):
        monkeypatch.setattr(controller, name, lambda *_, name=name, **__: asked.append(name), raising=False)
    controller.live()
    for begin, answer in (
        (lambda: QTest.keyClick(window, Qt.Key.Key_T, CTRL | SHIFT), "try_it_now"),
        (lambda: body.commands.take_file(str(tmp_path / "film.mp4")), "rehearse"),
        (lambda: body.commands.started_again({"recording": str(tmp_path)}), "open_recording"),
        (lambda: body.commands.started_again({"demo": True, "record": True}), "try_it_now"),
    ):
        asked.clear()
        begin()
        (question,) = (one for one in window.findChildren(ConfirmDialog) if one.isVisible())
        assert asked == []
        question.yes.click()
        assert asked == [answer]
        qtbot.waitUntil(lambda: not window.findChildren(ConfirmDialog))
    body.commands.started_again({"payload": PAYLOAD})
    assert window.findChild(ConnectDialog).isVisible() and "connect_if_complete" not in asked


def test_a_later_start_is_served_at_once_while_nothing_runs(body, controller, tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(controller, "open_recording", done.append, raising=False)
    monkeypatch.setattr(
        controller, "connect_if_complete", lambda text, record: bool(done.append(record)), raising=False
    )
    body.commands.started_again({"recording": str(tmp_path)})
    body.commands.started_again({"payload": PAYLOAD, "record": True})
    assert done == [tmp_path, True] and body.models.start.invite is not None  # its credential is not known: the form
    body.commands.started_again({"demo": True})
    assert ("try_it_now",) in controller.calls
    body.commands.started_again({})


def test_layouts_by_key_and_by_button(window, body, controller):
    controller.live()
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert body.models.stage.layout == "gallery" and body.toolbar.layouts.button("gallery").isChecked()
    QTest.mouseClick(body.toolbar.layouts.button("speaker"), CLICK)
    assert body.models.stage.layout == "speaker" and body.actions_["layout.speaker"].isChecked()
    controller.share(TOMAS)
    assert body.toolbar.layouts.button("share").isChecked()


def test_single_letters_act_on_the_stage_and_never_while_typing(body, controller):
    controller.live()
    body.stage.setFocus()
    QTest.keyClick(body.stage, Qt.Key.Key_C)
    QTest.keyClick(body.stage, Qt.Key.Key_I)
    assert not body.models.stage.captions and body.models.stage.osd_level == 1
    QTest.keyClick(body.stage, Qt.Key.Key_M)
    assert controller.calls[-1] == ("sound.set_muted", True) and not body.toolbar.volume.isEnabled()
    body.toolbar.search.setFocus()
    QTest.keyClicks(body.toolbar.search, "mic")
    assert body.toolbar.search.text() == "mic" and controller.calls[-1] == ("sound.set_muted", True)
    assert body.models.stage.osd_level == 1


def test_full_screen_leaves_only_the_stage_and_escape_leaves_it(window, body, controller):
    body.do("full_screen")
    assert not body.workspace.full_screen  # there is nothing to fill the screen with
    controller.live()
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert visible(body) == set()
    assert not body.toolbar.isVisible() and not window.menuBar().isVisible() and body.stage.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert visible(body) == {"sessions", "right", "bottom"} and body.toolbar.isVisible()


def test_closed_panels_give_their_room_back_and_return_by_number(window, body, controller):
    controller.live()
    for key in body.bottom.keys:
        body.panels.close(key)
    assert "bottom" not in visible(body)
    number = [spec.key for spec in PANELS].index("monitor") + 1
    QTest.keyClick(window, getattr(Qt.Key, f"Key_{number}"), CTRL)
    assert "bottom" in visible(body) and body.bottom.current == "monitor"
    assert body.actions_["panel.monitor"].isChecked() and not body.actions_["panel.events"].isChecked()


def test_the_mock_server_can_be_opened_beside_the_start_page(body, controller):
    body.do("start_mock")
    assert body.workspace.on_start_page and visible(body) == {"right"} and body.right.current == "mock"
    assert body.right_column.width() >= 424 - 1


def test_the_layout_is_remembered_and_can_be_reset(open_window, controller, qtbot):
    window = open_window()
    controller.live()
    window.body.panels.move("chat", "bottom")
    window.body.panels.close("events")
    window.finish()
    again = open_window()
    assert again.body.panels.place_of("chat") == "bottom" and again.body.panels.place_of("events") == "closed"
    again.body.do("reset")
    assert again.body.panels.place_of("chat") == "right" and again.body.panels.place_of("events") == "bottom"


@pytest.mark.parametrize(
    ("size", "rail", "folded", "low"),
    [((1440, 900), False, False, False), ((1179, 800), True, False, False), ((1099, 800), True, True, False),
     ((1024, 640), True, True, True)],
)  # fmt: skip
def test_small_windows_fold(open_window, controller, size, rail, folded, low):
    window = open_window(size)
    controller.live()
    controller.recording.start()
    assert window.body.sessions.is_rail == rail
    assert window.body.toolbar.try_it.isVisible() != folded
    assert (window.body.time_bar.height() < 100) == low
    assert window.width() == size[0] and window.height() == size[1]  # nothing pushes it wider
    assert window.body.stage.width() >= 480
    for part in (
        window.body.toolbar.record,
        window.body.status.segments()["rec"],
        window.body.status.segments()["disk"],
    ):
        assert part.isVisible()


def test_where_there_is_no_room_beside_it_a_panel_replaces_the_start_page(open_window, controller):
    body = open_window((1024, 640)).body
    body.actions_["receiver"].trigger()
    assert not body.workspace.on_start_page and visible(body) >= {"right"} and body.right.current == "webhooks"


def test_menus_say_what_a_command_does_now(body, controller):
    controller.live()
    record = body.actions_["record"]
    assert record.text() == "Start r&ecording"
    record.trigger()
    assert record.text() == "Stop r&ecording"
    assert body.actions_["receiver"].text() == "Start the &webhook receiver"
    body.actions_["receiver"].trigger()
    assert body.actions_["receiver"].text() == "Stop the &webhook receiver"


def test_a_form_is_whole_in_the_smallest_window_too(open_window, controller):
    window = open_window((1024, 640))
    controller.live()
    window.body.do("mock")
    assert window.body.right_column.width() >= 424 - 1 and window.body.stage.width() >= 480
    assert window.width() == 1024


def test_the_timeline_has_the_column_for_itself_in_a_low_window(open_window, controller, qtbot):
    window = open_window((1024, 640))
    controller.live()
    body = window.body
    assert body.panels.mixer.isVisible()
    body.workspace.open_panel("timeline")
    assert not body.panels.mixer.isVisible()
    window.resize(1440, 900)
    qtbot.waitUntil(body.panels.mixer.isVisible)


def test_what_has_ended_has_no_time_bar_and_asks_for_no_note(window, controller, qtbot):
    body = window.body
    controller.live()
    body.do("mark")
    QTest.keyClicks(body.mark_field.edit, "ship it")
    assert body.time_bar.isVisible() and body.mark_field.isVisible()
    controller.end(EndCause.STOPPED, 6, "")
    assert not body.time_bar.isVisible() and not body.mark_field.isVisible()
    assert [mark.text for mark in controller.marks.marks] == ["ship it"]


def test_a_grown_window_unfolds_again(open_window, controller):
    window = open_window((1024, 640))
    controller.live()
    window.resize(1440, 900)
    assert (
        not window.body.sessions.is_rail
        and window.body.toolbar.try_it.isVisible()
        and window.body.time_bar.height() == 100
    )
    assert window.body.sessions.width() >= 180


def test_notices_stand_under_the_toolbar_and_act(body, controller):
    controller.hub.publish([Notice(severity=Severity.ERROR, what="x failed", fix="Look again.", action="sound.rescan")])
    assert body.banner.isVisible() and body.banner.text() == "X failed. Look again."
    QTest.mouseClick(body.banner.action_button(), CLICK)
    assert controller.calls[-1] == ("sound.rescan",) and not body.banner.isVisible()


def test_a_snapshot_is_confirmed(body, controller):
    controller.live()
    QTest.mouseClick(body.toolbar.snapshot, CLICK)
    assert controller.calls[-1] == ("snapshot", ("video", MAYA))
    assert body.toast.isVisible() and body.toast.text() == "Snapshot saved"


def refuse(controller):
    controller.credentials.remember("AbCdEfGh1234", "s" * 32, keep=False)
    request = ConnectRequest(invite=an_invite(), client_id="AbCdEfGh1234", client_secret="s" * 32)
    controller.connect(request)
    controller.socket_opens()
    controller.clock.seconds += 0.022
    controller.end(EndCause.REJECTED, None, "The signature was refused: 3 INVALID_SIGNATURE", 3)


def test_a_refusal_brings_the_doctor_to_the_front_once(body, controller, qtbot):
    refuse(controller)
    doctor = body.panels.panels["doctor"].widget
    qtbot.waitUntil(doctor.isVisible)
    assert body.bottom.current == "doctor" and "right" not in visible(body)
    assert doctor.finding.chip.text() == "3 INVALID_SIGNATURE" and doctor.height() > 450
    body.bottom.choose("events")
    qtbot.wait(120)
    assert body.bottom.current == "events"  # the person's choice stands
    QTest.mouseClick(body.stage.message().action_button(), CLICK)
    assert body.bottom.current == "doctor"
    QTest.mouseClick(doctor.finding.edit_button, CLICK)
    assert (
        body.workspace.on_start_page and body.models.start.invite.stream_id == controller.last_request.invite.stream_id
    )
    assert body.models.start.client_id == "AbCdEfGh1234"


def test_an_announced_stream_fills_the_form_and_asks(body, controller, qtbot):
    QTest.mouseClick(body.start_page.wait_card.action, CLICK)
    assert body.right.current == "webhooks" and body.right_column.isVisible()
    controller.webhook(json.loads(PAYLOAD), "invalid_x_zm_signature")
    assert not body.banner.isVisible() and body.models.start.invite is None
    controller.webhook(json.loads(PAYLOAD))
    assert body.models.start.invite is not None
    assert body.banner.text().startswith("A stream was announced: Meeting")
    controller.credentials.remember("id", "secret", keep=False)
    QTest.mouseClick(body.banner.action_button(), CLICK)
    assert any(call[0] == "connect" for call in controller.calls) and not body.workspace.on_start_page


def test_during_a_session_an_announcement_opens_the_form(window, body, controller):
    controller.credentials.remember("id", "secret", keep=False)
    controller.live()
    hook = json.loads(PAYLOAD)
    controller.webhook(hook)
    assert not body.banner.isVisible()  # the session's own stream: it follows by itself
    hook["payload"]["rtms_stream_id"] = "another"
    controller.webhook(hook)
    QTest.mouseClick(body.banner.action_button(), CLICK)
    dialog = window.findChild(ConnectDialog)
    assert dialog.isVisible() and not any(call[0] == "connect" for call in controller.calls)
    dialog.close()


def test_the_receiver_is_started_beside_the_sessions_and_set_up_in_the_settings(window, body, controller):
    controller.live()
    QTest.mouseClick(body.sessions.receiver_button, CLICK)
    assert controller.calls[-1] == ("webhooks.start", 9095) and body.sessions.receiver_button.text() == "Stop"
    assert body.sessions._receiver_line.full_text() == "Receiving on :9095"
    body.workspace.open_panel("webhooks")
    QTest.mouseClick(body.panels.panels["webhooks"].widget.settings_button, CLICK)
    dialog = window.findChild(SettingsDialog)
    assert dialog.isVisible() and dialog.focusWidget() is dialog.pages["webhooks"].token
    dialog.close()


def test_the_next_connection_gives_the_stage_its_room_back(body, controller, qtbot):
    before = body.down.sizes()
    refuse(controller)
    qtbot.waitUntil(lambda: body.down.sizes() != before)
    controller.live()
    assert body.down.sizes()[1] < 400 and visible(body) == {"sessions", "right", "bottom"}


def test_search_marks_its_words_in_transcript_and_chat(window, body, controller):
    controller.live()
    body.right.choose("people")
    QTest.keyClick(window, Qt.Key.Key_K, CTRL)
    QTest.keyClicks(body.toolbar.search, "rollout")
    for key in ("transcript", "chat"):
        assert body.panels.panels[key].widget.pane.field.text() == "rollout"
    assert body.right.current == "people" and body.search.popover.isVisible()


def test_f6_goes_through_the_panes_and_back(window, body, controller):
    controller.live()
    body.stage.setFocus()

    def pane():
        focus = window.focusWidget()
        parts = {"toolbar": body.toolbar, "sessions": body.sessions, "stage": body.stage, "time": body.time_bar,
                 "right": body.right, "bottom": body.bottom, "status": body.status}  # fmt: skip
        return next(name for name, part in parts.items() if part is focus or part.isAncestorOf(focus))

    seen = [pane()]
    for _ in range(6):
        QTest.keyClick(window, Qt.Key.Key_F6)
        seen.append(pane())
    assert sorted(set(seen)) == sorted(seen) and len(seen) == 7
    QTest.keyClick(window, Qt.Key.Key_F6, SHIFT)
    assert pane() == seen[-2]


def test_themes_switch_at_once_and_are_kept(body, controller):
    body.actions_["theme.light"].trigger()
    assert theme().current.name == "light" and controller.settings.values.theme == "light"
    body.actions_["theme.dark"].trigger()
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


def test_the_stage_is_not_decoded_for_while_the_window_is_hidden(window, body, controller):
    controller.live()
    assert None not in controller.pipeline.surfaces.values()
    window.hide()
    assert set(controller.pipeline.surfaces.values()) == {None}
    assert body.models.ticks.interval_ms == 100
    window.show()
    assert None not in controller.pipeline.surfaces.values()


def test_volume(body, controller):
    body.toolbar.volume.setValue(40)
    assert controller.calls[-1] == ("sound.set_volume", 0.4)
    QTest.mouseClick(body.toolbar.mute, CLICK)
    assert controller.calls[-1] == ("sound.set_muted", True) and body.actions_["mute"].isChecked()


@pytest.mark.parametrize(("command", "kind"), [("keys", KeysDialog), ("settings", SettingsDialog)])
def test_dialogs_open_without_a_loop_of_their_own(window, body, command, kind):
    body.do(command)
    dialog = window.findChild(kind)
    assert dialog.isVisible()
    dialog.close()


def test_a_figure_leads_to_its_panel(body, controller):
    controller.live()
    body.bottom.choose("events")
    body.status.pressed.emit("gaps")
    assert body.bottom.current == "monitor"


def test_everything_in_the_shell_has_a_name_and_says_why_it_is_disabled(body, controller):
    controller.live()
    for part in (body.toolbar, body.time_bar, body.sessions, body.status):
        for widget in part.findChildren(QAbstractButton):
            assert widget.accessibleName(), (part, widget)
            if not widget.isEnabled():
                assert widget.toolTip(), widget.accessibleName()
    for action in body.actions_.actions.values():
        if not action.isEnabled() and action.statusTip():
            assert "rtms-desktop" in action.toolTip() or "version" in action.toolTip()


def test_every_menu_entry_key_and_panel_names_a_command(body):
    menus = [spec for _, specs in MENUS for spec in specs if spec is not SEPARATOR and not spec.why_not]
    named = {spec.key for spec in (*menus, *UNSEEN)} | set(LETTERS.values())
    named |= {command for spec in PANELS for _, command in spec.asks}
    assert named <= set(body.commands.table)


def test_the_toast_leads_to_the_folder_of_the_snapshot(body, controller, monkeypatch):
    shown: list[str] = []
    monkeypatch.setattr(commands.QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()))
    controller.live()
    body.do("snapshot")
    QTest.mouseClick(body.toast._action, CLICK)
    assert len(shown) == 1 and shown[0]


def test_the_first_screen_waits_for_no_heavy_library():
    """What a person sees first needs no arrays, no codecs and no graphs: they are loaded once it stands."""
    code = "import sys, rtms_desktop.views.body; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "rtms_desktop.views.commands" in loaded and not loaded & {"numpy", "av", "pyqtgraph", "sounddevice"}


def test_diagnostics_ask_where_and_say_when_they_are_saved(body, controller, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(commands.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    controller.live()
    dialog = body.diagnostics.ask()
    assert dialog.selectedFiles()[0].endswith(".zip")
    dialog.fileSelected.emit(str(tmp_path / "d.zip"))
    dialog.close()
    assert controller.calls[-1] == ("diagnostics.save", tmp_path / "d.zip")
    assert body.toast.text() == "Diagnostics saved"
    QTest.mouseClick(body.toast._action, CLICK)
    assert opened == [str(tmp_path)]


def test_an_alert_can_be_muted_where_it_stands(body, controller):
    controller.live()
    controller.lose()
    assert "socket lost" in body.banner.text() and body.banner.more_button().isVisible()
    body.banner.muted.emit()
    assert not body.banner.isVisible() and controller.settings.values.alerts.muted == ("reconnecting",)
    body.banner.settings_wanted.emit()
    dialog = body.main_window.findChild(SettingsDialog)
    assert dialog.pages["alerts"].isVisible()
    dialog.close()
