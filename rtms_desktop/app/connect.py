"""From text to a session's configuration: what was understood, who would be contacted, and how it is signed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from rtms_desktop.app.credentials import Credential
from rtms_desktop.errors import PayloadError, RtmsError
from rtms_desktop.session.config import ALL_MEDIA, DEFAULT_PARAMS, SessionConfig
from rtms_desktop.transport.hosts import Endpoint, endpoint
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.invite import Invite
from rtms_desktop.wire.messages import MediaParams
from rtms_desktop.wire.payload import read_payload
from rtms_desktop.wire.signature import sign_handshake

PAYLOAD_FILE_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What a pasted text says, before anything is sent. Either ``invite`` and ``where`` or ``error`` is set."""

    invite: Invite | None = None
    where: Endpoint | None = None
    error: RtmsError | None = None

    @property
    def host(self) -> str:
        return self.where.host if self.where else ""

    @property
    def port(self) -> int:
        return self.where.port if self.where else 0

    @property
    def secure(self) -> bool:
        return bool(self.where and self.where.secure)

    @property
    def host_known(self) -> bool:
        """A zoom.us host with TLS, or this computer."""
        return bool(self.where and self.where.known)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectRequest:
    """A person's yes: this stream, as this app, for these media. ``allow_host``: yes to an unknown host, too."""

    invite: Invite
    client_id: str
    client_secret: str
    media: frozenset[Medium] = ALL_MEDIA
    params: MediaParams = DEFAULT_PARAMS
    record: bool = False
    allow_host: bool = False

    def __repr__(self) -> str:
        return f"ConnectRequest({self.invite.stream_id!r} as {self.client_id!r})"


def understand(text: str) -> Understanding:
    """Read a payload in any form; never raises."""
    try:
        invite = read_payload(text)
        return Understanding(invite=invite, where=endpoint(invite.signaling_url))
    except RtmsError as error:
        return Understanding(error=error)


def read_source(source: str, stdin: str | None = None) -> str:
    """The text behind a PAYLOAD argument: a file, ``-`` (``stdin`` is then its content), or the text itself.

    Raises:
        PayloadError: no such file, or one that is too large or not text.
    """
    if source == "-":
        return stdin or ""
    if source.lstrip()[:1] in ("{", "[", '"') or "\n" in source or source.lstrip().startswith("curl "):
        return source
    path = Path(source)
    try:
        if os.path.getsize(path) > PAYLOAD_FILE_LIMIT:
            raise PayloadError(
                f"{source} is too large for a payload", "more than 1 MiB", "Give the webhook's JSON body."
            )
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise PayloadError(
            f"the payload {source!r} cannot be read",
            why or str(error),
            "Give a file, - for standard input, or JSON text.",
        ) from error


def configure(
    invite: Invite,
    credential: Credential,
    media: frozenset[Medium] = ALL_MEDIA,
    params: MediaParams = DEFAULT_PARAMS,
) -> SessionConfig:
    """Sign the announcement; the secret goes no further than here."""
    return SessionConfig(
        meeting_id=invite.meeting_id,
        stream_id=invite.stream_id,
        signature=sign_handshake(credential.client_id, credential.client_secret, invite.meeting_id, invite.stream_id),
        signaling_url=invite.signaling_url,
        product=invite.product,
        id_key=invite.id_key,
        media=media,
        params=MediaParams(**{medium.value: getattr(params, medium.value) for medium in media}),
        announced_ms=invite.event_ts,
    )
