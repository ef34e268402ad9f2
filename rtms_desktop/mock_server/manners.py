"""How each dialect's server behaves beyond the spelling of its messages (protocol columns A, A', B1, B3 and C)."""

from __future__ import annotations

from dataclasses import dataclass

from rtms_desktop.wire.enums import Dialect


@dataclass(frozen=True, slots=True)
class Manners:
    """
    Attributes:
        media_handshake: message 3 is answered; otherwise a media socket delivers as soon as it is open.
        keep_alive_s: how often the server asks; None = the client asks and the server answers.
        strikes: unanswered requests after which a socket counts as lost.
        refusal_closes: a refused handshake ends the connection.
        raw_media: audio, video and share travel as bare binary frames.
        ends_on_media: the end of the stream is told on the media sockets too.
        second_keep_alive_s: an extra request of another shape.
    """

    media_handshake: bool = True
    keep_alive_s: float | None = 10.0
    strikes: int = 3
    refusal_closes: bool = True
    raw_media: bool = False
    ends_on_media: bool = False
    second_keep_alive_s: float | None = None


_BY_DIALECT = {
    Dialect.PRODUCTION: Manners(),
    Dialect.FLAT: Manners(),
    Dialect.README: Manners(media_handshake=False, keep_alive_s=None),
    Dialect.MOCK: Manners(
        media_handshake=False,
        keep_alive_s=5.0,
        strikes=4,
        refusal_closes=False,
        ends_on_media=True,
        second_keep_alive_s=30.0,
    ),
    Dialect.BINARY: Manners(keep_alive_s=15.0, raw_media=True),
}


def manners_of(dialect: Dialect) -> Manners:
    return _BY_DIALECT[dialect]
