"""Which media sockets to open, where, and what to ask on each. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rtms_desktop.session.config import ALL_MEDIA, SessionConfig
from rtms_desktop.session.events import ALL
from rtms_desktop.wire.enums import MediaType, Medium
from rtms_desktop.wire.messages import DataHandshakeRequest, MediaParams


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLink:
    """``url`` "" means: not offered."""

    name: str
    url: str
    media: frozenset[Medium]


def plan_links(config: SessionConfig, urls: dict[str, str]) -> list[PlannedLink]:
    """One socket per medium; one for all when it is asked for or when nothing else that we want is offered."""
    wanted = [medium for medium in Medium if medium in config.media]
    offered_alone = [medium for medium in wanted if urls.get(medium.value)]
    if urls.get(ALL) and (config.one_socket or not offered_alone):
        return [PlannedLink(name=ALL, url=urls[ALL], media=frozenset(wanted))]
    return [
        PlannedLink(name=medium.value, url=urls.get(medium.value, ""), media=frozenset({medium})) for medium in wanted
    ]


def data_handshake(config: SessionConfig, media: frozenset[Medium]) -> DataHandshakeRequest:
    """Message 3 for a socket that carries ``media``.

    All five media are asked for as 32 (ALL), a part of them as the sum of their bits: the docs name single bits and
    32, reference clients send sums on the common socket. Parameters go along for the wanted media only.
    """
    media_type = MediaType.ALL.value if media == ALL_MEDIA else sum(medium.media_type.value for medium in media)
    asked = {medium.value: getattr(config.params, medium.value) for medium in media}
    return DataHandshakeRequest(
        meeting_id=config.meeting_id,
        stream_id=config.stream_id,
        signature=config.signature,
        id_key=config.id_key,
        media_type=media_type,
        params=MediaParams(**asked),
    )
