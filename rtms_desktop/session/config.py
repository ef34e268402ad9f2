"""What a session is told before it starts: who to contact, as whom, for what, and how patient to be."""

from __future__ import annotations

from dataclasses import dataclass, field

from rtms_desktop.wire.enums import Medium, Product
from rtms_desktop.wire.messages import AudioParams, ChatParams, MediaParams, ShareParams, TranscriptParams, VideoParams

ALL_MEDIA = frozenset(Medium)

DEFAULT_PARAMS = MediaParams(
    audio=AudioParams(), video=VideoParams(), share=ShareParams(), transcript=TranscriptParams(), chat=ChatParams()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Limits in seconds (Zoom RTMS docs, fail-over and keep-alive pages, unless noted)."""

    connect_s: float = 10.0  # SDK 1.1.0: join timer
    media_answer_s: float = 5.0  # a media link that stays silent is given up
    backoff_first_s: float = 0.5
    backoff_cap_s: float = 30.0
    backoff_jitter: float = 0.2
    signaling_window_s: float = 60.0
    media_window_s: float = 65.0
    keep_alive_limit_s: float = 65.0  # no message 12 for so long: the link is dead
    keep_alive_every_s: float = 10.0
    client_keep_alive_s: float = 30.0  # README dialect only: there the client asks
    duplicate_waits_s: tuple[float, ...] = (1.5, 3.0, 6.0)
    close_answer_s: float = 2.0  # wait for 22 after 21
    drain_s: float = 2.0  # media that was sent before the server said that the stream is over may come so long
    drain_quiet_s: float = 0.25  # and has come when nothing did for so long
    final_grace_s: float = 2.0  # a close frame so soon after a final reason is no loss
    gap_min_ms: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """Everything SessionCore needs. ``signature`` is computed outside: the core never sees the secret."""

    meeting_id: str
    stream_id: str
    signature: str
    signaling_url: str
    product: Product = Product.MEETING
    id_key: str = "meeting_uuid"
    media: frozenset[Medium] = ALL_MEDIA
    params: MediaParams = DEFAULT_PARAMS
    one_socket: bool = False  # prefer the "all" URL over one socket per medium
    buffer_data: bool | None = None
    announced_ms: int | None = None  # event_ts of the webhook
    wait_for_server: bool = False  # reconnect only on Zoom's signals instead of at once
    timing: Timing = field(default_factory=Timing)
