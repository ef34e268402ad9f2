"""Which media parameters go together, so that nothing is asked for that every server refuses. Any thread."""

from __future__ import annotations

import msgspec

from rtms_desktop.wire.enums import Channel, Codec, DataOpt, Medium, Resolution, SampleRate
from rtms_desktop.wire.messages import (
    AudioParams,
    ChatParams,
    MediaParams,
    ShareParams,
    TranscriptParams,
    VideoParams,
)

PRESETS: dict[str, frozenset[Medium]] = {
    "Everything": frozenset(Medium),
    "Sound and pictures": frozenset({Medium.AUDIO, Medium.VIDEO, Medium.SHARE}),
    "Sound and words": frozenset({Medium.AUDIO, Medium.TRANSCRIPT, Medium.CHAT}),
    "Sound only": frozenset({Medium.AUDIO}),
    "Transcript only": frozenset({Medium.TRANSCRIPT}),
}
"""Media that are often wanted together; who asks for less gets less to keep safe."""

AUDIO: dict[Codec, tuple[tuple[SampleRate, ...], tuple[Channel, ...]]] = {
    Codec.L16: (tuple(SampleRate), tuple(Channel)),
    Codec.G711: ((SampleRate.SR_8K,), (Channel.MONO,)),
    Codec.G722: ((SampleRate.SR_16K,), (Channel.MONO,)),
    Codec.OPUS: ((SampleRate.SR_48K,), tuple(Channel)),
}
"""Sample rates and channels of each codec (Zoom RTMS docs)."""

AUDIO_OPTS = (DataOpt.AUDIO_MULTI, DataOpt.AUDIO_MIXED)
VIDEO_OPTS = (DataOpt.VIDEO_SINGLE_ACTIVE, DataOpt.VIDEO_SINGLE_INDIVIDUAL)
PICTURES = (Codec.H264, Codec.JPG, Codec.PNG)
STILL_FPS, MOVING_FPS = 5, 30
"""So many pictures a second at most: single images, and H.264 (Zoom RTMS docs)."""

VIDEO_SIZES = (Resolution.SD, Resolution.HD, Resolution.FHD)
SHARE_SIZES = (Resolution.HD, Resolution.FHD, Resolution.QHD)
LANGUAGE_COUNT = 37
"""Of transcripts, counted from 0 (SDK 1.1.0 constants). Without one of them there is nothing to hold on to."""

RATES = (1, 5, 10, 15, 20, 25, 30)


def max_fps(codec: int) -> int:
    return MOVING_FPS if codec == Codec.H264 else STILL_FPS


def fit(params: MediaParams) -> MediaParams:
    """The same wish with all that does not go together set to what does; groups that are missing are added."""
    audio = params.audio or AudioParams()
    codec = Codec(audio.codec) if audio.codec in tuple(AUDIO) else Codec.L16
    rates, channels = AUDIO[codec]
    usual = SampleRate.SR_16K if SampleRate.SR_16K in rates else rates[0]
    audio = msgspec.structs.replace(
        audio,
        codec=int(codec),
        sample_rate=int(audio.sample_rate if audio.sample_rate in rates else usual),
        channel=int(audio.channel if audio.channel in channels else channels[0]),
        data_opt=int(audio.data_opt if audio.data_opt in AUDIO_OPTS else AUDIO_OPTS[0]),
    )
    video = params.video or VideoParams()
    video = msgspec.structs.replace(
        video,
        **_pictures(video.codec, video.resolution, video.fps, VIDEO_SIZES, Resolution.HD),
        data_opt=int(video.data_opt if video.data_opt in VIDEO_OPTS else VIDEO_OPTS[0]),
    )
    share = params.share or ShareParams()
    share = msgspec.structs.replace(
        share, **_pictures(share.codec, share.resolution, share.fps, SHARE_SIZES, Resolution.FHD)
    )
    transcript, chat = params.transcript or TranscriptParams(), params.chat or ChatParams()
    language = transcript.src_language if transcript.src_language in range(LANGUAGE_COUNT) else None
    only = False if language is not None and transcript.enable_lid is False else None
    transcript = msgspec.structs.replace(transcript, src_language=language, enable_lid=only)
    return MediaParams(audio=audio, video=video, share=share, transcript=transcript, chat=chat)


def _pictures(codec: int, size: int, fps: int, sizes: tuple[Resolution, ...], usual: Resolution) -> dict[str, int]:
    kind = codec if codec in PICTURES else Codec.H264
    return {
        "codec": int(kind),
        "resolution": int(size if size in sizes else usual),
        "fps": min(max(fps, 1), max_fps(kind)),
    }
