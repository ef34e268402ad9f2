from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QPushButton

from rtms_desktop.paths import resource
from rtms_desktop.views import theme as theme_module
from rtms_desktop.views.theme import DARK, LIGHT, MEDIA_ICONS, qss, theme


@pytest.fixture
def look(qapp):
    made = theme()
    made.set_mode("dark")
    yield made
    made.set_mode("dark")


def luminance(colour):
    def channel(value):
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    made = QColor(colour)
    return 0.2126 * channel(made.redF()) + 0.7152 * channel(made.greenF()) + 0.0722 * channel(made.blueF())


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
def test_text_can_be_read_on_every_ground(tokens):
    grounds = (tokens.bg1, tokens.bg2, tokens.bg3)
    for token, least in (("text1", 12), ("text2", 6.5), ("text3", 4.5), ("accent", 5), ("error", 4.5), ("ok", 4.4)):
        assert min(contrast(getattr(tokens, token), ground) for ground in grounds) >= least, token
    for ink, ground, least in (
        ("select_text", "select", 8), ("warn_bg_text", "warn_bg", 7), ("error", "error_bg", 5), ("on_rec", "rec", 4.9),
        ("on_accent", "accent_fill", 5),
    ):  # fmt: skip
        assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= least, ink
    for colour in (*tokens.speakers, tokens.line_input):
        assert contrast(colour, tokens.bg1) >= 3


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
def test_speakers_and_media_differ_and_none_is_the_colour_of_a_doubt(tokens):
    media = [colour for name, colour in tokens.media.items() if name != "all"]
    for group in (tokens.speakers, media):
        assert len(set(group)) == len(group)
        assert not set(group) & {tokens.warn, tokens.error, tokens.rec}
        for a, b in combinations(group, 2):
            assert QColor(a) != QColor(b)


def test_the_bundled_fonts_are_in_use_and_digits_have_one_width(look):
    assert QFontInfo(look.font("base")).family().startswith("Inter")
    for role in ("base", "medium", "strong", "dense", "label", "value", "timecode", "mono"):
        metrics = QFontMetricsF(look.font(role))
        widths = [metrics.horizontalAdvance(digit * 8) for digit in "0123456789"]
        assert max(widths) - min(widths) < 0.25, role


def test_no_token_of_the_sheet_is_left_unresolved(look):
    for mode in ("dark", "light"):
        look.set_mode(mode)
        sheet = qss(look)
        assert "@" not in sheet
        assert all(Path(path).exists() for path in re.findall(r"url\(([^)]+)\)", sheet))


def test_switching_tells_once_and_recolours_icons(look, qtbot):
    button = QPushButton("Mark")
    qtbot.addWidget(button)
    look.bind_icon(button, "bookmark", "text1")
    before = button.icon().pixmap(16, 16).toImage()
    told = []
    look.changed.connect(lambda: told.append(look.current.name))
    look.set_mode("light")
    assert told == ["light"]
    assert button.icon().pixmap(16, 16).toImage() != before


def test_icons_have_the_colour_of_their_token(look):
    image = look.pixmap("square", "error", 64, 1.0).toImage()
    solid = [image.pixelColor(x, y) for x in range(64) for y in range(64) if image.pixelColor(x, y).alpha() > 250]
    wanted = look.color("error")
    assert solid
    assert all(abs(pixel.red() - wanted.red()) < 4 and abs(pixel.blue() - wanted.blue()) < 4 for pixel in solid)


def test_icons_are_as_sharp_as_the_screen(look):
    assert look.pixmap("radio", "text1", 16, 2.0).width() == 32
    assert look.pixmap("radio", "text1", 16, 1.0) is look.pixmap("radio", "text1", 16, 1.0)


def test_every_icon_that_a_view_names_exists():
    views = resource("..").resolve() / "rtms_desktop" / "views"
    viewmodels = views.parent / "viewmodels"
    named = set(MEDIA_ICONS.values())
    pattern = re.compile(r'(?:IconButton|pixmap|icon)\(\s*"([a-z][a-z0-9-]+)"|icon="([a-z][a-z0-9-]+)"')
    for path in (*views.glob("*.py"), *viewmodels.glob("*.py")):
        for match in pattern.finditer(path.read_text("utf-8")):
            named.add(match.group(1) or match.group(2))
    missing = [
        name for name in named if name not in theme_module._OWN and not resource("icons", f"{name}.svg").exists()
    ]
    assert missing == []


def test_an_unknown_mode_is_dark(look):
    look.set_mode("sepia")
    assert look.current is DARK
