"""A media socket after its handshake: what it was granted, and the media on its way through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from rtms_desktop.bitstream.h264 import is_keyframe
from rtms_desktop.mock_server.connection import Connection
from rtms_desktop.mock_server.negotiate import audio_format, picture_format
from rtms_desktop.mock_server.requests import Request
from rtms_desktop.mock_server.stage import Stage, Subscription
from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.wire.enums import Codec, DataOpt, Medium, MessageType
from rtms_desktop.wire.messages import ChatData, MediaData, MediaParams, Message, TranscriptData


class Host(Protocol):
    """The meeting, as far as its media sockets know it."""

    stage: Stage
    truth: TruthLog
    wanted_user: int | None

    def client_ready(self) -> None: ...

    def media_lost(self, role: MediaRole, why: str, clean: bool) -> None: ...


class MediaRole:
    """Loop only."""

    def __init__(
        self,
        connection: Connection,
        meeting: Host,
        media: frozenset[Medium],
        params: MediaParams,
        *,
        name: str,
        raw: bool,
        active_only: bool,
    ) -> None:
        self.connection, self.media, self.params, self.name = connection, media, params, name
        self._meeting, self._stage, self._raw = meeting, meeting.stage, raw
        self._active_only = active_only
        self._subscriptions: dict[tuple[Medium, int], Subscription] = {}
        self._without_key: set[tuple[Medium, int]] = set()
        self.sent: Counter[str] = Counter()
        self.running = False

    @property
    def stage(self) -> Stage:
        return self._stage

    def handle(self, request: Request) -> None:
        """Message 7 is tolerated here as well; nothing else belongs on a media socket."""
        if request.kind == MessageType.CLIENT_READY_ACK:
            self._meeting.client_ready()

    def lost(self, why: str, clean: bool) -> None:
        self.stop()
        if self.sent:
            self._meeting.truth.emit("sent", self.name, counts=dict(self.sent))
        self._meeting.media_lost(self, why, clean)

    # -- what runs ------------------------------------------------------------------------------------------------

    def start(self, audio_from_ms: float | None = None) -> None:
        """Media flow from now on; audio from earlier when asked."""
        if self.running:
            return
        self.running = True
        if self.params.audio is not None:
            form = audio_format(self.params.audio)
            self._subscriptions[Medium.AUDIO, 0] = self._stage.audio(form, self._send, audio_from_ms)
        if self.params.share is not None:
            picture = picture_format(self.params.share)
            self._expect_key(Medium.SHARE, 0, picture.codec)
            self._subscriptions[Medium.SHARE, 0] = self._stage.share(picture, self._send)
        self.choose_video()

    def stop(self) -> None:
        """Nothing flows any more."""
        self.running = False
        for subscription in self._subscriptions.values():
            subscription.close()
        self._subscriptions.clear()

    def choose_video(self) -> None:
        """Watches the cameras that this socket should carry now; called again when speaker or wish change."""
        if self.params.video is None or not self.running:
            return
        wanted = self._wanted_users()
        form = picture_format(self.params.video)
        for key in [key for key in self._subscriptions if key[0] is Medium.VIDEO and key[1] not in wanted]:
            self._subscriptions.pop(key).close()
        for user_id in wanted:
            if (Medium.VIDEO, user_id) not in self._subscriptions:
                self._expect_key(Medium.VIDEO, user_id, form.codec)
                self._subscriptions[Medium.VIDEO, user_id] = self._stage.video(user_id, form, self._send)

    def _wanted_users(self) -> list[int]:
        video = self.params.video
        if video is not None and video.data_opt == DataOpt.VIDEO_SINGLE_INDIVIDUAL:
            return [] if self._meeting.wanted_user is None else [self._meeting.wanted_user]
        everybody = [person.user_id for person in self._stage.everybody]
        if not self._active_only:
            return everybody
        return [self._stage.active_user] if self._stage.active_user else everybody[:1]

    def _expect_key(self, medium: Medium, user_id: int, codec: int) -> None:
        if codec == Codec.H264:
            self._without_key.add((medium, user_id))

    # -- what is sent ---------------------------------------------------------------------------------------------

    def _send(self, units: Sequence[MediaData]) -> None:
        for unit in units:
            if self._without_key and not self._has_key(unit):
                continue
            if self._raw:
                self.connection.send_raw(unit.data, media=True)
            else:
                self.connection.send(unit, media=True)
            self.sent[f"{unit.medium.value}/{unit.user_id}"] += 1

    def _has_key(self, unit: MediaData) -> bool:
        """Whether this picture stream has begun with a keyframe; a shared encoder may be between two of them."""
        key = (unit.medium, 0 if unit.medium is Medium.SHARE else unit.user_id)
        if key in self._without_key:
            if not is_keyframe(unit.data):
                return False
            self._without_key.discard(key)
        return True

    def tell(self, message: Message) -> None:
        """Sends a line of the transcript or a chat message if this socket carries them."""
        medium = Medium.TRANSCRIPT if isinstance(message, TranscriptData) else Medium.CHAT
        if not isinstance(message, TranscriptData | ChatData) or medium not in self.media or not self.running:
            return
        self.connection.send(message, media=True)
        self.sent[medium.value] += 1
