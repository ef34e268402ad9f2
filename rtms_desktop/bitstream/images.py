"""Tells image formats apart and reads their size from the header, without decoding. Any thread."""

from __future__ import annotations

from typing import Literal

Format = Literal["jpg", "png", "h264", "pcm"]

_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"
_START_CODES = (b"\0\0\1", b"\0\0\0\1")
# SOF0-SOF15 without DHT (C4), JPG (C8) and DAC (CC), which share their range.
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


def sniff(data: bytes) -> Format | None:
    """What ``data`` is by its first bytes; 16-bit PCM has none, so it is whatever else has an even length."""
    if data.startswith(_JPEG):
        return "jpg"
    if data.startswith(_PNG[:4]):
        return "png"
    # Silence in PCM begins with zeros too, but a NAL header is never zero.
    if data.startswith(_START_CODES) and any(data[3:5]):
        return "h264"
    return "pcm" if data and len(data) % 2 == 0 else None


def image_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels of a JPEG or PNG; None when it is neither, or cut off before its header."""
    if data.startswith(_PNG):
        return _sides(data[16:20], data[20:24]) if data[12:16] == b"IHDR" else None
    if data.startswith(_JPEG):
        return _jpeg_size(data)
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in _FRAME_MARKERS:
            return _sides(data[at + 7 : at + 9], data[at + 5 : at + 7])
        if marker == 0xFF:  # padding
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _sides(width: bytes, height: bytes) -> tuple[int, int] | None:
    size = int.from_bytes(width, "big"), int.from_bytes(height, "big")
    return size if all(size) else None
