"""What a person can do, as methods that return at once and report by events. Main thread; knows no widget and no Qt.

What only a session needs (codecs, sockets, sound) is imported where one begins, or before by `preload`: the window is
shown before any of it is loaded.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtms_desktop.app.alert_desk import AlertDesk
from rtms_desktop.app.connect import ConnectRequest, Understanding, configure, understand
from rtms_desktop.app.contacts import Contacts
from rtms_desktop.app.credentials import SECRET_TOKEN, Credential, CredentialStore
from rtms_desktop.app.diagnostics_desk import DiagnosticsDesk
from rtms_desktop.app.doing import begin
from rtms_desktop.app.events import (
    ConnectAsked,
    ConnectChecked,
    ConnectDenied,
    MachineChecked,
    Notice,
    SessionClosed,
    SessionOpened,
)
from rtms_desktop.app.examination import Examination
from rtms_desktop.app.export_desk import ExportDesk
from rtms_desktop.app.figures import media_figures
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.app.journal import Journal
from rtms_desktop.app.library_desk import LibraryDesk
from rtms_desktop.app.marks_desk import MarksDesk
from rtms_desktop.app.metrics_desk import MetricsDesk
from rtms_desktop.app.mock_desk import MockDesk
from rtms_desktop.app.mock_process import MockOptions
from rtms_desktop.app.moment import Moment
from rtms_desktop.app.recording_desk import RecordingDesk
from rtms_desktop.app.recordings import RecordingEntry, save_snapshot, snapshot_path
from rtms_desktop.app.settings import RecentSession, Settings
from rtms_desktop.app.shift_desk import ShiftDesk, View
from rtms_desktop.app.sound_desk import SoundDesk
from rtms_desktop.app.webhook_desk import WebhookDesk
from rtms_desktop.clock import Clock, SystemClock
from rtms_desktop.errors import RtmsError
from rtms_desktop.recording.library_rows import State
from rtms_desktop.session.events import EndCause, SessionEnded, Severity
from rtms_desktop.transport.hosts import endpoint
from rtms_desktop.transport.tasks import spawn
from rtms_desktop.wire.payload import read_payload

if TYPE_CHECKING:
    from rtms_desktop.app.diagnostics import Gathered
    from rtms_desktop.app.replay import ReplaySession
    from rtms_desktop.app.session import ActiveSession
    from rtms_desktop.media.pipeline import MediaPipeline
    from rtms_desktop.media.replay.pipeline import ReplayPipeline

log = logging.getLogger(__name__)

HEALTH_S = 0.5
FINALISE_S = 3.0
"""So long may a recording be finalised when the program ends."""

TROUBLE = (EndCause.CONNECT_FAILED, EndCause.REJECTED, EndCause.CUT_OFF)
SESSION_MODULES = (
    "numpy", "av", "rtms_desktop.recording.recorder", "rtms_desktop.app.session", "rtms_desktop.media.pipeline",
    "rtms_desktop.transport.tls", "rtms_desktop.app.replay",
)  # fmt: skip


def preload() -> Iterator[str]:
    """Import what a session needs, a part at each step.

    On the main thread: packages whose modules import one another (PyAV) break when two threads import them at once.
    """
    for module in SESSION_MODULES:
        importlib.import_module(module)
        yield module


class Controller:
    """Owns the session, what outlives it (hub, settings, secrets), and the desks, each with its own field of work.

    Args:
        wake: called from decode threads when a picture is ready; must be thread-safe.

    Attributes:
        stream: the one that runs, until it is put away, shown or not; ``live_pipeline`` plays it.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        wake: Callable[[], None] = lambda: None,
        clock: Clock | None = None,
        ca: Path | None = None,
        allowed_hosts: frozenset[str] = frozenset(),
    ) -> None:
        self.settings, self._machine = settings, clock or SystemClock()
        self.hub = Hub()
        self.credentials = CredentialStore(settings)
        self.examination = Examination(self.hub, self._machine)
        self.moment = Moment(self.hub, lambda: self.clock.now(), lambda at: self.shift.show(at))
        self.marks = MarksDesk(self.hub, shown=lambda: self.stream or self.session, now=lambda: self.clock.now())
        self.last_request: ConnectRequest | None = None
        self.stream: ActiveSession | None = None
        self.live_pipeline: MediaPipeline | None = None
        self._view = View()
        self._wake, self._contacts = wake, Contacts(settings, allowed_hosts, ca)
        self._figures = media_figures(None)
        self._turn = asyncio.Lock()  # connecting, ending and shutting down happen one after the other
        self._closing = False
        self.sound = SoundDesk(self.hub, settings, pipeline=lambda: self.pipeline, turn=self._turn)
        self.mock = MockDesk(self.hub, self.credentials)
        self.alerts = AlertDesk(
            self.hub, self._machine, pipeline=lambda: self.live_pipeline, limits=lambda: settings.values.alerts
        )
        self.metrics = MetricsDesk(
            self.hub, self._machine, settings, pipeline=lambda: self.live_pipeline, stalled=self.alerts.loop.reader()
        )
        self.journal = Journal(self.hub, self._machine)
        self.diagnostics = DiagnosticsDesk(self.hub, settings, self._gather)
        self.webhooks = WebhookDesk(
            self.hub,
            self._machine,
            token=self._secret_token,
            stream=lambda: self.stream,
            allowed=self._contacts.allows,
        )
        self.library = LibraryDesk(
            self.hub,
            self._machine,
            root=lambda: settings.recordings,
            index=settings.folder / "library.sqlite3",
            writing=lambda: self.recording.writing,
            shown=self._shown_bundle,
        )
        self.exports = ExportDesk(self.hub, self._machine, keep=self.library.remember_exports)
        self.recording = RecordingDesk(
            self.hub, self._machine, settings, self.library, stream=lambda: self.stream, show=self.open_recording
        )
        self.shift = ShiftDesk(
            self.hub,
            self._machine,
            stream=lambda: (
                None if self.stream is None or self.live_pipeline is None else (self.stream, self.live_pipeline)
            ),
            view=self._view,
            sound=self.sound,
            turn=self._turn,
            wake=wake,
        )
        self.hub.subscribe(self._note_shown)
        self.hub.subscribe_stream(self._note_stream)

    # -- what is going on ----------------------------------------------------------------------------------------

    @property
    def session(self) -> ActiveSession | ReplaySession | None:
        """What is shown."""
        return self._view.session

    @property
    def machine(self) -> Clock:
        """The computer's own time, whatever is shown."""
        return self._machine

    @property
    def pipeline(self) -> MediaPipeline | ReplayPipeline | None:
        """Of what is shown; None while nothing is, or while the view is frozen."""
        return self._view.pipeline

    @property
    def clock(self) -> Clock:
        """The time of what is shown: the playhead of a recording, the moment of a frozen view, else the computer's."""
        session = self.session
        return session.clock if session is not None and session.is_replay else self.shift.frozen or self._machine

    @property
    def _running(self) -> ActiveSession | None:
        """The stream that is connected, if it has not ended."""
        stream = self.stream
        return None if stream is None or stream.ended is not None else stream

    @property
    def recent(self) -> list[RecentSession]:
        return self.settings.values.recent

    @property
    def recordings(self) -> list[RecordingEntry]:
        """What can be opened, newest first."""
        return [entry for entry in self.library.entries if entry.state is not State.REVOKED]

    def figures(self) -> dict[str, Any]:
        """What the present session (or the last one) showed and played; the media part of ``--stats``."""
        if self.pipeline is not None:
            self._figures = media_figures(self.pipeline.stats)
        return self._figures

    # -- sessions ------------------------------------------------------------------------------------------------

    def understand(self, text: str) -> Understanding:
        return understand(text)

    def connect(self, request: ConnectRequest) -> None:
        """End the present session, if any, and start this one."""
        begin(self.hub, "connect", self.connect_now(request))

    def connect_if_complete(
        self, text: str, *, client_id: str | None = None, client_secret: str | None = None, record: bool = False
    ) -> bool:
        """Connect to a readable payload when its host is allowed and a credential is at hand; else do nothing."""
        known = self.understand(text)
        client_id = client_id or next(iter(self.credentials.client_ids), None)
        secret = client_secret or (self.credentials.secret(client_id) if client_id else None)
        allowed = known.host_known or known.host in self._contacts.hosts
        if known.invite is None or not allowed or not client_id or not secret:
            return False
        media = self.settings.media
        request = ConnectRequest(
            invite=known.invite, client_id=client_id, client_secret=secret, media=media, params=self.settings.params,
            record=record,
        )  # fmt: skip
        self.connect(request)
        return True

    def connect_again(self, client_id: str = "") -> None:
        """Repeat the last request, as ``client_id`` where one is given."""
        request = self.last_request
        if request is not None and client_id:
            secret = self.credentials.secret(client_id) or ""
            request = replace(request, client_id=client_id, client_secret=secret)
        if request is not None:
            self.connect(request)

    def try_it_now(self, *, record: bool = False) -> None:
        """Start the bundled mock server, unless it runs, and connect to it."""
        begin(self.hub, "try it now", self.demo(record=record))

    def rehearse(self, path: Path) -> None:
        """Play a media file as a meeting: a mock server with it, in place of one that runs, and a connection to it."""
        begin(self.hub, "play a file as a meeting", self._rehearse(path))

    def stop(self) -> None:
        """Ask the server to end the stream, then close."""
        self._request("stop")

    def disconnect(self) -> None:
        """Only close the sockets."""
        self._request("disconnect")

    def reconnect_now(self) -> None:
        """Close every socket and open it again at once, as when Zoom says that a stream was interrupted."""
        self._request("interrupted")

    def request_video(self, user_id: int, subscribe: bool = True) -> None:
        """Ask for one participant's video (data_opt 4 only)."""
        self._request("video", user_id=user_id, subscribe=subscribe)

    def snapshot(self, key: tuple[str, int]) -> Path | None:
        """Save the picture that a track shows, in its own size; None when there is none. Written meanwhile."""
        frame = self.pipeline.snapshot(key) if self.pipeline is not None else None
        if frame is None:
            return None
        path = snapshot_path(self.settings.recordings, key, self._machine.wall_ms())
        begin(self.hub, "save a snapshot", asyncio.to_thread(save_snapshot, path, frame))
        if self.stream is not None:
            self.stream.made.append(path)
        return path

    def open_recording(self, path: Path) -> None:
        """End what is shown and show a recording: a bundle, its open.rtms or a tape. It plays from its beginning."""
        begin(self.hub, "open a recording", self._open_recording(path))

    def close_recording(self) -> None:
        """Put the recording that is shown away."""
        begin(self.hub, "close a recording", self._close_recording())

    def check_first(self, request: ConnectRequest) -> None:
        """Try the way to a server without saying anything to it; ConnectChecked tells."""
        begin(self.hub, "check a connection", self._check_first(request))

    def check_machine(self) -> None:
        """Look at what this computer can do; MachineChecked tells."""
        begin(self.hub, "check this computer", self._check_machine())

    # -- awaited -----------------------------------------------------------------------------------------------

    async def connect_now(self, request: ConnectRequest) -> ActiveSession:
        """Like ``connect``, for callers that wait; raises RtmsError."""
        from rtms_desktop.app.session import ActiveSession
        from rtms_desktop.media.pipeline import MediaPipeline

        self.last_request = request
        self.hub.publish([ConnectAsked(request=request)])
        try:
            tls = self._contacts.admit(request)
        except RtmsError as error:
            self.hub.publish([ConnectDenied(error=error)])
            raise
        config = configure(
            request.invite, Credential(request.client_id, request.client_secret), request.media, request.params
        )
        async with self._turn:
            await self._end_session()
            if self._closing:
                raise RtmsError("the program is closing")
            sink = await self.sound.sink()
            self.live_pipeline = self._view.pipeline = MediaPipeline(self._machine, sink, self._wake)
            self.sound.apply_volume()
            session = ActiveSession(
                request.invite,
                config,
                publish=self.shift.told,
                clock=self._machine,
                tls=tls,
                allowed_hosts=lambda: self._contacts.hosts,
                secret=request.client_secret,
            )
            self.stream = self._view.session = session
            self.shift.opened()
            log.info("connecting to %s", endpoint(request.invite.signaling_url).authority)
            self.hub.publish([SessionOpened(session=session)])
            session.start()
            if request.record or self.settings.values.auto_record:
                self.recording.start()
            spawn(self._watch(session), name="session end")
            spawn(self._watch_health(session), name="session health")
            self.alerts.watch(session)
            self.metrics.watch(session)
        return session

    async def demo(self, *, record: bool) -> None:
        """Like ``try_it_now``, for callers that wait; raises RtmsError."""
        info = await self.mock.bring_up(MockOptions())
        request = ConnectRequest(
            invite=read_payload(json.dumps(await self.mock.invitation(info))),
            client_id=info.client_id,
            client_secret=info.client_secret,
            record=record,
        )
        await self.connect_now(request)

    async def shutdown(self) -> None:
        """Disconnect, finalise, end the mock server, join every thread; idempotent."""
        if self.stream is not None:
            self.stream.hurry(FINALISE_S)  # before the turn is waited for: it may be a recording that has it
        async with self._turn:
            self._closing = True
            self.recording.close()
            await self._end_session()
            await self.webhooks.close()
            await self.metrics.close()
            await self.mock.close()
            await self.exports.close()
            await self.marks.settle()
            await self.library.close()
            await self.shift.close()
            await self.sound.close()
            self.settings.save()

    # -- inside --------------------------------------------------------------------------------------------------

    def _gather(self) -> Gathered:
        from rtms_desktop.app.diagnostics import gather, step_rows

        return gather(
            self.journal,
            self.metrics.meter,
            [*self.alerts.history, *self.alerts.active],
            step_rows(self.examination.listing.steps if self.examination.listing is not None else []),
            self.mock.log,
            None if self.live_pipeline is None else self.live_pipeline.stats,
            self.credentials.in_memory | {self._secret_token() if self.webhooks.state.url else self.mock.secret_token},
        )

    async def _watch(self, session: ActiveSession) -> None:
        """When a session ends by itself, put things away and tell."""
        ended = await session.driver.wait_ended()
        async with self._turn:
            await self._put_away(session, ended)

    async def _put_away(self, session: ActiveSession, ended: SessionEnded) -> None:
        if self.stream is not session:
            return
        if session.revoked:
            await self.shift.revoke()
        await self.recording.finish()
        if session.revoked:
            await self.recording.delete_revoked(session)
        self.stream = None
        bundle = str(session.bundles[-1]) if session.bundles else ""
        self.settings.remember(
            RecentSession(
                title=session.title,
                product=session.invite.product.value,
                opened_ms=session.opened_wall_ms,
                seconds=self._machine.now() - session.opened_at,
                outcome=ended.sentence,
                failed=ended.cause not in (EndCause.STOPPED, EndCause.LOCAL),
                bundle=bundle,
                meeting_id=session.config.meeting_id,
            )
        )
        self.figures()
        pipeline, self.live_pipeline = self.live_pipeline, None
        shown = self.session is session
        if shown:
            self._view.session = self._view.pipeline = None
        self.hub.tell([SessionClosed(session=session, ended=ended)], shown=shown)
        await self.shift.closed()
        if pipeline is not None:
            await asyncio.to_thread(pipeline.close)

    async def _end_session(self) -> None:
        """End the stream, and put away what is shown."""
        if self.stream is not None:
            await self._put_away(self.stream, await self.stream.disconnect())
        if self.session is not None and self.session.is_replay:
            await self._put_back(self.session)

    async def _open_recording(self, path: Path) -> None:
        from rtms_desktop.app.replay import ReplaySession

        async with self._turn:
            await self.marks.settle()
            session = await ReplaySession.open(path, self.hub.show, self._machine)
            await self._end_session()
            if self._closing:
                await session.close()
                return
            sink = await self.sound.sink()
            self._view.session, self._view.pipeline = session, session.open_pipeline(sink, self._wake)
            self.sound.apply_volume()
            log.info("showing %s", path.name)
            self.hub.publish([SessionOpened(session=session)])
            session.start()
            session.play()
            spawn(self._watch_health(session), name="session health")

    async def _close_recording(self) -> None:
        async with self._turn:
            if self.stream is None:
                await self._end_session()

    async def _put_back(self, session: ReplaySession) -> None:
        ended = await session.close()
        self.figures()
        self._view.session = self._view.pipeline = None
        self.hub.publish([SessionClosed(session=session, ended=ended)])

    def _request(self, what: str, **args: Any) -> None:
        if self._running is not None:
            self._running.driver.request(what, **args)

    async def _watch_health(self, session: ActiveSession | ReplaySession) -> None:
        """Tell when a recording stalls or fails, and when the sound device goes; the stream itself goes on."""
        while session in (self.stream, self.session) and (session.is_replay or session.ended is None):
            await asyncio.sleep(HEALTH_S)
            self.sound.check()
            await self.recording.check()

    async def _check_first(self, request: ConnectRequest) -> None:
        from rtms_desktop.app.preflight import preflight

        url = request.invite.signaling_url
        self.hub.publish([ConnectChecked(url=url)])
        self.hub.publish([ConnectChecked(url=url, found=await preflight(request, self._contacts))])

    async def _check_machine(self) -> None:
        from rtms_desktop.app.machine import check_machine

        self.hub.publish([MachineChecked()])
        checks = await asyncio.to_thread(lambda: tuple(check_machine(self.settings)))
        self.hub.publish([MachineChecked(checks=checks)])

    async def _rehearse(self, path: Path) -> None:
        async with self._turn:
            await self._end_session()
        await self.mock.close()
        await self.mock.bring_up(MockOptions(source=str(path)))
        await self.demo(record=False)

    def _shown_bundle(self) -> Path | None:
        session = self.session
        return session.source.bundle if session is not None and session.is_replay else None

    def _secret_token(self) -> str:
        """The token of the person's app; without one that of the mock server, so that both can be tried together."""
        return self.credentials.secret(SECRET_TOKEN) or self.mock.secret_token

    def _note_shown(self, events: Sequence[AnyEvent]) -> None:
        """The place of a recording's pipeline on the hub."""
        if self.pipeline is not None and self.pipeline is not self.live_pipeline:
            self.pipeline.handle(events)

    def _note_stream(self, events: Sequence[AnyEvent]) -> None:
        """The place of the stream's pipeline on the hub; it gets everything, shown or not."""
        if self.live_pipeline is not None:
            self.live_pipeline.handle(events)
        for event in events:
            if isinstance(event, SessionEnded) and event.cause in TROUBLE:
                told = Notice(severity=Severity.ERROR, what=event.sentence, action="window.cause")
                self.hub.publish([told])
