"""The tokens of the look: colours of both themes, sizes and type. Data only; read through `views.theme`."""

from __future__ import annotations

from dataclasses import dataclass, field

SPEAKERS_DARK = ("#7FB2FF", "#EFA0C8", "#6FD0DA", "#B7A0F8", "#B5CF74", "#D3BFA6", "#8FB6C9", "#9DD6B1")
SPEAKERS_LIGHT = ("#1D5FBF", "#A8327E", "#0B6B78", "#6B3FC4", "#4F6A0F", "#6E5436", "#3F6273", "#1B7048")

MEDIA_DARK = {
    "signaling": "#8A94A2", "audio": "#A6DBF8", "video": "#9F7CF6", "share": "#27CDA2",
    "transcript": "#F07FD0", "chat": "#D9D165", "all": "#8A94A2",
}  # fmt: skip
MEDIA_LIGHT = {
    "signaling": "#3A4350", "audio": "#0B6BC6", "video": "#4B28C6", "share": "#0E7560",
    "transcript": "#B03C95", "chat": "#5F5608", "all": "#3A4350",
}  # fmt: skip

MEDIA_ICONS = {
    "signaling": "radio", "audio": "audio-lines", "video": "video", "share": "monitor-up",
    "transcript": "captions", "chat": "message-square", "all": "radio",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Every colour of one theme as ``#RRGGBB`` (or ``#AARRGGBB`` where it is translucent)."""

    name: str
    dark: bool
    bg0: str
    bg1: str
    bg2: str
    bg3: str
    track: str
    line: str
    line_strong: str
    line_input: str
    grid: str
    text1: str
    text2: str
    text3: str
    text_disabled: str
    accent: str
    accent_fill: str
    accent_fill_hover: str
    on_accent: str = "#FFFFFF"
    select: str
    select_text: str
    ok: str
    warn: str
    warn_fill: str
    warn_bg: str
    warn_bg_text: str
    error: str
    error_bg: str
    error_line: str
    rec: str = "#D42A38"
    rec_hover: str = "#E03A48"
    on_rec: str = "#FFFFFF"
    stage: str = "#07080A"
    tile_empty: str = "#14181D"
    on_stage1: str = "#FFFFFF"
    on_stage2: str = "#AEB6C2"
    on_stage3: str = "#8A93A1"
    stage_share: str = "#27CDA2"
    stage_chat: str = "#D9D165"
    on_stage_warn: str = "#F5A524"
    on_stage_error: str = "#FF7A75"
    plate: str = "#CC06080A"
    playhead: str
    meter_low: str
    json_string: str
    shade: str = "#80000000"
    media: dict[str, str] = field(default_factory=dict)
    speakers: tuple[str, ...] = SPEAKERS_DARK
    stage_speakers: tuple[str, ...] = SPEAKERS_DARK


DARK = Tokens(
    name="dark", dark=True,
    bg0="#0A0C0F", bg1="#121519", bg2="#1A1E24", bg3="#232932", track="#0C0E12",
    line="#262C35", line_strong="#3A424E", line_input="#667080", grid="#20252D",
    text1="#E9ECF1", text2="#AEB6C2", text3="#8A93A1", text_disabled="#6A717B",
    accent="#7AA5FF", accent_fill="#2F66DB", accent_fill_hover="#3B70E2", select="#1B2A4A", select_text="#DCE7FF",
    ok="#4CC38A", warn="#F5A524", warn_fill="#F5A524", warn_bg="#2C220F", warn_bg_text="#F6BD60",
    error="#FF7A75", error_bg="#2C1618", error_line="#6E2B2E", playhead="#FFFFFF",
    meter_low="#2F7A5B", json_string="#8FD8B2", media=MEDIA_DARK, speakers=SPEAKERS_DARK,
)  # fmt: skip

LIGHT = Tokens(
    name="light", dark=False,
    bg0="#E8EBEF", bg1="#FFFFFF", bg2="#F4F6F8", bg3="#E4E8ED", track="#ECEFF3",
    line="#D6DCE3", line_strong="#B4BDC8", line_input="#7C8694", grid="#E9EDF1",
    text1="#14181E", text2="#454F5C", text3="#5C6675", text_disabled="#9AA1A9",
    accent="#1F56CC", accent_fill="#1F56CC", accent_fill_hover="#1B4CB6", select="#DDE8FD", select_text="#123A8C",
    ok="#14774B", warn="#8F5200", warn_fill="#CC7A00", warn_bg="#FFF4DC", warn_bg_text="#7A4600",
    error="#C4232B", error_bg="#FDECEC", error_line="#F0A7A9", playhead="#14181E",
    meter_low="#3F9A72", json_string="#14774B", media=MEDIA_LIGHT, speakers=SPEAKERS_LIGHT,
)  # fmt: skip


class Space:
    """Distances in logical pixels."""

    XXS, XS, S, M, L, XL, XXL, HUGE = 2, 4, 6, 8, 12, 16, 24, 32
    DOCK, PAGE = 12, 24


class Height:
    """Heights in logical pixels."""

    MENU, TOOLBAR, CONTROL, HEAD, STATUS = 26, 44, 28, 32, 26
    ROW, ROW_COMFORTABLE, ROW_START = 24, 28, 32
    LANE, LANE_COMPACT, SESSION_ROW, MAIN_ACTION, BANNER = 30, 17, 46, 32, 36


class Radius:
    LABEL, CONTROL, TOAST, CARD = 3, 5, 6, 8


@dataclass(frozen=True, slots=True)
class FontSpec:
    size: int
    weight: int = 400
    mono: bool = False


FONTS = {
    "page": FontSpec(22, 600),
    "title": FontSpec(18, 600),
    "empty": FontSpec(16, 600),
    "timecode": FontSpec(16, 600),
    "value": FontSpec(15, 600),
    "base": FontSpec(13),
    "medium": FontSpec(13, 500),
    "strong": FontSpec(13, 600),
    "dense": FontSpec(12),
    "dense_medium": FontSpec(12, 500),
    "dense_strong": FontSpec(12, 600),
    "label": FontSpec(11),
    "label_medium": FontSpec(11, 500),
    "label_strong": FontSpec(11, 600),
    "caption": FontSpec(18),
    "caption_small": FontSpec(14),
    "caption_full": FontSpec(28),
    "mono": FontSpec(12, mono=True),
}
