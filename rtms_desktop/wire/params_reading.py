"""Reads media_params of the handshakes 3 and 4; what a medium's group leaves out is the server's default."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, TypeVar

import msgspec

from rtms_desktop.wire.enums import Channel, Codec, ContentType, DataOpt, Medium, Resolution, SampleRate
from rtms_desktop.wire.lenient import flag, named, number, pick
from rtms_desktop.wire.messages import (
    SERVER_DEFAULTS,
    AudioParams,
    ChatParams,
    MediaParams,
    ShareParams,
    TranscriptParams,
    VideoParams,
)

UNREADABLE = -1
"""Stands for a parameter that is there but is no number: no enum knows it, so every check refuses it."""

_ENUMS: dict[str, type[IntEnum]] = {
    "content_type": ContentType,
    "codec": Codec,
    "sample_rate": SampleRate,
    "channel": Channel,
    "data_opt": DataOpt,
    "resolution": Resolution,
}
_GROUPS = {medium: (medium.url_keys if medium is Medium.SHARE else (medium.value,)) for medium in Medium}
_P = TypeVar("_P", AudioParams, VideoParams, ShareParams, TranscriptParams, ChatParams)


def read_params(value: object, media_type: int | None, medium: Medium | None) -> MediaParams | None:
    """media_params as struct; None when there are none.

    A group that stands without the name of its medium belongs to ``media_type`` or to the socket's ``medium``.
    """
    if not isinstance(value, dict):
        return None
    groups = {name: pick(value, *keys) for name, keys in _GROUPS.items()}
    if "content_type" in value:
        owner = _single_medium(media_type) or medium
        groups = {name: value if name is owner else None for name in groups}
    return MediaParams(
        audio=_group(groups[Medium.AUDIO], SERVER_DEFAULTS.audio),
        video=_group(groups[Medium.VIDEO], SERVER_DEFAULTS.video),
        share=_group(groups[Medium.SHARE], SERVER_DEFAULTS.share),
        transcript=_group(groups[Medium.TRANSCRIPT], SERVER_DEFAULTS.transcript),
        chat=_group(groups[Medium.CHAT], SERVER_DEFAULTS.chat),
    )


def _single_medium(media_type: int | None) -> Medium | None:
    return next((medium for medium in Medium if medium.media_type == media_type), None)


def _group(value: object, defaults: _P | None) -> _P | None:
    if not isinstance(value, dict) or defaults is None:
        return None
    given = {name: found for name in defaults.__struct_fields__ if (found := _value(value, name)) is not None}
    return msgspec.structs.replace(defaults, **given)


def _value(group: Mapping[str, Any], name: str) -> int | bool | None:
    raw = pick(group, name, "language") if name == "src_language" else group.get(name)
    if raw is None:
        return None
    if name == "enable_lid":
        return flag(raw)
    found = named(raw, _ENUMS[name]) if name in _ENUMS else number(raw)
    return UNREADABLE if found is None else found
