"""From a pasted text to a connect request: what was understood, as whom to sign, for which media."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.connect import ConnectRequest, Understanding
from rtms_desktop.app.events import ConnectChecked, MockChanged
from rtms_desktop.app.media_choice import fit
from rtms_desktop.app.naming import PRODUCTS
from rtms_desktop.errors import RtmsError
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import one_line, sentence_case, span
from rtms_desktop.viewmodels.languages import LANGUAGES
from rtms_desktop.wire.enums import Channel, Codec, DataOpt, Medium, Resolution, SampleRate
from rtms_desktop.wire.messages import MediaParams
from rtms_desktop.wire.payload import started_webhook

TEXT_LIMIT = 1024 * 1024
AUDIO_KEPT_S = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One line of what was understood; `mark` is "ok", "warn" or ""."""

    key: str
    value: str
    note: str = ""
    mark: str = ""
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """Someone to sign as."""

    client_id: str
    name: str
    note: str


class StartViewModel(QObject):
    changed = Signal()
    connecting = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.text = ""
        self.pasted_wall_ms = 0
        self.understanding: Understanding | None = None
        self.media = frozenset(Medium(name) for name in controller.settings.values.media) or frozenset(Medium)
        self.client_id = ""
        self.typed_secret = ""
        self.keep_secret = controller.credentials.keeps == "keyring"
        self.allow_host = False
        self.checked: tuple[str, str] = ("", "")
        kinds = {MockChanged: lambda event: self._choose_profile(), ConnectChecked: self._checked}
        listen(self, controller.hub, kinds)
        self._choose_profile()

    # -- input ---------------------------------------------------------------------------------------------------

    def set_text(self, text: str) -> None:
        """A paste, a drop or a file's content; empty text clears the page."""
        self.text = text
        self.pasted_wall_ms = self._controller.clock.wall_ms()
        self.allow_host = False
        self.checked = ("", "")
        self.understanding = self._controller.understand(text) if text.strip() else None
        self._choose_profile()

    def set_request(self, request: ConnectRequest) -> None:
        """Show a request that went out before, so that it can be corrected; its secret stays where it is."""
        invite = request.invite
        event_ts = invite.event_ts if invite.event_ts is not None else self._controller.clock.wall_ms()
        body = started_webhook(
            invite.product, invite.meeting_id, invite.stream_id, invite.signaling_url, event_ts=event_ts
        )
        if self.invite is None or self.invite.stream_id != invite.stream_id:
            self.set_text(json.dumps(body))
        self.set_credentials(request.client_id)

    def set_problem(self, what: str, why: str, fix: str) -> None:
        """A text that could not even be read."""
        self.text = ""
        self.understanding = Understanding(error=RtmsError(what, why, fix))
        self.changed.emit()

    def set_media(self, medium: Medium, wanted: bool) -> None:
        self.choose_media(self.media | {medium} if wanted else self.media - {medium})

    def choose_media(self, media: frozenset[Medium]) -> None:
        """Ask for these and no others."""
        self.media = media
        self._controller.settings.change(media=[one.value for one in Medium if one in self.media])
        self.changed.emit()

    @property
    def params(self) -> MediaParams:
        """How the media are asked for."""
        return self._controller.settings.params

    def set_params(self, params: MediaParams) -> None:
        """Ask for media like this from now on, as far as it goes together."""
        self._controller.settings.change(params=fit(params))
        self.changed.emit()

    def set_credentials(self, client_id: str, secret: str = "") -> None:
        """A known client id, or one that is typed together with its secret."""
        self.client_id, self.typed_secret = client_id.strip(), secret.strip()
        self.changed.emit()

    def set_allow_host(self, allow: bool) -> None:
        self.allow_host = allow
        self.changed.emit()

    # -- what was understood -------------------------------------------------------------------------------------

    @property
    def invite(self) -> Any:
        return self.understanding.invite if self.understanding is not None else None

    @property
    def problem(self) -> tuple[str, str, str]:
        """What, why and what next of a text that could not be read."""
        error = self.understanding.error if self.understanding is not None else None
        return (sentence_case(error.what), sentence_case(error.why), error.fix) if error is not None else ("", "", "")

    def pretty_text(self) -> str:
        """The text as it is best read: JSON is indented, anything else stays as it came."""
        try:
            return json.dumps(json.loads(self.text), indent=2, ensure_ascii=False)
        except ValueError:
            return self.text

    def size_text(self) -> str:
        return f"{len(self.text.encode('utf-8', 'replace')):,} bytes"

    def rows(self) -> list[Row]:
        """The right card; empty where nothing was understood."""
        found, invite = self.understanding, self.invite
        if found is None or invite is None:
            return []
        kind = PRODUCTS.get(invite.product.value, invite.product.value)
        note = "TLS, a zoom.us host" if found.secure else "not encrypted"
        if found.where is not None and found.where.loopback:
            note = "this computer, " + ("TLS" if found.secure else "not encrypted")
        elif not found.host_known:
            note = ("TLS" if found.secure else "not encrypted") + ", not a zoom.us host"
        id_name = {"meeting_uuid": "Meeting UUID", "session_id": "Session ID", "webinar_uuid": "Webinar UUID"}
        return [
            Row("Event", invite.event or f"{invite.product.value}.rtms_started", kind, "ok"),
            Row("Form", f"{invite.form or 'payload'}, URL as {invite.url_form}", "", "ok"),
            Row(id_name.get(invite.id_key, invite.id_key), one_line(invite.meeting_id, 200), "", "ok", True),
            Row("Stream", one_line(invite.stream_id, 200), "", "ok", True),
            Row("Will contact", f"{found.host}:{found.port}", note, "ok" if found.host_known else "warn"),
        ]

    def announced(self) -> tuple[str, str]:
        """How long ago the stream was announced, with what follows from it."""
        invite = self.invite
        if invite is None or invite.event_ts is None:
            return "not said", ""
        seconds = (self._controller.clock.wall_ms() - invite.event_ts) / 1000
        if seconds < 0:
            return "just now", "this computer's clock is behind"
        note = f"audio is kept for up to {AUDIO_KEPT_S} s" if seconds <= AUDIO_KEPT_S else "the beginning may be lost"
        return f"{span(seconds) if seconds >= 60 else f'{seconds:.0f} s'} ago", note

    def params_text(self) -> str:
        """What will be asked for, in short."""
        audio, video, share = self.params.audio, self.params.video, self.params.share
        assert audio is not None and video is not None and share is not None
        parts = []
        if Medium.AUDIO in self.media:
            how = "per speaker" if audio.data_opt == DataOpt.AUDIO_MULTI else "mixed"
            width = " stereo" if audio.channel == Channel.STEREO else ""
            parts.append(f"{codec_name(audio.codec)} {SampleRate(audio.sample_rate).hz // 1000} kHz{width} {how}")
        if Medium.VIDEO in self.media:
            size = Resolution(video.resolution).size[1]
            one = " one person" if video.data_opt == DataOpt.VIDEO_SINGLE_INDIVIDUAL else ""
            parts.append(f"{codec_name(video.codec)} {size}p {video.fps} fps{one}")
        if Medium.SHARE in self.media:
            parts.append(f"{codec_name(share.codec)} {share.fps} fps")
        transcript = self.params.transcript
        if Medium.TRANSCRIPT in self.media and transcript is not None and transcript.src_language is not None:
            only = " only" if transcript.enable_lid is False else ""
            parts.append(f"{dict(LANGUAGES)[transcript.src_language]}{only}")
        return " · ".join(parts)

    # -- credentials ---------------------------------------------------------------------------------------------

    def profiles(self) -> list[Profile]:
        """Known client ids; the mock server's own stands first while it runs and is the one announced."""
        found = []
        mock = self._controller.mock.info
        if mock is not None:
            found.append(Profile(mock.client_id, "Mock server", "built in"))
        keeps = self._controller.credentials.keeps
        for client_id in self._controller.credentials.client_ids:
            if mock is None or client_id != mock.client_id:
                found.append(
                    Profile(client_id, shortened(client_id), f"secret in {keeps}" if keeps == "keyring" else keeps)
                )
        if mock is not None and not self._is_mock() and len(found) > 1:
            found.append(found.pop(0))
        return found

    @property
    def keyring_works(self) -> bool:
        return self._controller.credentials.keeps == "keyring"

    @property
    def needs_secret(self) -> bool:
        """Whether id and secret have to be typed."""
        return self.client_id not in {profile.client_id for profile in self.profiles()}

    def _is_mock(self) -> bool:
        mock, invite = self._controller.mock.info, self.invite
        return mock is not None and invite is not None and invite.signaling_url.startswith(mock.signaling_url)

    def _choose_profile(self) -> None:
        profiles = self.profiles()
        self.client_id = profiles[0].client_id if profiles else ""
        self.typed_secret = ""
        self.changed.emit()

    def _secret(self) -> str:
        mock = self._controller.mock.info
        if mock is not None and self.client_id == mock.client_id:
            return mock.client_secret
        return self.typed_secret or self._controller.credentials.secret(self.client_id) or ""

    # -- connecting ----------------------------------------------------------------------------------------------

    @property
    def why_not(self) -> str:
        """Why Connect is disabled; empty when it is not."""
        if self.understanding is None:
            return "Paste a payload first."
        if self.invite is None:
            return self.problem[0]
        if not self.media:
            return "Choose at least one medium."
        if not self.client_id:
            return "Enter the client ID of the app that receives this webhook."
        if self.needs_secret and not self.typed_secret:
            return "Enter the client secret of this app."
        if not self.understanding.host_known and not self.allow_host:
            return f"{self.understanding.host} is not a zoom.us host: say yes to it first."
        return ""

    @property
    def can_connect(self) -> bool:
        return not self.why_not

    @property
    def verdict(self) -> tuple[str, str]:
        """(word, icon token) at the head of the right card."""
        if self.understanding is None:
            return "", ""
        if self.invite is None:
            return "not usable", "error"
        if not self.understanding.host_known:
            return "check the host", "warn"
        return ("not complete", "warn") if self.why_not else ("complete", "ok")

    @property
    def heading(self) -> tuple[str, str]:
        """(title, line) over both cards."""
        if self.understanding is None:
            line = "Paste the webhook payload that announced it. Nothing is sent until you press Connect."
            return "Watch a stream", line
        if self.invite is None:
            return "This cannot be connected to", "Nothing was sent. The card at the right says why."
        if self.why_not:
            return "Almost ready", "One thing is missing. Nothing is sent until you press Connect."
        return "Ready to connect", "Check what was read from the payload. Nothing is sent until you press Connect."

    def check_first(self) -> None:
        """Try the way to the server; ``checked`` then has a sentence and its text level. Nothing is sent."""
        if not self.why_not_check:
            self._controller.check_first(self._request("", record=False))

    @property
    def why_not_check(self) -> str:
        """Why Check first is disabled; a secret is not needed for it."""
        if self.invite is None or self.understanding is None:
            return self.why_not
        if not self.understanding.host_known and not self.allow_host:
            return self.why_not
        return ""

    def _checked(self, event: ConnectChecked) -> None:
        if self.invite is None or event.url != self.invite.signaling_url:
            return
        found = event.found
        if found is None:
            self.checked = ("Trying the way to the server …", "t3")
        elif found.error is not None:
            why = f": {found.error.why.rstrip('.')}" if found.error.why else ""
            self.checked = (f"{sentence_case(found.error.what)}{why}. {found.error.fix}".strip(), "error")
        else:
            self.checked = (f"{sentence_case(', '.join(found.passed))}: {found.ms} ms. Nothing was sent.", "t1")
        self.changed.emit()

    def _request(self, secret: str, *, record: bool) -> ConnectRequest:
        return ConnectRequest(
            invite=self.invite, client_id=self.client_id, client_secret=secret, media=self.media, params=self.params,
            record=record, allow_host=self.allow_host,
        )  # fmt: skip

    def connect_stream(self, *, record: bool = False) -> bool:
        """Send the request; False (and `why_not` says why) when something is missing."""
        if not self.can_connect:
            return False
        secret = self._secret()
        if not secret:
            self._controller.credentials.forget(self.client_id)
            self.changed.emit()
            return False
        if self.typed_secret:
            self._controller.credentials.remember(self.client_id, self.typed_secret, keep=self.keep_secret)
        self._controller.connect(self._request(secret, record=record))
        self.connecting.emit()
        return True


def codec_name(codec: int) -> str:
    """``L16``, ``H.264``, ``JPEG``"""
    names = {Codec.H264: "H.264", Codec.JPG: "JPEG", Codec.OPUS: "Opus", Codec.G711: "G.711", Codec.G722: "G.722"}
    return names.get(Codec(codec), Codec(codec).name)


def shortened(client_id: str) -> str:
    """`AbCdEf…1234`"""
    return client_id if len(client_id) <= 12 else f"{client_id[:6]}…{client_id[-4:]}"
