"""The files of the resources folder are found, whole and usable by Qt."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rtms_desktop import paths

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def fresh_root():
    """Lets `resource_root` look again, and forgets what it found for a test."""
    paths.resource_root.cache_clear()
    yield
    paths.resource_root.cache_clear()


def test_a_checkout_has_its_resources_beside_the_package(fresh_root) -> None:
    assert paths.resource() == ROOT / "resources"
    assert paths.resource("icons", "app.svg").is_file()


def test_an_installed_package_has_them_inside(fresh_root, monkeypatch, tmp_path) -> None:
    (tmp_path / "rtms_desktop" / "_resources").mkdir(parents=True)
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "rtms_desktop")
    assert paths.resource("x") == tmp_path / "rtms_desktop" / "_resources" / "x"


def test_a_frozen_program_has_them_where_it_was_unpacked(fresh_root, monkeypatch, tmp_path) -> None:
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.resource_root() == tmp_path / "resources"


def test_an_incomplete_installation_says_where_it_looked(fresh_root, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "rtms_desktop")
    with pytest.raises(FileNotFoundError, match="install the program again"):
        paths.resource("icons")


@pytest.mark.gui
def test_the_fonts_load_and_have_figures_of_one_width(qapp) -> None:
    from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetricsF

    files = sorted(paths.resource("fonts").glob("*.[ot]tf"))
    families = {QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(file)))[0] for file in files}
    assert families == {"Inter", "JetBrains Mono"}
    for weight in (400, 500, 600):
        font = QFont("Inter")
        font.setPixelSize(40)
        font.setWeight(QFont.Weight(weight))
        font.setFeature(QFont.Tag("tnum"), 1)
        assert (QFontInfo(font).family(), QFontInfo(font).weight()) == ("Inter", weight)
        widths = [QFontMetricsF(font).horizontalAdvance(digit) for digit in "0123456789"]
        assert max(widths) - min(widths) < 0.1


@pytest.mark.gui
def test_every_icon_draws_something_and_takes_a_colour(qapp) -> None:
    from PySide6.QtGui import QPixmap

    icons = sorted(paths.resource("icons").glob("*.svg"))
    assert len(icons) > 90
    for icon in icons:
        text = icon.read_text("utf-8")
        assert icon.name == "app.svg" or "currentColor" in text, icon.name
        pixmap = QPixmap()
        assert pixmap.loadFromData(text.replace("currentColor", "#E9ECF1").encode(), "SVG"), icon.name
        picture = pixmap.toImage()
        assert any(picture.pixelColor(x, y).alpha() for x in range(picture.width()) for y in range(picture.height()))
