from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from rtms_desktop.app.alert_rules import NEVER_MUTED, AlertKind, Limits
from rtms_desktop.app.events import MetricsChanged
from rtms_desktop.viewmodels.alerts_vm import AlertsViewModel
from rtms_desktop.viewmodels.metrics_vm import MetricsOutputViewModel
from rtms_desktop.views.settings_alerts import NO_TRAY, AlertsPage, MetricsPage
from tests.fakes.controller import FakeController

CLICK = Qt.MouseButton.LeftButton


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path / "config")


def shown(qtbot, page):
    qtbot.addWidget(page)
    page.resize(620, 560)
    page.show()
    qtbot.waitExposed(page)
    return page


@pytest.fixture
def alerts(controller, qtbot):
    return shown(qtbot, AlertsPage(AlertsViewModel(controller), notifies=False))


def limits(controller) -> Limits:
    return controller.settings.values.alerts


def test_every_kind_has_a_row_and_one_cannot_be_unticked(alerts, controller):
    assert set(alerts.boxes) == set(AlertKind) and all(box.isChecked() for box in alerts.boxes.values())
    for kind, box in alerts.boxes.items():
        assert box.isEnabled() is (kind not in NEVER_MUTED)
        assert box.isEnabled() or box.toolTip()
    QTest.mouseClick(alerts.boxes[AlertKind.LAG], CLICK, pos=alerts.boxes[AlertKind.LAG].rect().center())
    assert limits(controller).muted == ("lag",)


def test_thresholds_are_kept_at_once(alerts, controller):
    alerts.silence.setValue(20)
    alerts.lag.setValue(3.5)
    alerts.disk.setValue(30)
    alerts.stall.setValue(500)
    found = limits(controller)
    assert (found.silence_s, found.lag_s, found.disk_minutes, found.stall_ms) == (20, 3.5, 30, 500)


def test_a_mute_from_the_banner_is_seen_here_and_a_bad_value_changes_nothing(controller, qtbot):
    model = AlertsViewModel(controller)
    page = shown(qtbot, AlertsPage(model))
    model.set_muted(AlertKind.SILENCE, True)
    assert not page.boxes[AlertKind.SILENCE].isChecked()
    model.set_muted(AlertKind.RECORDING, True)
    assert limits(controller).muted == ("silence",)
    assert model.set(silence_s=1) is False and limits(controller).silence_s == 60


def test_notifications_are_off_at_first_and_say_what_the_desktop_lacks(alerts, controller):
    assert not alerts.desktop.isChecked() and NO_TRAY.casefold() in alerts.words()
    alerts.desktop.setChecked(True)
    assert limits(controller).desktop


class Applied:
    """Instead of the real desk: what was asked for."""

    def __init__(self, controller) -> None:
        self.controller, self.state, self.times = controller, MetricsChanged(), 0

    def apply(self) -> None:
        self.times += 1
        values = self.controller.settings.values
        url = f"http://127.0.0.1:{values.metrics_port}/metrics" if values.metrics_endpoint else ""
        self.tell(MetricsChanged(url=url))

    def tell(self, state) -> None:
        self.state = state
        self.controller.hub.publish([state])


@pytest.fixture
def metrics(controller, qtbot):
    controller.metrics = Applied(controller)
    return shown(qtbot, MetricsPage(MetricsOutputViewModel(controller)))


def test_the_endpoint_is_off_at_first_and_says_where_it_is(metrics, controller):
    assert not metrics.serve.isChecked() and "not served" in metrics.words()
    metrics.serve.setChecked(True)
    metrics.port.setValue(9555)
    assert "http://127.0.0.1:9555/metrics" in metrics.words()
    assert controller.settings.values.metrics_port == 9555
    controller.metrics.tell(MetricsChanged(problem="Port 9555 cannot be used: another program listens there."))
    assert "another program listens there" in metrics.words()


def test_a_file_is_chosen_and_left_again(metrics, controller, qtbot, tmp_path):
    assert not metrics.forget.isEnabled() and metrics.forget.toolTip()
    QTest.mouseClick(metrics.choose, CLICK)
    dialog = metrics.findChild(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "m.jsonl"))
    dialog.close()
    assert controller.settings.values.metrics_file == str(tmp_path / "m.jsonl")
    assert metrics.file.full_text().endswith("m.jsonl")
    QTest.mouseClick(metrics.forget, CLICK)
    assert controller.settings.values.metrics_file == ""
