"""What a person can do, as methods that return at once and report by events. Main thread; knows no widget and no Qt.

What only a session needs (codecs, sockets, sound) is imported where one begins, or before by `preload`: the window is
shown before any of it is loaded.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import shutil
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtms_desktop.app.bundle_change import is_due
from rtms_desktop.app.connect import ConnectRequest, Understanding, configure, understand
from rtms_desktop.app.credentials import SECRET_TOKEN, Credential, CredentialStore
from rtms_desktop.app.events import (
    AudioDeviceChanged,
    ConnectAsked,
    ConnectDenied,
    MachineChecked,
    MockChanged,
    MockInfo,
    MockLogged,
    MockState,
    Notice,
    RecordingChanged,
    RecordingState,
    RepairChanged,
    SessionClosed,
    SessionOpened,
    UnclosedFound,
)
from rtms_desktop.app.examination import Examination
from rtms_desktop.app.hub import AnyEvent, Hub
from rtms_desktop.app.library_desk import LibraryDesk
from rtms_desktop.app.mock_process import MockOptions, MockProcess
from rtms_desktop.app.recordings import RecordingEntry, save_snapshot, snapshot_path, title_from
from rtms_desktop.app.settings import RecentSession, Settings
from rtms_desktop.app.webhook_desk import WebhookDesk
from rtms_desktop.clock import Clock, SystemClock
from rtms_desktop.errors import DiskError, RtmsError
from rtms_desktop.recording.library_rows import State
from rtms_desktop.recording.names import tombstone_of
from rtms_desktop.session.events import EndCause, SessionEnded, Severity
from rtms_desktop.transport.hosts import check_allowed, endpoint
from rtms_desktop.transport.tasks import spawn
from rtms_desktop.wire.payload import read_payload

if TYPE_CHECKING:
    from rtms_desktop.app.replay import ReplaySession
    from rtms_desktop.app.session import ActiveSession
    from rtms_desktop.media.pipeline import MediaPipeline, MediaStats
    from rtms_desktop.media.replay.pipeline import ReplayPipeline
    from rtms_desktop.media.sinks import Sink
    from rtms_desktop.recording.recorder import Recorder

log = logging.getLogger(__name__)

MOCK_LOG_LINES = 2_000
HEALTH_S = 0.5
TROUBLE = {
    EndCause.CONNECT_FAILED: "Not connected",
    EndCause.REJECTED: "Refused",
    EndCause.CUT_OFF: "The stream was cut off",
}
SESSION_MODULES = (
    "numpy", "av", "rtms_desktop.recording.recorder", "rtms_desktop.app.session", "rtms_desktop.media.pipeline",
    "rtms_desktop.transport.tls",
)  # fmt: skip
REPAIR_FIX = "Nothing was lost. Make room or choose a folder that can be written, then repair it again."
FIGURES = ("frames_shown", "frames_dropped", "frames_late", "audio_underruns", "playout_ms")


def preload() -> Iterator[str]:
    """Import what a session needs, a part at each step.

    On the main thread: packages whose modules import one another (PyAV) break when two threads import them at once.
    """
    for module in SESSION_MODULES:
        importlib.import_module(module)
        yield module


class Controller:
    """Owns what outlives a session: hub, settings, secrets, sound, the mock server; and the session itself.

    Args:
        wake: called from decode threads when a picture is ready; must be thread-safe.
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
        self.last_request: ConnectRequest | None = None
        self.session: ActiveSession | ReplaySession | None = None
        self.pipeline: MediaPipeline | ReplayPipeline | None = None
        self.mock_log: deque[dict[str, Any]] = deque(maxlen=MOCK_LOG_LINES)
        self.recording = RecordingChanged(state=RecordingState.OFF)
        self.mock_state = MockChanged(state=MockState.STOPPED)
        self.audio = AudioDeviceChanged(name="", problem="")
        self._wake, self._ca, self._allowed = wake, ca, allowed_hosts
        self._mock: MockProcess | None = None
        self._sink: Sink | None = None
        self._last_stats: MediaStats | None = None
        self._turn = asyncio.Lock()  # connecting, ending and shutting down happen one after the other
        self._mock_turn = asyncio.Lock()
        self._closing = False
        self.webhooks = WebhookDesk(
            self.hub,
            self._machine,
            token=self._secret_token,
            session=lambda: self._running,
            allowed=self._may_contact,
        )
        self.library = LibraryDesk(
            self.hub,
            self._machine,
            root=lambda: settings.recordings,
            index=settings.folder / "library.sqlite3",
            writing=self._being_written,
        )
        self.hub.subscribe(self._note)

    # -- what is going on ----------------------------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        """The time of what is shown: the playhead of a recording, else the computer's."""
        session = self.session
        return session.clock if session is not None and session.is_replay else self._machine

    @property
    def _is_replay(self) -> bool:
        return self.session is not None and self.session.is_replay

    @property
    def _running(self) -> ActiveSession | None:
        """The stream that is connected, if it has not ended."""
        session = self.session
        return None if session is None or session.is_replay or session.ended is not None else session

    @property
    def mock(self) -> MockInfo | None:
        return self._mock.info if self._mock else None

    @property
    def recent(self) -> list[RecentSession]:
        return self.settings.values.recent

    @property
    def recordings(self) -> list[RecordingEntry]:
        """What can be opened, newest first."""
        return [entry for entry in self.library.entries if entry.state is not State.REVOKED]

    @property
    def free_disk_bytes(self) -> int | None:
        """Free space where recordings go; None where that cannot be asked."""
        folder = self.settings.recordings
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            return None

    def figures(self) -> dict[str, Any]:
        """What the present session (or the last one) showed and played; the media part of ``--stats``."""
        if self.pipeline is not None:
            self._last_stats = self.pipeline.stats
        stats = self._last_stats
        if stats is None:
            return dict.fromkeys(FIGURES, 0) | {"latency_ms": {"p50": 0.0, "p99": 0.0}}
        latency = {"p50": _rounded(stats.latency_p50_ms), "p99": _rounded(stats.latency_p99_ms)}
        counted = {name: getattr(stats, name) for name in FIGURES}
        return counted | {"playout_ms": _rounded(stats.playout_ms), "latency_ms": latency}

    # -- sessions ------------------------------------------------------------------------------------------------

    def understand(self, text: str) -> Understanding:
        return understand(text)

    def connect(self, request: ConnectRequest) -> None:
        """End the present session, if any, and start this one."""
        self._run(self._connect(request), "connect")

    def connect_if_complete(
        self, text: str, *, client_id: str | None = None, client_secret: str | None = None, record: bool = False
    ) -> bool:
        """Connect to a readable payload when its host is allowed and a credential is at hand; else do nothing."""
        known = self.understand(text)
        client_id = client_id or next(iter(self.credentials.client_ids), None)
        secret = client_secret or (self.credentials.secret(client_id) if client_id else None)
        allowed = known.host_known or known.host in self._allowed_now()
        if known.invite is None or not allowed or not client_id or not secret:
            return False
        media = self.settings.media
        request = ConnectRequest(
            invite=known.invite, client_id=client_id, client_secret=secret, media=media, record=record
        )
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
        self._run(self._try_it_now(record=record), "try it now")

    def rehearse(self, path: Path) -> None:
        """Play a media file as a meeting: a mock server with it, in place of one that runs, and a connection to it."""
        self._run(self._rehearse(path), "play a file as a meeting")

    def stop(self) -> None:
        """Ask the server to end the stream, then close."""
        if self._running is not None:
            self._running.driver.request("stop")

    def disconnect(self) -> None:
        """Only close the sockets."""
        if self._running is not None:
            self._running.driver.request("disconnect")

    def reconnect_now(self) -> None:
        """Close every socket and open it again at once, as when Zoom says that a stream was interrupted."""
        if self._running is not None:
            self._running.driver.request("interrupted")

    def request_video(self, user_id: int, subscribe: bool = True) -> None:
        """Ask for one participant's video (data_opt 4 only)."""
        if self._running is not None:
            self._running.driver.request("video", user_id=user_id, subscribe=subscribe)

    def snapshot(self, key: tuple[str, int]) -> Path | None:
        """Save the picture that a track shows, in its own size; None when there is none. Written meanwhile."""
        frame = self.pipeline.snapshot(key) if self.pipeline is not None else None
        if frame is None:
            return None
        path = snapshot_path(self.settings.recordings, key, self._machine.wall_ms())
        self._run(self._in_thread(save_snapshot, path, frame), "save a snapshot")
        if self.session is not None and not self.session.is_replay:
            self.session.made.append(path)
        return path

    async def connect_now(self, request: ConnectRequest) -> ActiveSession:
        """Like ``connect``, for callers that wait; raises RtmsError."""
        return await self._connect(request)

    def open_recording(self, path: Path) -> None:
        """End what is shown and show a recording: a bundle, its open.rtms or a tape. It plays from its beginning."""
        self._run(self._open_recording(path), "open a recording")

    def close_recording(self) -> None:
        """Put the recording that is shown away."""
        self._run(self._close_recording(), "close a recording")

    def repair_recording(self, path: Path) -> None:
        """Finish a bundle that a crash left open, then show it."""
        self._run(self._repair_recording(path), "repair a recording")

    def look_for_unclosed(self) -> None:
        """Offer to repair what a crash left open; UnclosedFound tells."""
        self._run(self._look_for_unclosed(), "look for recordings that were not closed")

    async def demo(self, *, record: bool) -> None:
        await self._try_it_now(record=record)

    def check_machine(self) -> None:
        """Look at what this computer can do; MachineChecked tells."""
        self._run(self._check_machine(), "check this computer")

    # -- recording -----------------------------------------------------------------------------------------------

    def start_recording(self) -> None:
        session = self._running
        if session is None or session.recorder is not None:
            return
        try:
            recorder = session.record(self.settings.recordings)
        except RtmsError as error:
            self._failed("recording did not start", error)
            return
        self._recording(RecordingState.RECORDING, recorder.folder, self._machine.wall_ms())
        if template := self.settings.values.title_template:
            title = title_from(
                template,
                product=session.invite.product.value.replace("_", " "),
                meeting=session.config.meeting_id,
                wall_ms=self._machine.wall_ms(),
            )
            self.library.rename(recorder.folder, title)

    def look_after_recordings(self) -> None:
        """Bring the library up to date, and move what is older than the setting says to the trash."""
        self._run(self._look_after_recordings(), "look after the recordings")

    def stop_recording(self) -> None:
        self._run(self._stop_recording(), "stop recording")

    # -- sound ---------------------------------------------------------------------------------------------------

    def set_volume(self, volume: float) -> None:
        self.settings.values.volume = volume  # saved at the end: a slider moves many times a second
        self._apply_volume()

    def set_muted(self, muted: bool) -> None:
        self.settings.values.muted = muted
        self._apply_volume()

    def set_person(self, user_id: int, *, mute: bool, solo: bool) -> None:
        if self.pipeline is not None:
            self.pipeline.set_person(user_id, mute=mute, solo=solo)

    def rescan_audio(self) -> None:
        """Look for a sound device again."""
        self._run(self._rescan_audio(), "look for a sound device")

    # -- the mock server -----------------------------------------------------------------------------------------

    def start_mock(self, options: MockOptions | None = None) -> None:
        self._run(self._start_mock(options or MockOptions()), "start the mock server")

    def stop_mock(self) -> None:
        self._run(self._stop_mock(), "stop the mock server")

    def mock_action(self, name: str, **args: Any) -> None:
        if self._mock is not None:
            self._run(self._mock.act(name, **args), name)

    # -- webhooks ------------------------------------------------------------------------------------------------

    def start_receiver(self, port: int | None = None) -> None:
        """Listen for webhooks on this computer."""
        self._run(self.webhooks.start(port), "listen for webhooks")

    def stop_receiver(self) -> None:
        self._run(self.webhooks.stop(), "stop listening")

    # -- the end -------------------------------------------------------------------------------------------------

    async def shutdown(self) -> None:
        """Disconnect, finalise, end the mock server, join every thread; idempotent."""
        async with self._turn:
            self._closing = True
            await self._end_session()
            await self.webhooks.stop()
            await self._stop_mock()
            await self.library.close()
            if self._sink is not None:
                sink, self._sink = self._sink, None
                await self._in_thread(sink.close)
            self.settings.save()

    # -- inside --------------------------------------------------------------------------------------------------

    async def _connect(self, request: ConnectRequest) -> ActiveSession:
        from rtms_desktop.app.session import ActiveSession
        from rtms_desktop.media.pipeline import MediaPipeline
        from rtms_desktop.transport.tls import client_context

        self.last_request = request
        self.hub.publish([ConnectAsked(request=request)])
        try:
            where = endpoint(request.invite.signaling_url)
            if not request.allow_host:
                check_allowed(request.invite.signaling_url, self._allowed_now())
            ca = self._ca or (Path(self.settings.values.ca_file) if self.settings.values.ca_file else None)
            tls = client_context(ca)
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
            self._sink = self._sink or await self._open_sink()
            self.pipeline = MediaPipeline(self._machine, self._sink, self._wake)
            self._apply_volume()
            session = ActiveSession(
                request.invite,
                config,
                publish=self.hub.publish,
                clock=self._machine,
                tls=tls,
                allowed_hosts=self._allowed_now,
            )
            self.session = session
            log.info("connecting to %s", where.authority)
            self.hub.publish([SessionOpened(session=session)])
            session.start()
            if request.record or self.settings.values.auto_record:
                self.start_recording()
            spawn(self._watch(session), name="session end")
            spawn(self._watch_health(session), name="session health")
        return session

    async def _watch(self, session: ActiveSession) -> None:
        """When a session ends by itself, put things away and tell."""
        ended = await session.driver.wait_ended()
        async with self._turn:
            await self._put_away(session, ended)

    async def _put_away(self, session: ActiveSession, ended: SessionEnded) -> None:
        if self.session is not session:
            return
        await self._stop_recording()
        if session.revoked:
            await self._delete_revoked(session)
        self.session = None
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
            )
        )
        self.figures()
        pipeline, self.pipeline = self.pipeline, None
        self.hub.publish([SessionClosed(session=session, ended=ended)])
        if pipeline is not None:
            await self._in_thread(pipeline.close)

    async def _end_session(self) -> None:
        session = self.session
        if session is None:
            return
        if session.is_replay:
            await self._put_back(session)
        else:
            await self._put_away(session, await session.disconnect())

    async def _open_recording(self, path: Path) -> None:
        from rtms_desktop.app.replay import ReplaySession

        async with self._turn:
            session = await ReplaySession.open(path, self.hub.publish, self._machine)
            await self._end_session()
            if self._closing:
                await session.close()
                return
            self._sink = self._sink or await self._open_sink()
            self.pipeline = session.open_pipeline(self._sink, self._wake)
            self._apply_volume()
            self.session = session
            log.info("showing %s", path.name)
            self.hub.publish([SessionOpened(session=session)])
            session.start()
            session.play()
            spawn(self._watch_health(session), name="session health")

    async def _close_recording(self) -> None:
        async with self._turn:
            if self.session is not None and self.session.is_replay:
                await self._end_session()

    async def _put_back(self, session: ReplaySession) -> None:
        ended = await session.close()
        self.figures()
        self.session = self.pipeline = None
        self.hub.publish([SessionClosed(session=session, ended=ended)])

    async def _repair_recording(self, path: Path) -> None:
        from rtms_desktop.recording.repair import Cancelled, repair

        self.hub.publish([RepairChanged(bundle=path, progress=0.0)])
        loop = asyncio.get_running_loop()

        def progress(part: float) -> None:
            loop.call_soon_threadsafe(self.hub.publish, [RepairChanged(bundle=path, progress=part)])

        try:
            await self._in_thread(repair, path, progress, lambda: self._closing)
        except Cancelled:
            return
        except OSError as error:
            raise DiskError(f"{path.name} could not be repaired", error.strerror or str(error), REPAIR_FIX) from error
        finally:
            await self._update_library()
            self.hub.publish([RepairChanged(bundle=path, progress=1.0, done=True)])
        await self._open_recording(path)

    async def _look_for_unclosed(self) -> None:
        from rtms_desktop.recording.repair import list_unclosed

        found = await self._in_thread(list_unclosed, self.settings.recordings)
        if found:
            self.hub.publish([UnclosedFound(bundles=tuple(found))])

    async def _stop_recording(self) -> None:
        session = self.session
        if session is None or session.is_replay or session.recorder is None:
            return
        self._recording(RecordingState.FINALISING, session.recorder.folder, self.recording.started_wall_ms)
        folder: Path | None = None
        try:
            folder = await session.stop_recording()
        except RtmsError as error:  # what had to be deleted could not be
            self._failed("stop recording", error)
        await self._update_library()
        self._recording(RecordingState.OFF, folder)

    async def _delete_revoked(self, session: ActiveSession) -> None:
        """Stop reason 8: nothing of the stream may be kept; its recorder has destroyed what it was writing."""
        session.bundles.clear()
        deleted: set[str] = set()
        try:
            done = await self.library.revoke(session.config.stream_id, session.made)
            deleted = {bundle.name for bundle in done.bundles}
            if (problem := done.problem()) is not None:
                self._failed("delete a revoked stream", problem)
        except RtmsError as error:
            self._failed("delete a revoked stream", error)
        self.settings.forget_bundles(lambda path: path.name in deleted or tombstone_of(path).exists())

    async def _update_library(self) -> None:
        try:
            await self.library.update()
        except RtmsError as error:
            self._failed("look at the recordings", error)

    async def _look_after_recordings(self) -> None:
        await self.library.update()
        self.library.expire(self.settings.values.retention_days)

    def _being_written(self) -> Path | None:
        session = self.session
        if session is None or session.is_replay or session.recorder is None:
            return None
        return session.recorder.folder

    async def _watch_health(self, session: ActiveSession | ReplaySession) -> None:
        """Tell when a recording stalls or fails, and when the sound device goes; the stream itself goes on."""
        while self.session is session and (session.is_replay or session.ended is None):
            await asyncio.sleep(HEALTH_S)
            self._check_audio()
            if not session.is_replay:
                await self._check_recording(session)

    async def _check_recording(self, session: ActiveSession) -> None:
        recorder = session.recorder
        if recorder is None or self.recording.state is RecordingState.FINALISING:
            return
        stats = recorder.stats
        if stats.problem:
            await self._recording_failed(session, stats.problem)
            return
        state = RecordingState.STALLED if stats.stalled else RecordingState.RECORDING
        if state is not self.recording.state:
            self._recording(state, recorder.folder, self.recording.started_wall_ms)
        await self._split(session, recorder)

    async def _split(self, session: ActiveSession, recorder: Recorder) -> None:
        """Go on in another bundle when the settings say so; the older one is closed a little later."""
        if await session.finish_split() is not None:
            await self._update_library()
        values = self.settings.values
        if is_due(recorder.stats, self._machine.now(), values.split_minutes * 60.0, values.split_mb * 1_000_000):
            newer = None
            try:
                newer = session.split(self.settings.recordings)
            except DiskError as error:  # the recording goes on in the bundle that it has
                log.warning("no new bundle: %s", error.sentence())
            if newer is not None:
                self._recording(RecordingState.RECORDING, newer.folder, self.recording.started_wall_ms)

    def _check_audio(self) -> None:
        if self.pipeline is None:
            return
        audio = AudioDeviceChanged(name=self.pipeline.sink_name, problem=self.pipeline.sink_problem)
        if audio != self.audio:
            self.hub.publish([audio])

    async def _recording_failed(self, session: ActiveSession, problem: str) -> None:
        folder = await session.stop_recording()
        await self._update_library()
        self._recording(RecordingState.FAILED, folder, problem=problem)
        self.hub.publish(
            [
                Notice(
                    severity=Severity.ERROR,
                    what="Recording stopped",
                    why=problem,
                    fix="What was written is kept. Free space or choose another folder, then record again.",
                    action="start_recording",
                )
            ]
        )

    async def _check_machine(self) -> None:
        from rtms_desktop.app.machine import check_machine

        self.hub.publish([MachineChecked()])
        checks = await self._in_thread(lambda: tuple(check_machine(self.settings)))
        self.hub.publish([MachineChecked(checks=checks)])

    async def _try_it_now(self, *, record: bool) -> None:
        info = self.mock or await self._start_mock(MockOptions())
        request = ConnectRequest(
            invite=read_payload(json.dumps(info.webhook)),
            client_id=info.client_id,
            client_secret=info.client_secret,
            record=record,
        )
        await self._connect(request)

    async def _rehearse(self, path: Path) -> None:
        async with self._turn:
            await self._end_session()
        await self._stop_mock()
        await self._start_mock(MockOptions(source=str(path)))
        await self._try_it_now(record=False)

    async def _start_mock(self, options: MockOptions) -> MockInfo:
        async with self._mock_turn:  # who comes while it starts gets the same server
            if self._mock is not None and self._mock.info is not None:
                return self._mock.info
            self._mock_changed(MockState.STARTING)
            self._mock = mock = MockProcess(self._mock_said, self._mock_died)
            try:
                info = await mock.start(options)
            except RtmsError as error:
                self._mock_changed(MockState.FAILED, problem=error.sentence())
                raise
            self.credentials.remember(info.client_id, info.client_secret, keep=False)
            self._mock_changed(MockState.RUNNING, info)
            return info

    async def _stop_mock(self) -> None:
        mock, self._mock = self._mock, None
        if mock is not None:
            await mock.stop()
            self._mock_changed(MockState.STOPPED)

    def _mock_said(self, entry: dict[str, Any]) -> None:
        self.mock_log.append(entry)
        self.hub.publish([MockLogged(entry=entry)])

    def _mock_died(self, said: str) -> None:
        self._mock_changed(MockState.FAILED, problem=said)
        self._failed("the mock server ended", RtmsError("it ended by itself", said, "Start it again."))

    def _secret_token(self) -> str:
        """The token of the person's app; without one that of the mock server, so that both can be tried together."""
        return self.credentials.secret(SECRET_TOKEN) or (self._mock.secret_token if self._mock else "")

    def _may_contact(self, url: str) -> bool:
        return endpoint(url).known or endpoint(url).host in self._allowed_now()

    def _allowed_now(self) -> frozenset[str]:
        return self._allowed | frozenset(self.settings.values.allowed_hosts)

    async def _open_sink(self) -> Sink:
        from rtms_desktop.media.sinks import open_sink

        sink: Sink = await self._in_thread(open_sink, self.settings.values.audio_device or None)
        self.hub.publish([AudioDeviceChanged(name=sink.name, problem=sink.problem)])
        return sink

    async def _rescan_audio(self) -> None:
        from rtms_desktop.media.sinks import rescan

        async with self._turn:
            old, self._sink = self._sink, None
            if old is not None:
                if self.pipeline is not None:
                    self.pipeline.set_sink(None)
                await self._in_thread(old.close)
            await self._in_thread(rescan)
            self._sink = await self._open_sink()
            if self.pipeline is not None:
                self.pipeline.set_sink(self._sink)

    def _apply_volume(self) -> None:
        if self.pipeline is not None:
            values = self.settings.values
            self.pipeline.set_master(0.0 if values.muted else values.volume)

    def _note(self, events: Sequence[AnyEvent]) -> None:
        """The pipeline's place on the hub; the session that feeds it may change."""
        if self.pipeline is not None:
            self.pipeline.handle(events)
        for event in events:
            if isinstance(event, AudioDeviceChanged):
                self.audio = event
            elif isinstance(event, SessionEnded) and event.cause in TROUBLE and not self._is_replay:
                self.hub.publish([Notice(severity=Severity.ERROR, what=TROUBLE[event.cause], why=event.sentence)])

    def _recording(
        self, state: RecordingState, folder: Path | None = None, started_wall_ms: int | None = None, problem: str = ""
    ) -> None:
        self.recording = RecordingChanged(state=state, folder=folder, started_wall_ms=started_wall_ms, problem=problem)
        self.hub.publish([self.recording])

    def _mock_changed(self, state: MockState, info: MockInfo | None = None, problem: str = "") -> None:
        self.mock_state = MockChanged(state=state, info=info, problem=problem)
        self.hub.publish([self.mock_state])

    def _failed(self, doing: str, error: RtmsError) -> None:
        log.info("%s: %s", doing, error.sentence())
        self.hub.publish([Notice(severity=Severity.ERROR, what=error.what, why=error.why, fix=error.fix)])

    def _run(self, coro: Coroutine[Any, Any, object], doing: str) -> None:
        async def guarded() -> None:
            try:
                await coro
            except RtmsError as error:
                self._failed(doing, error)

        spawn(guarded(), name=doing)

    async def _in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(None, function, *args)


def _rounded(value: float | None) -> float:
    return round(value or 0.0, 2)
