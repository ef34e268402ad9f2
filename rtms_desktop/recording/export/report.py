"""The session report: one HTML file that needs nothing else, for reading and printing. Worker thread or command line.

Everything that came from the wire is escaped, and the page forbids itself scripts and whatever lies elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape
from typing import Any

from rtms_desktop.recording import names
from rtms_desktop.recording.export.coverage import heard, seen
from rtms_desktop.recording.export.material import Material, one_line
from rtms_desktop.recording.export.noted import noted
from rtms_desktop.recording.export.options import ExportOptions, Watch
from rtms_desktop.recording.export.report_style import STYLE
from rtms_desktop.recording.export.report_timeline import timeline_svg
from rtms_desktop.recording.export.rows import json_rows
from rtms_desktop.recording.export.spans import Timeline
from rtms_desktop.recording.export.subtitles import captions_of
from rtms_desktop.recording.export.texts import chat_note, reactions_text
from rtms_desktop.recording.export.workplace import Workplace
from rtms_desktop.wire.enums import Medium, StopReason, label

MAX_EVENTS = 2000
MAX_TEXT = 300
# Keep-alives, every speaker change and messages repeated under their own type tell a reader nothing.
_QUIET = frozenset({"KeepAlive", "WireEvent", "OtherMessage", "ActiveSpeakerChanged", "GapOpened", "GapClosed"})
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
"""


def export_report(material: Material, options: ExportOptions, work: Workplace, watch: Watch) -> None:
    """Summary, participants, timeline, marks, transcript, chat, gaps and events."""
    parts = [_HEAD, f"<title>{_text(material.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"]
    sections = (_summary, _people, _timeline, _marks, _transcript, _chat, _gaps, _events)
    for number, section in enumerate(sections):
        watch.at(number / len(sections))
        parts.append(section(material))
    parts.append("</main>\n</body>\n</html>\n")
    work.main_file().write_text("".join(parts), "utf-8", "replace", newline="\n")


# -- inside ------------------------------------------------------------------------------------------------


def _summary(material: Material) -> str:
    facts = material.facts
    started = datetime.fromtimestamp(facts.started_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    counts = ", ".join(f"{facts.counts.get(medium, 0)} {medium}" for medium in Medium)
    rows = [
        ("Started", started),
        ("Length", _clock(material.end_ms)),
        ("Product", facts.product),
        *facts.ids.items(),
        ("Messages", counts),
        ("Reconnects", str(facts.reconnects)),
        ("Ended with", label(StopReason, facts.stop_reason) if facts.stop_reason is not None else "no reason given"),
        ("Recording", "complete" if facts.closed else "cut off before it was closed"),
    ]
    listed = "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in rows)
    notes = "".join(f"<p class=note>{_text(note)}</p>" for note in material.notes)
    return f"<header><h1>{_text(material.title)}</h1>\n<dl>{listed}</dl>{notes}</header>\n"


def _people(material: Material) -> str:
    rows = []
    for user in sorted(material.users):
        spoken = sum(
            max(0, segment.end_ms - segment.start_ms) for segment in material.transcript if segment.user_id == user
        )
        tracks = {medium: seen_of.get(user) for medium, seen_of in material.facts.observed.items()}
        audio, video, share = (tracks.get(medium) for medium in (Medium.AUDIO, Medium.VIDEO, Medium.SHARE))
        rates = ", ".join(f"{rate / 1000:g} kHz" for rate in audio.sample_rates) if audio else ""
        sizes = ", ".join(f"{width} × {height}" for width, height in video.resolutions) if video else ""
        rows.append(
            (
                material.speaker(user),
                str(user),
                _clock(spoken) if spoken else "",
                f"{audio.codec} {rates}" if audio else "",
                f"{video.codec} {sizes}, {video.messages} pictures" if video else "",
                f"{share.codec}, {share.messages} pictures" if share else "",
            )
        )
    return _section("Participants", ("Name", "User", "Spoke", "Sound", "Video", "Share"), rows, "Nobody was named.")


def _timeline(material: Material) -> str:
    lanes = [
        (
            material.speaker(user),
            heard(material, user),
            [
                (segment.start_ms - material.zero_ms, segment.end_ms - material.zero_ms)
                for segment in material.transcript
                if segment.user_id == user
            ],
            seen(material, user),
            [
                (gap.start_ms - material.zero_ms, (gap.end_ms or 0) - material.zero_ms, gap.reason)
                for gap in material.gaps()
                if gap.user_id == user
            ],
        )
        for user in sorted(material.users)
    ]
    drawn = timeline_svg(lanes, material.losses(), noted(material, Timeline()), material.end_ms)
    return f"<section><h2>Timeline</h2>\n{drawn}</section>\n"


def _marks(material: Material) -> str:
    rows = ((_clock(ms), text) for ms, text in noted(material, Timeline()))
    return _section("Marks", ("Time", "Note"), rows, "Nothing was marked.")


def _transcript(material: Material) -> str:
    rows = (
        (_clock(caption.start_ms), caption.speaker, caption.text) for caption in captions_of(material, None, Timeline())
    )
    return _section("Transcript", ("Time", "Speaker", "Text"), rows, "No transcript was received.")


def _chat(material: Material) -> str:
    def rows() -> Iterator[tuple[str, ...]]:
        for message in material.chat:
            files = "; ".join(one_line(file.file_name) for file in message.files.values())
            more = [
                chat_note(material, message),
                f"files: {files}" if files else "",
                reactions_text(material, message),
            ]
            yield (
                _clock(message.at_ms - material.zero_ms),
                material.speaker(message.user_id, message.user_name),
                one_line(message.text),
                "; ".join(part for part in more if part),
            )

    return _section("Chat", ("Time", "From", "Text", "More"), rows(), "No chat was received.")


def _gaps(material: Material) -> str:
    rows = (
        (
            _clock(gap.start_ms - material.zero_ms),
            f"{((gap.end_ms or 0) - gap.start_ms) / 1000:.3f} s",
            gap.medium,
            material.speaker(gap.user_id) if gap.user_id else "",
            gap.reason.replace("_", " "),
        )
        for gap in material.gaps()
    )
    return _section("Gaps", ("Time", "Length", "Medium", "Participant", "Reason"), rows, "There were none.")


def _events(material: Material) -> str:
    rows: list[tuple[str, ...]] = []
    left_out = 0
    for row in json_rows(material.folder / names.EVENTS, dict[str, Any]):
        kind, wall_ms = str(row.pop("event", "")), row.pop("wall_ms", None)
        row.pop("at", None)
        if kind in _QUIET or not isinstance(wall_ms, int):
            continue
        if len(rows) == MAX_EVENTS:
            left_out += 1
            continue
        time = datetime.fromtimestamp(wall_ms / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
        told = ", ".join(f"{name} {_value(value)}" for name, value in row.items() if value not in (None, "", {}, []))
        rows.append((time, kind, told[:MAX_TEXT]))
    more = f"<p class=note>{left_out} more are in events.jsonl.</p>" if left_out else ""
    return _section("Events", ("Clock (UTC)", "Event", "Details"), rows, "There were none.") + more


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={one_line(str(part))}" for name, part in value.items() if part not in (None, ""))
    return one_line(str(value))


def _section(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]], none: str) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    if not body:
        return f"<section><h2>{title}</h2><p class=none>{none}</p></section>\n"
    head = "".join(f"<th scope=col>{column}</th>" for column in columns)
    table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"
    return f'<section class="{title.lower()}"><h2>{title}</h2>\n{table}</section>\n'


def _clock(ms: int) -> str:
    seconds = max(0, ms) // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _text(text: str) -> str:
    return escape(one_line(text))
