"""What the application itself has to tell; travels through the Hub beside the session's events. Main thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtms_desktop.errors import RtmsError
from rtms_desktop.session.events import SessionEnded, Severity

if TYPE_CHECKING:
    from rtms_desktop.app.alerts import Alert
    from rtms_desktop.app.connect import ConnectRequest
    from rtms_desktop.app.machine import Check
    from rtms_desktop.app.preflight import Preflight
    from rtms_desktop.app.replay import ReplaySession
    from rtms_desktop.app.session import ActiveSession
    from rtms_desktop.recording.export.contents import Contents
    from rtms_desktop.recording.library import Hit
    from rtms_desktop.recording.library_rows import RecordingEntry
    from rtms_desktop.recording.marks import Mark
    from rtms_desktop.recording.trash import Trashed
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
class ConnectAsked(AppEvent):
    """A person wants this stream; nothing was sent yet."""

    request: ConnectRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectDenied(AppEvent):
    """This computer did not even begin to connect."""

    error: RtmsError


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectChecked(AppEvent):
    """How far a connection would come before its first message; None while it is being tried. Nothing was sent."""

    url: str
    found: Preflight | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened(AppEvent):
    """A stream or a recording is in the window from now on."""

    session: ActiveSession | ReplaySession


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed(AppEvent):
    session: ActiveSession | ReplaySession
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
class AudioDevicesFound(AppEvent):
    """The output devices of this computer, the system's default one first."""

    names: tuple[str, ...]


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
class MachineChecked(AppEvent):
    """What this computer can do. Empty while it is being looked at."""

    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnclosedFound(AppEvent):
    """These bundles were left open by a crash, oldest first."""

    bundles: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairChanged(AppEvent):
    """A bundle is being repaired (``progress`` 0 to 1), or no longer."""

    bundle: Path
    progress: float
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(AppEvent):
    """One banner. ``action``: what its button calls, a method of the controller ("reconnect_now") or of a desk
    ("recording.start"); "" = no button.
    """

    severity: Severity
    what: str
    why: str = ""
    fix: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChanged(AppEvent):
    """A trouble of the live session began, has other words now, or is over; see ``alert.state``."""

    alert: Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsChanged(AppEvent):
    """Metrics are served at ``url`` ("" = nowhere) and written to ``path``; ``problem``: why one of them is not."""

    url: str = ""
    path: Path | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosticsSaved(AppEvent):
    """The archive that was asked for is written; ``path`` None: it could not be, and a Notice has told why."""

    path: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryChanged(AppEvent):
    """The recordings, newest first, revoked ones (only their tombstone is left) among them."""

    entries: tuple[RecordingEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryFound(AppEvent):
    """What a search for ``text`` brought; only the newest search is answered."""

    text: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryPictures(AppEvent):
    """Thumbnails that were asked for, by bundle: JPEG, at most 320 x 180; b"" = there is none."""

    pictures: dict[Path, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarksChanged(AppEvent):
    """The marks of the session in the window as they stand now, by time."""

    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingsTrashed(AppEvent):
    """Recordings went to the trash; each can be handed to ``library.restore``."""

    trashed: tuple[Trashed, ...]


class ExportState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportChanged(AppEvent):
    """An export waits, goes on (``progress`` 0 to 1, ``seconds`` since it began) or has ended.

    ``written``: the files, when it is done; after any other end there are none. ``what``, ``why``: why it failed.
    """

    number: int
    recording: Path
    title: str
    format: str
    out: Path
    state: ExportState
    progress: float = 0.0
    seconds: float = 0.0
    written: tuple[Path, ...] = ()
    what: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLooked(AppEvent):
    """What can be exported of a recording; ``contents`` None: nothing, and ``what`` and ``why`` say why.

    ``span``: the part that was asked about, as server times (Unix ms).
    """

    recording: Path
    contents: Contents | None = None
    span: tuple[int, int] | None = None
    what: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayJumped(AppEvent):
    """The playhead of a recording stands elsewhere: all that was shown of the session is void.

    The same batch goes on with every event of the session up to there, in order and with its own time (all but media
    and keep-alives; of each track the first unit, without its data), and ends with ``ReplaySettled``. What lies between
    is history: it builds up what is shown, but nobody has to be told of it. ``session.core`` is a new object by then.
    Live sessions never send it. ``position_ms``: since ``session.opened_at``.
    """

    position_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettled(AppEvent):
    """The history that ``ReplayJumped`` announced is complete; what follows happens at the playhead."""

    position_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentChanged(AppEvent):
    """Somebody put the window's one cursor at ``at`` (monotonic seconds); None: it follows what is now."""

    at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneAsked(AppEvent):
    """A person wants to see a moment in a pane ("inspector", "monitor"); ``link`` "": of no socket in particular."""

    pane: str
    at: float
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewShifted(AppEvent):
    """Panes show the stream that runs at another moment: ``session`` is its recording so far, or again the stream.

    What was shown is void, as when a session is opened; the stream, its recording and all that watches over it go on.
    After the stream itself follows a batch as after ``ReplayJumped``, with all that was told until then.
    """

    session: ActiveSession | ReplaySession


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChanged(AppEvent):
    """Stepping back became possible, or no longer is; or one stepped back, returned, or froze the view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayChanged(AppEvent):
    """A recording plays or stands, at another speed or place, with another loop (A and B in ms) or without one.

    Comes at once, also where ``ReplayJumped`` has to wait for the index.
    """

    playing: bool
    speed: float
    position_ms: float
    loop_ms: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayIndexed(AppEvent):
    """More of the recording is indexed (``progress`` 0 to 1): ``session.overview()`` and ``looks()`` reach further."""

    progress: float
    complete: bool
