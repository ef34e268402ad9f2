"""Checks media_type and media_params of message 3 and completes them; refusals carry today's status codes.

Which codec goes with which rate, channels and send_rate: Zoom RTMS docs, media parameters.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rtms_desktop.mock_server.options import RESOLUTIONS, MockOptions
from rtms_desktop.mock_server.sources.base import AudioFormat, PictureFormat
from rtms_desktop.wire.enums import (
    Channel,
    Codec,
    ContentType,
    DataOpt,
    MediaType,
    Medium,
    Resolution,
    SampleRate,
)
from rtms_desktop.wire.messages import (
    AudioParams,
    ChatParams,
    MediaParams,
    ShareParams,
    TranscriptParams,
    VideoParams,
)

MAX_SEND_RATE_MS, SEND_RATE_STEP_MS = 1000, 20
MAX_FPS, MAX_IMAGE_FPS = 30, 5
_LANGUAGES = range(-1, 37)
_UNSUPPORTED = {Medium.AUDIO: 9, Medium.VIDEO: 10, Medium.SHARE: 11, Medium.TRANSCRIPT: 12, Medium.CHAT: 13}


class Refusal(Exception):
    """A status other than 0 with its reason text."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def read_media_type(value: Any, disabled: frozenset[Medium]) -> frozenset[Medium]:
    """The media that a socket asks for: one, or several for 32 and for sums. Raises Refusal."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refusal(7, "Invalid media type: media_type must be a number")
    if not 0 < value < 64:
        raise Refusal(14, f"Media type has an invalid value: {value}")
    if value & MediaType.ALL:
        return frozenset(Medium) - disabled
    wanted = frozenset(medium for medium in Medium if value & medium.media_type)
    for medium in sorted(wanted & disabled):
        raise Refusal(_UNSUPPORTED[medium], f"Media type {medium.value} is not supported for this stream")
    return wanted


def negotiate(
    media: frozenset[Medium], params: Any, options: MockOptions, settled: MediaParams | None = None
) -> MediaParams:
    """Completed parameters of the wanted media. Raises Refusal with the code of the first wrong field.

    What is ``settled`` is granted whatever the client asks for.
    """
    if params is None:
        params = {}
    if not isinstance(params, dict):
        raise Refusal(17, "Invalid media params: must be an object")
    granted = MediaParams(
        audio=_audio(_group(params, "audio", 18)) if Medium.AUDIO in media else None,
        video=_video(_group(params, "video", 25), options) if Medium.VIDEO in media else None,
        share=_share(_group(params, "deskshare", 31)) if Medium.SHARE in media else None,
        transcript=_transcript(_group(params, "transcript", 36)) if Medium.TRANSCRIPT in media else None,
        chat=_chat(_group(params, "chat", 38)) if Medium.CHAT in media else None,
    )
    fixed = {name: value for name in media if (value := getattr(settled, name, None)) is not None}
    return msgspec.structs.replace(granted, **fixed)


def _group(params: dict[str, Any], name: str, code: int) -> dict[str, Any]:
    group = params.get(name)
    if group is None:
        return {}
    if not isinstance(group, dict):
        raise Refusal(code, f"Invalid media {name} params: must be an object")
    return group


def _number(group: dict[str, Any], key: str, default: int, allowed: Any, code: int) -> int:
    """A whole number out of `allowed` (anything with ``in``), or the documented default when it is absent."""
    value = group.get(key)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
        raise Refusal(code, f"Invalid {key}: {value!r}")
    return value


def _audio(group: dict[str, Any]) -> AudioParams:
    content = _number(group, "content_type", ContentType.RAW_AUDIO, (ContentType.RAW_AUDIO,), 19)
    codec = Codec(_number(group, "codec", Codec.L16, (Codec.L16, Codec.G711, Codec.G722, Codec.OPUS), 22))
    natural = {Codec.G711: SampleRate.SR_8K, Codec.OPUS: SampleRate.SR_48K}.get(codec, SampleRate.SR_16K)
    rates: tuple[SampleRate, ...] = tuple(SampleRate) if codec is Codec.L16 else (natural,)
    rate = _number(group, "sample_rate", natural, rates, 20)
    channels = tuple(Channel) if codec in (Codec.L16, Codec.OPUS) else (Channel.MONO,)
    channel = _number(group, "channel", Channel.MONO, channels, 21)
    data_opt = _number(group, "data_opt", DataOpt.AUDIO_MIXED, (DataOpt.AUDIO_MIXED, DataOpt.AUDIO_MULTI), 23)
    send_rate = _number(group, "send_rate", SEND_RATE_STEP_MS, range(1, 1_000_000), 24)
    send_rate = min(send_rate, MAX_SEND_RATE_MS)
    if send_rate % SEND_RATE_STEP_MS or (codec is not Codec.L16 and send_rate != SEND_RATE_STEP_MS):
        raise Refusal(24, f"Invalid send_rate: {send_rate} ms with codec {codec.name}")
    return AudioParams(
        content_type=content,
        codec=codec,
        sample_rate=rate,
        channel=channel,
        data_opt=data_opt,
        send_rate=send_rate,
    )


def _pictures(group: dict[str, Any], codes: tuple[int, int, int, int], default_fps: int, default_size: int) -> Any:
    """content_type, codec, resolution and fps with their codes in this order; images go up to 5 fps only."""
    content = _number(group, "content_type", ContentType.RAW_VIDEO, (ContentType.RAW_VIDEO,), codes[0])
    codec = _number(group, "codec", Codec.JPG, (Codec.JPG, Codec.PNG, Codec.H264), codes[1])
    resolution = _number(group, "resolution", default_size, tuple(Resolution), codes[2])
    fps = _number(group, "fps", default_fps, range(1, MAX_FPS + 1), codes[3])
    if codec != Codec.H264 and fps > MAX_IMAGE_FPS:
        if group.get("codec") is not None:
            raise Refusal(codes[3], f"Invalid fps: {fps} with images, at most {MAX_IMAGE_FPS}")
        fps = MAX_IMAGE_FPS
    return {"content_type": content, "codec": codec, "resolution": resolution, "fps": fps}


def _video(group: dict[str, Any], options: MockOptions) -> VideoParams:
    common = _pictures(group, (26, 27, 28, 30), MAX_IMAGE_FPS, Resolution.HD)
    choices = (DataOpt.VIDEO_SINGLE_ACTIVE, DataOpt.VIDEO_SINGLE_INDIVIDUAL)
    data_opt = _number(group, "data_opt", DataOpt.VIDEO_SINGLE_ACTIVE, choices, 29)
    if options.resolution is not None:
        common["resolution"] = int(RESOLUTIONS[options.resolution])
    if options.fps is not None:
        common["fps"] = options.fps if common["codec"] == Codec.H264 else min(options.fps, MAX_IMAGE_FPS)
    return VideoParams(data_opt=data_opt, **common)


def _share(group: dict[str, Any]) -> ShareParams:
    return ShareParams(**_pictures(group, (32, 33, 34, 35), 1, Resolution.FHD))


def _transcript(group: dict[str, Any]) -> TranscriptParams:
    content = _number(group, "content_type", ContentType.TEXT, (ContentType.TEXT,), 37)
    language: int | None = _number(group, "src_language", -2, _LANGUAGES, 43)
    _number(group, "target_language", -1, _LANGUAGES, 46)
    lid = group.get("enable_lid")
    return TranscriptParams(
        content_type=content,
        src_language=None if language == -2 else language,
        enable_lid=lid if isinstance(lid, bool) else None,
    )


def _chat(group: dict[str, Any]) -> ChatParams:
    return ChatParams(content_type=_number(group, "content_type", ContentType.TEXT, (ContentType.TEXT,), 39))


def audio_format(params: AudioParams) -> AudioFormat:
    """What to make for granted audio."""
    return AudioFormat(
        codec=Codec(params.codec),
        rate=SampleRate(params.sample_rate).hz,
        channels=params.channel,
        block_ms=params.send_rate,
        mixed=params.data_opt == DataOpt.AUDIO_MIXED,
    )


def picture_format(params: VideoParams | ShareParams) -> PictureFormat:
    """What to make for granted video or share."""
    width, height = Resolution(params.resolution).size
    return PictureFormat(codec=Codec(params.codec), width=width, height=height, fps=params.fps)
