"""What the application itself has to tell; travels through the Hub beside the session's events. Main thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtms_desktop.session.events import SessionEnded, Severity

if TYPE_CHECKING:
    from rtms_desktop.app.session import ActiveSession
    from rtms_desktop.transport.webhook_receiver import ReceivedWebhook


class RecordingState(StrEnum):
    OFF = "off"
    RECORDING = "recording"
    STALLED = "stalled"
    FAILED = "failed"
    FINALISING = "finalising"


class MockState(StrEnum):
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MockInfo:
    """The first line of the mock server: where it listens and as whom to sign."""

    http_url: str
    signaling_url: str
    media_url: str
    client_id: str
    client_secret: str
    secret_token: str
    webhook: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppEvent:
    """Base of the application's events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened(AppEvent):
    session: ActiveSession


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed(AppEvent):
    session: ActiveSession
    ended: SessionEnded


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingChanged(AppEvent):
    state: RecordingState
    folder: Path | None = None
    started_wall_ms: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MockChanged(AppEvent):
    state: MockState
    info: MockInfo | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MockLogged(AppEvent):
    """One ground-truth line of the mock server: ``{"event", "t_ms", "link", ...}``."""

    entry: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioDeviceChanged(AppEvent):
    """``problem`` is empty while a real device plays; otherwise the silent sink keeps time."""

    name: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverChanged(AppEvent):
    """The webhook receiver listens at ``url``, or not ("")."""

    url: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookArrived(AppEvent):
    """A webhook came in, trusted or not. A trusted announcement of a new stream waits for a person's yes."""

    received: ReceivedWebhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(AppEvent):
    """One banner. ``action`` names a method of the controller that the button calls, or ""."""

    severity: Severity
    what: str
    why: str = ""
    fix: str = ""
    action: str = ""
