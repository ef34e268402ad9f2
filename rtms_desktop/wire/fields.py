"""Which fields each message is known to have, in whatever dialect; what else one carries is noted once a connection.

The names are those of the Zoom RTMS docs, of SDK 1.1.0 and of the reference mock server and libraries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from rtms_desktop.wire.context import Context
from rtms_desktop.wire.enums import ID_KEYS, Medium, MessageType, label
from rtms_desktop.wire.messages import SERVER_DEFAULTS

NAME_LIMIT = 60
_MEDIA_KEYS = frozenset(key for medium in Medium for key in medium.url_keys)
_OBJECTS = _MEDIA_KEYS | {"content", "event", "media_server", "media_params"}
"""The objects inside a message that are looked into; the insides of others are not documented."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STREAM = _names("rtms_stream_id stream_id")
_SESSION = _names("rtms_session_id rmts_session_id session_id")
_ANSWER = _names("status_code status reason timestamp")
_VERSION = _names("protocol_version sequence")
_STATE = _names("state reason stop_reason timestamp ui_state is_broadcast") | _STREAM
_PERSON = _names("user_id user_name channel_id")
_MEDIA = _PERSON | _names("content data length timestamp metadata data_type")
_EVENT = _PERSON | _names(
    "event content event_type timestamp event_ts participants participant_info paticipant_info media_type chat_groups "
    "members_update_list member_status_update_list status details"
)
_CHAT = _names(
    "operation_type message_id parent_message_id chat_session sender receiver files delete_file_id_list event_type"
)
_PARAMS = _MEDIA_KEYS | {
    "media_params",
    "language",  # as old documents call src_language
    *(name for group in msgspec.structs.astuple(SERVER_DEFAULTS) for name in group.__struct_fields__),
}
_HANDSHAKE = _VERSION | _STREAM | frozenset(ID_KEYS) | _names("signature media_type")

_KNOWN: dict[int, frozenset[str]] = {
    1: _HANDSHAKE | _names("buffer_data rtms_client_agent client_id"),
    2: _VERSION | _ANSWER | _names(
        "media_server server_urls media_urls media_server_url serverUrl server_url datacenter_region srtp_keys"
    ),
    3: _HANDSHAKE | _PARAMS | _names("payload_encryption"),
    4: _VERSION | _ANSWER | _PARAMS | _names("payload_encrypted payload_encryption media_type"),
    5: _MEDIA | _names("events event_type"),
    6: _EVENT,
    7: _STATE,
    8: _STATE,
    9: _STATE | _SESSION,
    10: _SESSION,
    11: _STATE | _SESSION,
    12: _VERSION | _ANSWER,
    13: _VERSION | _ANSWER,
    14: _MEDIA,
    15: _MEDIA,
    16: _MEDIA,
    17: _MEDIA | _names("start_time end_time language attribute"),
    18: _MEDIA | _CHAT,
    19: _STREAM,
    20: _STATE,
    21: _STREAM,
    22: _STREAM | _ANSWER,
    28: _names("user_id subscribe timestamp"),
    29: _ANSWER | _names("user_id subscribe"),
}  # fmt: skip


def note_unexpected(obj: Mapping[str, Any], kind: int, ctx: Context) -> bool:
    """Note the fields of message ``kind`` that nobody has described; whether there are any."""
    known = _KNOWN.get(kind)  # audio metadata and the reserved messages are not described at all
    found = [] if known is None else list(_unexpected(obj, known))
    for name in found:
        ctx.note_once("unexpected_field", f'{label(MessageType, kind)} carries "{name}", a field that is not described')
    return bool(found)


def _unexpected(obj: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    for name, value in obj.items():
        if name != "msg_type" and name not in known:
            yield name[:NAME_LIMIT]
        elif name in _OBJECTS and isinstance(value, dict):
            yield from _unexpected(value, known)
