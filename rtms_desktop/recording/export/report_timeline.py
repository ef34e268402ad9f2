"""The timeline of the report as SVG: a lane per participant with sound, speech, pictures and gaps. Pure, any thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from rtms_desktop.recording.export.spans import Hole, Span, strongest, united
from rtms_desktop.session.events import GapReason

WIDTH, LABEL, LANE, TOP = 1000, 150, 34, 22
_MAX_TICKS = 10
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000, 86400)
_LABEL_LETTERS = 20

Lane = tuple[str, list[Span], list[Span], list[Span], list[Hole]]
"""(name, sound received, speech, pictures, gaps); milliseconds after session zero."""


def timeline_svg(lanes: Sequence[Lane], losses: Sequence[Hole], marks: Iterable[tuple[int, str]], end_ms: int) -> str:
    """Spans that lie closer together than the drawing can show become one. ``marks``: (time, note)."""
    scale = (WIDTH - LABEL) / max(1, end_ms)
    bottom = TOP + LANE * len(lanes)
    shapes = [_tick(second * 1000, scale, bottom) for second in _ticks(end_ms)]
    shapes += [
        f'<rect class="loss {reason}" {_place(start, end, scale)} y="{TOP}" height="{bottom - TOP}">'
        f"<title>{_told(start, end, reason)}</title></rect>"
        for start, end, reason in losses
    ]
    for number, (name, sound, speech, pictures, gaps) in enumerate(lanes):
        y = TOP + number * LANE
        short = name if len(name) <= _LABEL_LETTERS else name[: _LABEL_LETTERS - 1] + "…"
        shapes.append(f'<text class="name" x="0" y="{y + 20}">{escape(short)}<title>{escape(name)}</title></text>')
        shapes.append(f'<line class="base" x1="{LABEL}" x2="{WIDTH}" y1="{y + LANE - 3}" y2="{y + LANE - 3}"/>')
        shapes += _bars("sound", sound, scale, y + 4, 10)
        shapes += _bars("speech", speech, scale, y + 4, 10)
        shapes += _bars("pictures", pictures, scale, y + 16, 5)
        shapes += [
            f'<rect class="gap {reason}" {_place(start, end, scale)} y="{y + 23}" height="5">'
            f"<title>{_told(start, end, reason)}</title></rect>"
            for start, end, reason in _coarse(gaps, scale)
        ]
    shapes += [_flag(ms, text, scale, bottom) for ms, text in marks]
    keys = "".join(f'<span class="key {name}"></span>{text} ' for name, text in _KEYS)
    return (
        f'<svg viewBox="0 0 {WIDTH} {bottom + 4}" role="img" aria-label="Timeline of the session">\n'
        + "\n".join(shapes)
        + f"\n</svg>\n<p class=keys>{keys}</p>\n"
    )


# -- inside ------------------------------------------------------------------------------------------------

_KEYS = (
    ("speech", "speech"),
    ("sound", "sound received"),
    ("pictures", "pictures received"),
    ("mark", "mark"),
    *((reason.value, f"gap: {reason.replace('_', ' ')}") for reason in GapReason),
)


def _ticks(end_ms: int) -> range:
    seconds = end_ms // 1000
    step = next((step for step in _STEPS_S if seconds / step <= _MAX_TICKS), max(1, seconds // _MAX_TICKS))
    return range(0, seconds + 1, step)


def _tick(ms: int, scale: float, bottom: int) -> str:
    x, seconds = LABEL + ms * scale, ms // 1000
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    line = f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom}"/>'
    return f'{line}<text class="time" x="{min(x, WIDTH - 46):.1f}" y="10">{text}</text>'


def _flag(ms: int, text: str, scale: float, bottom: int) -> str:
    x = min(LABEL + ms * scale, WIDTH - 1.0)
    lines = f"M{x:.1f} {bottom}V{TOP - 6}h8l-2 3l2 3h-8"
    return f'<path class="mark" d="{lines}"><title>mark: {escape(text)}</title></path>'


def _bars(kind: str, spans: Iterable[Span], scale: float, y: int, height: int) -> list[str]:
    near = max(1, round(1 / scale))
    drawn = united((start // near * near, -(-end // near) * near) for start, end in spans)
    return [f'<rect class="{kind}" {_place(start, end, scale)} y="{y}" height="{height}"/>' for start, end in drawn]


def _coarse(gaps: Iterable[Hole], scale: float) -> list[Hole]:
    near = max(1, round(1 / scale))
    return strongest((start // near * near, -(-end // near) * near, reason) for start, end, reason in gaps)


def _place(start: int, end: int, scale: float) -> str:
    left, right = (min(max(LABEL + ms * scale, LABEL), WIDTH) for ms in (start, end))
    return f'x="{left:.1f}" width="{max(right - left, 0.5):.1f}"'


def _told(start: int, end: int, reason: GapReason) -> str:
    return f"{reason.replace('_', ' ')}: {start / 1000:.1f} s to {end / 1000:.1f} s"
