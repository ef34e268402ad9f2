from __future__ import annotations

from PySide6.QtCore import QObject

from rtms_desktop.app.hub import Hub
from rtms_desktop.viewmodels.batch import LIMIT, Batcher, listen


def test_items_come_together_and_not_at_once(qtbot):
    owner, drained = QObject(), []
    batch = Batcher(drained.append, 20, owner)
    for number in range(3):
        batch.add(number)
    assert drained == []
    qtbot.waitUntil(lambda: drained == [[0, 1, 2]], timeout=1000)


def test_a_flood_is_handed_on_before_it_grows_beyond_the_limit(qapp):
    owner, drained = QObject(), []
    batch = Batcher(drained.append, 10_000, owner)
    for number in range(LIMIT + 1):
        batch.add(number)
    assert [len(items) for items in drained] == [LIMIT]
    batch.flush()
    assert [len(items) for items in drained] == [LIMIT, 1]


def test_a_listener_hears_its_types_until_it_ends(qapp):
    hub, owner, heard = Hub(), QObject(), []
    end = listen(owner, hub, {int: heard.append})
    hub.publish([1, "two", 3])
    end()
    hub.publish([4])
    assert heard == [1, 3]


def test_a_listener_ends_with_its_owner(qtbot):
    hub, heard = Hub(), []
    owner = QObject()
    listen(owner, hub, {int: heard.append})
    with qtbot.waitSignal(owner.destroyed, timeout=1000):
        owner.deleteLater()
    hub.publish([1])
    assert heard == []
