from __future__ import annotations

from PySide6.QtWidgets import QLabel

from rtms_desktop.app.credits import credits_
from rtms_desktop.views.about import AboutDialog
from rtms_desktop.views.dialogs import KeysDialog


def test_the_list_of_keys_names_only_keys_that_exist(qtbot):
    from rtms_desktop.views.actions import MENUS, UNSEEN
    from rtms_desktop.views.dialogs import KEYS

    known = {spec.shortcut for _, specs in MENUS for spec in specs} | {spec.shortcut for spec in UNSEEN}
    known |= {"I", "C", "M", "F1, ?", "Esc", "Ctrl+1 … 9", "F3", "Shift+F3"}
    replay = next(keys for heading, keys in KEYS if heading == "Time")  # tried in test_replay_bar
    known |= {key for key, _ in replay}
    known |= {key for key, _ in next(keys for heading, keys in KEYS if heading == "Monitor")}  # in test_monitor_dock
    listed = {key for _, keys in KEYS for key, _ in keys}
    assert listed <= known
    dialog = KeysDialog()
    qtbot.addWidget(dialog)
    assert dialog.sizeHint().width() <= 1024 and dialog.sizeHint().height() <= 640


def test_about_names_version_and_licences(qtbot):
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    text = " ".join(one.text() for one in dialog.findChildren(QLabel))
    assert "0.1.0" in text or "Version" in text
    assert "OFL" in text and "ISC" in text
    for needed in ("yarl", "cryptography", "zstandard", "OpenSSL"):  # of those who are needed by those in use
        assert needed in text


def test_every_part_is_credited_once_with_a_licence():
    rows = credits_()
    assert len({row.name.lower().replace("_", "-") for row in rows}) == len(rows)
    assert all(row.licence and row.version for row in rows)
    assert "see its own files" not in {row.licence for row in rows}
