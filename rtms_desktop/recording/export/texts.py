"""VTT, SRT, TXT, JSON and CSV. Worker thread or command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from rtms_desktop.errors import BundleError
from rtms_desktop.recording.encoding import to_json
from rtms_desktop.recording.export.chat import ChatMessage
from rtms_desktop.recording.export.coverage import timeline_of
from rtms_desktop.recording.export.material import Material, one_line
from rtms_desktop.recording.export.noted import noted, noted_text
from rtms_desktop.recording.export.options import ExportOptions, Format, Gaps, Watch
from rtms_desktop.recording.export.spans import Span, Timeline
from rtms_desktop.recording.export.subtitles import Caption, captions_of, srt, vtt
from rtms_desktop.recording.export.workplace import Workplace
from rtms_desktop.recording.sidecars import clock_text

SCHEMA = 1
CSV_COLUMNS = ("start", "end", "speaker", "user_id", "text")
# Spreadsheets run what begins like this.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_text(material: Material, options: ExportOptions, work: Workplace, watch: Watch) -> None:
    """One file; times count from session zero."""
    watch.at(0.0)
    timeline = timeline_of(material, options)
    captions = captions_of(material, options.user_id, timeline, mark_gaps=options.gaps is Gaps.MARK)
    chat = [
        message
        for message in material.chat
        if options.user_id in (None, message.user_id) and timeline.wants(*_instant(material, message))
    ]
    marks = noted(material, timeline)
    match options.format:
        case Format.JSON:
            text = _json(material, options, timeline, chat)
        case Format.TXT:
            _check_said(captions, [*chat, *marks])
            text = _txt(material, _with_marks(captions, marks), chat, timeline)
        case Format.CSV:
            _check_said(captions, marks)
            text = _csv(_with_marks(captions, marks))
        case Format.VTT:
            _check_said(captions, [])
            text = vtt(captions, marks)
        case _:
            _check_said(captions, [])
            text = srt(captions)
    watch.check()
    work.main_file().write_text(text, "utf-8", "replace", newline="\n")


def chat_note(material: Material, message: ChatMessage) -> str:
    """What there is to a message besides its text: ``private to Bo, edited``; "" where there is nothing."""
    words = [message.audience]
    if message.receiver_id is not None:
        words = [f"{message.audience or 'private'} to {material.speaker(message.receiver_id, message.receiver_name)}"]
    words += ["deleted"] if message.deleted else ["edited"] if message.edited else []
    return ", ".join(word for word in words if word)


def reactions_text(material: Material, message: ChatMessage) -> str:
    """``👍 2 (Ann, Bo)``"""
    return "; ".join(
        f"{one_line(emoji)} {len(people)} ({', '.join(material.speaker(*who) for who in people.items())})"
        for emoji, people in message.reactions.items()
    )


# -- inside ------------------------------------------------------------------------------------------------


def _instant(material: Material, message: ChatMessage) -> Span:
    at = max(0, message.at_ms - material.zero_ms)
    return at, at


def _with_marks(captions: list[Caption], marks: list[tuple[int, str]]) -> list[Caption]:
    lines = [Caption(start_ms=ms, end_ms=ms, speaker="", user_id=None, text=noted_text(text)) for ms, text in marks]
    return sorted([*captions, *lines], key=lambda caption: caption.start_ms)


def _check_said(captions: list[Caption], others: Sequence[object]) -> None:
    if not others and not any(caption.speaker for caption in captions):
        raise BundleError("the recording holds no transcript", "nothing of the kind was received")


def _txt(material: Material, captions: list[Caption], chat: list[ChatMessage], timeline: Timeline) -> str:
    lines = [
        f"[{clock_text(caption.start_ms)}] {f'{caption.speaker}: ' if caption.speaker else ''}{caption.text}"
        for caption in captions
    ]
    if chat:
        lines += ["", "Chat", ""] if lines else ["Chat", ""]
    for message in chat:
        note = chat_note(material, message)
        who = material.speaker(message.user_id, message.user_name) + (f" ({note})" if note else "")
        time = clock_text(timeline.at(max(0, message.at_ms - material.zero_ms)))
        lines.append(f"[{time}] {who}: {one_line(message.text)}".rstrip())
        lines += [f"    file: {one_line(file.file_name)}" for file in message.files.values()]
        lines += [f"    {reactions_text(material, message)}"] if message.reactions else []
    return "\n".join(lines) + "\n"


def _csv(captions: list[Caption]) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(CSV_COLUMNS)
    for caption in captions:
        times = (f"{ms / 1000:.3f}" for ms in (caption.start_ms, caption.end_ms))
        rows.writerow((*times, _cell(caption.speaker), caption.user_id, _cell(caption.text)))
    return out.getvalue()


def _cell(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text


def _json(material: Material, options: ExportOptions, timeline: Timeline, chat: list[ChatMessage]) -> str:
    facts = material.facts
    started = datetime.fromtimestamp(facts.started_ms / 1000, UTC)
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "recording": material.title,
        "product": facts.product,
        "ids": facts.ids,
        "started": started.isoformat(timespec="milliseconds"),
        "zero_ms": material.zero_ms,
        "seconds": timeline.at(material.end_ms) / 1000,
        "gap_policy": options.gaps,
        "participants": [
            {"user_id": user, "name": material.speaker(user)}
            for user in sorted(material.names)
            if options.user_id in (None, user)
        ],
        "segments": [
            {
                "start": caption.start_ms / 1000,
                "end": caption.end_ms / 1000,
                "speaker": caption.speaker,
                "user_id": caption.user_id,
                "language": caption.language,
                "text": caption.text,
            }
            for caption in captions_of(material, options.user_id, timeline)
        ],
        "chat": [_chat_entry(material, message, timeline) for message in chat],
        "marks": [{"time": ms / 1000, "text": text} for ms, text in noted(material, timeline)],
        "gaps": [
            {
                "start": timeline.at(max(0, gap.start_ms - material.zero_ms)) / 1000,
                "end": timeline.at(max(0, (gap.end_ms or 0) - material.zero_ms)) / 1000,
                "seconds": ((gap.end_ms or 0) - gap.start_ms) / 1000,
                "medium": gap.medium,
                "user_id": gap.user_id,
                "reason": gap.reason,
            }
            for gap in material.gaps(options.user_id)
            if timeline.wants(gap.start_ms - material.zero_ms, (gap.end_ms or 0) - material.zero_ms)
        ],
    }
    return msgspec.json.format(to_json(document), indent=1).decode() + "\n"


def _chat_entry(material: Material, message: ChatMessage, timeline: Timeline) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "time": timeline.at(max(0, message.at_ms - material.zero_ms)) / 1000,
        "message_id": message.message_id,
        "speaker": material.speaker(message.user_id, message.user_name),
        "user_id": message.user_id,
        "text": message.text,
    }
    more = {
        "audience": message.audience,
        "receiver_id": message.receiver_id,
        "reply_to": message.reply_to,
        "reactions": {
            emoji: [material.speaker(*who) for who in people.items()] for emoji, people in message.reactions.items()
        },
        "files": [msgspec.to_builtins(file) for file in message.files.values()],
        "edited": message.edited,
        "deleted": message.deleted,
    }
    return entry | {key: value for key, value in more.items() if value}
