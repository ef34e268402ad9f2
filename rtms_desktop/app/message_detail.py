"""Everything that the inspector shows of one message. Made on the inspector's thread, in two steps: what the message
says, and what its payload looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np

from rtms_desktop.app.h264_analysis import PictureReport, analyse
from rtms_desktop.app.message_log import Bodies, Log
from rtms_desktop.app.message_preview import Picture, Sound, decode_picture, sound_of
from rtms_desktop.app.message_rows import Array, Flag, Rows, type_label
from rtms_desktop.app.message_text import read
from rtms_desktop.app.message_tree import Branch, tree
from rtms_desktop.bitstream import images
from rtms_desktop.bitstream.h264 import is_keyframe
from rtms_desktop.media.pcm import AudioFormat, format_of
from rtms_desktop.wire import messages as wm
from rtms_desktop.wire.enums import Medium, MessageType

MAX_GROUP = 900
"""Pictures that are read to show one; a longer group is shown without what came before."""
_LOOK = 60_000
_NAMES = {"jpg": "JPEG", "png": "PNG", "h264": "H.264"}


@dataclass(slots=True, kw_only=True)
class Detail:
    """``shape``: what the payload is: h264, image, sound, text or "". ``body``: as received, secrets blank.

    Attributes:
        held: whether the message could be had. fresh: whether the preview is made, too.
        problem: why there is no preview, in a sentence.
    """

    serial: int
    title: str
    note: str
    held: bool = True
    tree: Branch | None = None
    body: bytes = b""
    payload: bytes = b""
    shape: str = ""
    text: str = ""
    fresh: bool = False
    report: PictureReport | None = None
    picture: Picture | None = None
    sound: Sound | None = None
    problem: str = ""


def wanted_serials(rows: Rows, serial: int) -> Array:
    """The row itself, what its preview needs (the group of pictures, the answer that granted the sound)."""
    kind = rows.value("kind", serial)
    if kind in (MessageType.MEDIA_DATA_VIDEO, MessageType.MEDIA_DATA_SHARE):
        return _group(rows, serial, kind)
    if kind == MessageType.MEDIA_DATA_AUDIO:
        return np.unique(np.array([*_answer(rows, serial), serial], np.int64))
    return np.array([serial], np.int64)


def make_detail(log: Log, serial: int, wanted: Array, bodies: Bodies, tell: Callable[[Detail], None]) -> Detail:
    """The message, told at once, and then with its preview."""
    rows = log.rows
    channel, kind, number = rows.channel(serial), rows.value("kind", serial), rows.value("number", serial)
    where = f"message {number:,}, {channel.link} socket" if number else channel.link
    detail = Detail(serial=serial, title=type_label(kind), note=where)
    body = bodies.get(serial)
    if body is None:
        detail.held, detail.fresh = False, True
        return detail
    detail.body = body
    messages = read(channel, body, log.product) if channel.direction else ()
    _describe(detail, log, body, messages)
    tell(detail)
    _preview(detail, log, wanted, bodies, messages)
    detail.fresh = True
    return detail


def _describe(detail: Detail, log: Log, body: bytes, messages: tuple[wm.Message, ...]) -> None:
    rows = log.rows
    words = coded = ""
    for message in messages:
        if isinstance(message, wm.MediaData):
            detail.payload = message.data
            detail.shape = _shape(message)
            known = detail.shape if detail.shape == "sound" else _NAMES.get(images.sniff(message.data) or "", "data")
            words = f"{known}, {len(message.data):,} bytes"
            coded = f"{-(-len(message.data) // 3) * 4:,} in base64"
        elif isinstance(message, wm.TranscriptData | wm.ChatData):
            detail.shape, detail.text = "text", message.text
    try:
        value: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return
    arrived = rows.value("time", detail.serial) // 1_000_000 + rows.wall_ms
    detail.tree = tree(value, product=log.product, arrived_ms=arrived, payload=words, payload_text=coded)


def _shape(message: wm.MediaData) -> str:
    if message.medium is Medium.AUDIO:
        return "sound"
    return "image" if images.sniff(message.data) in ("jpg", "png") else "h264"


def _preview(detail: Detail, log: Log, wanted: Array, bodies: Bodies, messages: tuple[wm.Message, ...]) -> None:
    if detail.shape == "image":
        detail.picture = decode_picture([detail.payload])
    elif detail.shape == "h264":
        units, serials, complete = _collect(detail, log, wanted, bodies)
        here = max(0, sum(serial <= detail.serial for serial in serials) - 1)
        detail.report = analyse(units or [detail.payload], serials, here, complete=complete)
        detail.picture = decode_picture(units[: here + 1])
        if detail.picture is None:
            detail.problem = "Its keyframe is not held." if not detail.report.whole else "It cannot be decoded."
    elif detail.shape == "sound":
        detail.sound = sound_of(detail.payload, _granted(log, wanted, detail.serial, bodies))
        if detail.sound is None:
            detail.problem = "The sound cannot be decoded."


def _collect(detail: Detail, log: Log, wanted: Array, bodies: Bodies) -> tuple[list[bytes], list[int], bool]:
    """The access units of a group with their serials, and whether the keyframe that ends it was met."""
    units: list[bytes] = []
    serials: list[int] = []
    for serial in wanted.tolist():
        body = bodies.get(serial)
        found = read(log.rows.channel(serial), body, log.product) if body is not None else ()
        data = [message.data for message in found if isinstance(message, wm.MediaData)]
        if serial > detail.serial and (not data or is_keyframe(data[0])):
            return units, serials, bool(data)
        if not data:
            units.clear()  # what stands before a hole does not help
            serials.clear()
        units += data
        serials += [serial] * len(data)
    return units, serials, False


def _granted(log: Log, wanted: Array, serial: int, bodies: Bodies) -> AudioFormat | None:
    for other in wanted.tolist():
        body = bodies.get(other) if other != serial else None
        for message in read(log.rows.channel(other), body, log.product) if body is not None else ():
            if isinstance(message, wm.DataHandshakeResponse) and message.params and message.params.audio:
                return format_of(message.params.audio)
    return None


def _group(rows: Rows, serial: int, kind: int) -> Array:
    """The pictures of the same person from the keyframe up to this one, and on to the next keyframe."""
    position = serial - rows.first
    found = _pictures(rows, serial, kind, max(0, position + 1 - _LOOK), position + 1)
    keys = np.flatnonzero(rows.column("flags")[found] & np.uint8(Flag.KEY))
    start = int(keys[-1]) if len(keys) else max(0, len(found) - 1)
    before = found[start:]
    if len(before) > MAX_GROUP:
        before = before[-1:]
    after = _pictures(rows, serial, kind, position + 1, min(len(rows), position + 1 + _LOOK))
    keys = np.flatnonzero(rows.column("flags")[after] & np.uint8(Flag.KEY))
    until = int(keys[0]) + 1 if len(keys) else len(after)
    return np.concatenate([before, after[: min(until, MAX_GROUP - len(before))]]) + rows.first


def _pictures(rows: Rows, serial: int, kind: int, begin: int, end: int) -> Array:
    """Positions of the pictures of the same track."""
    link = rows.channel(serial).link
    same_link = np.array([channel.link == link for channel in rows.channels])
    mask = rows.column("kind", begin, end) == kind
    mask &= rows.column("user", begin, end) == rows.value("user", serial)
    mask &= same_link[rows.column("channel", begin, end)]
    return np.flatnonzero(mask) + begin


def _answer(rows: Rows, serial: int) -> list[int]:
    """The newest message 4 of the same link before this row."""
    position, link = serial - rows.first, rows.channel(serial).link
    found = np.flatnonzero(rows.column("kind", 0, position) == MessageType.DATA_HAND_SHAKE_RESP)
    same = [at for at in found.tolist() if rows.channel(at + rows.first).link == link]
    return [same[-1] + rows.first] if same else []
