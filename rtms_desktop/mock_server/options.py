"""What the mock server was asked to do; filled by the command line and by tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rtms_desktop.wire.enums import Dialect, Medium, Product, Resolution

RESOLUTIONS = {"360p": Resolution.SD, "720p": Resolution.HD, "1080p": Resolution.FHD}
CLIENT_ID, CLIENT_SECRET, SECRET_TOKEN = "mock-client-id", "mock-client-secret", "mock-secret-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class MockOptions:
    """All settings of one server.

    Attributes:
        port, media_port: 0 = any free one.
        fps, resolution: None = what each client negotiates; otherwise granted to everybody.
        speed: how many times faster than real the meeting runs; its clock and its timestamps run with it.
        loop: a recording begins again at its end instead of ending the meeting.
        clock_ppm: how much faster the server's clock runs than this machine's, in millionths.
        active_only: with data_opt 3 send the active speaker only, as Zoom does; otherwise everybody.
        buffer_audio: send what was said between the webhook (or an interruption) and READY in one burst, at most 60 s.
        duplicate: what a second signaling connection for a stream gets: "reject" (status 8) or "kick" the first.
        keep_alive_s: None = as the dialect wants it.
        strikes: None = as the dialect wants it.
        signaling_window_s, media_window_s: how long a lost socket may stay away.
        lenient_ready_s: media start this long after the first message 4 when no message 7 comes.
        disabled: media that the server refuses and has no URL for.
    """

    host: str = "127.0.0.1"
    port: int = 9092
    media_port: int = 8081
    source: str = "pattern"
    participants: int = 3
    fps: int | None = None
    resolution: str | None = None
    clock_ppm: float = 0.0
    speed: float = 1.0
    loop: bool = False
    beeps: bool = True
    active_only: bool = False
    buffer_audio: bool = False
    scenario: Path | None = None
    dialect: Dialect = Dialect.PRODUCTION
    product: Product = Product.MEETING
    tls: tuple[Path, Path] | None = None
    webhook_url: str = ""
    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    secret_token: str = SECRET_TOKEN
    meeting_id: str = ""
    stream_id: str = ""
    duration_s: float | None = None
    duplicate: str = "reject"
    keep_alive_s: float | None = None
    strikes: int | None = None
    signaling_window_s: float = 60.0
    media_window_s: float = 65.0
    lenient_ready_s: float = 3.0
    disabled: frozenset[Medium] = field(default_factory=frozenset)
    json_lines: bool = False
    with_parent: bool = False
