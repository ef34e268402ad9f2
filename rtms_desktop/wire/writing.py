"""Messages as JSON objects the way production writes them; what SDK 1.1.0 insists on is always there."""

from __future__ import annotations

from typing import Any

import pybase64

from rtms_desktop.wire.enums import EventType, Medium
from rtms_desktop.wire.messages import (
    ChatData,
    ClientReadyAck,
    DataHandshakeRequest,
    DataHandshakeResponse,
    EventSubscription,
    EventUpdate,
    KeepAliveRequest,
    KeepAliveResponse,
    MediaData,
    MediaParams,
    Message,
    MetaData,
    Person,
    SessionStateRequest,
    SessionStateResponse,
    SessionStateUpdate,
    SignalingHandshakeRequest,
    SignalingHandshakeResponse,
    StreamCloseRequest,
    StreamCloseResponse,
    StreamStateRequest,
    StreamStateResponse,
    StreamStateUpdate,
    TranscriptData,
    UnknownMessage,
    VideoSubscriptionRequest,
    VideoSubscriptionResponse,
)

Object = dict[str, Any]

MEDIA_KINDS = {Medium.AUDIO: 14, Medium.VIDEO: 15, Medium.SHARE: 16}
_UNSAID_FAILURE = 45  # INTERNAL_EXCEPTION: a refusal without a code still needs one
_LISTING_EVENTS = {
    EventType.PARTICIPANT_JOIN,
    EventType.PARTICIPANT_LEAVE,
    EventType.PARTICIPANT_VIDEO_ON,
    EventType.PARTICIPANT_VIDEO_OFF,
}
_PEOPLE_KEYS = {"user_id", "participants", "participant_info", "paticipant_info"}


def production_object(message: Message) -> Any:
    """``message`` as production's JSON object (for an UnknownMessage: what it was read from)."""
    match message:
        case MediaData():
            return _media(message)
        case TranscriptData():
            return {"msg_type": 17, "content": _transcript(message)}
        case ChatData():
            return {"msg_type": 18, "content": _chat(message)}
        case MetaData():
            return {"msg_type": message.msg_type, "content": message.raw}
        case KeepAliveRequest() | KeepAliveResponse():
            return _keep_alive(message)
        case UnknownMessage():
            return message.raw
        case EventUpdate() | EventSubscription():
            return _event_message(message)
        case SignalingHandshakeRequest() | DataHandshakeRequest():
            return _handshake_request(message)
        case SignalingHandshakeResponse() | DataHandshakeResponse():
            return _handshake_response(message)
        case _:
            return _state_message(message)


def _present(**fields: Any) -> Object:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def _code(ok: bool, code: int | None) -> int:
    if code is not None:
        return code
    return 0 if ok else _UNSAID_FAILURE


# -- media --------------------------------------------------------------------------------------------------------


def _media(message: MediaData) -> Object:
    content: Object = {
        "user_id": message.user_id,
        "user_name": message.user_name,
        "data": pybase64.b64encode_as_string(message.data),
        "length": len(message.data),
        "timestamp": message.timestamp,
    }
    if message.channel_id:
        content["channel_id"] = message.channel_id
    return {"msg_type": MEDIA_KINDS[message.medium], "content": content}


def _transcript(message: TranscriptData) -> Object:
    return _present(
        user_id=message.user_id,
        user_name=message.user_name,
        start_time=message.start_time,
        end_time=message.end_time,
        timestamp=message.timestamp,
        language=message.language,
        attribute=message.attribute,
        channel_id=message.channel_id or None,
        data=message.text,
    )


def _chat(message: ChatData) -> Object:
    session = _present(type=message.session_type, id=message.session_id or None)
    files = [{"file_id": f.file_id, "file_name": f.file_name, "file_size": f.file_size} for f in message.files]
    return _present(
        operation_type=message.operation,
        message_id=message.message_id,
        parent_message_id=message.parent_message_id or None,
        chat_session=session or None,
        sender=_person(message.sender),
        receiver=_person(message.receiver),
        files=files or None,
        delete_file_id_list=list(message.deleted_files) or None,
        data=message.text,
        timestamp=message.timestamp,
    )


def _person(person: Person | None) -> Object | None:
    return None if person is None else {"user_id": person.user_id, "user_name": person.user_name}


# -- handshakes ---------------------------------------------------------------------------------------------------


def _handshake_request(message: SignalingHandshakeRequest | DataHandshakeRequest) -> Object:
    common = {
        "protocol_version": message.protocol_version,
        "sequence": message.sequence,
        message.id_key or "meeting_uuid": message.meeting_id,
        "rtms_stream_id": message.stream_id,
        "signature": message.signature,
    }
    if isinstance(message, SignalingHandshakeRequest):
        extra = _present(buffer_data=message.buffer_data, rtms_client_agent=message.client_agent or None)
        return {"msg_type": 1, **common, **extra}
    extra = _present(media_params=None if message.params is None else params_object(message.params))
    extra = {"media_type": message.media_type, "payload_encryption": message.payload_encryption, **extra}
    return {"msg_type": 3, **common, **extra}


def _handshake_response(message: SignalingHandshakeResponse | DataHandshakeResponse) -> Object:
    common = {
        "protocol_version": 1,
        "sequence": message.sequence,
        "status_code": _code(message.ok, message.status_code),
        "reason": message.reason,
    }
    if isinstance(message, DataHandshakeResponse):
        params = None if message.params is None else params_object(message.params)
        extra = _present(payload_encrypted=message.payload_encrypted, media_params=params)
        return {"msg_type": 4, **common, **extra}
    if not message.ok and not message.urls:
        return {"msg_type": 2, **common}
    server = _present(server_urls=_url_object(message.urls), datacenter_region=message.region or None)
    return {"msg_type": 2, **common, "media_server": server}


def _url_object(urls: dict[str, str]) -> dict[str, str]:
    """URLs by the keys of the wire: share goes out under the SDK's name and under the JavaScript library's."""
    written: dict[str, str] = {}
    for name, url in urls.items():
        for key in ("deskshare", "sharescreen") if name == Medium.SHARE else (name,):
            written[key] = url
    return written


def params_object(params: MediaParams) -> Object:
    """media_params with every known value of every group that is named."""
    groups = {
        "audio": params.audio,
        "video": params.video,
        "deskshare": params.share,
        "transcript": params.transcript,
        "chat": params.chat,
    }
    return {
        key: _present(**{name: getattr(group, name) for name in group.__struct_fields__})
        for key, group in groups.items()
        if group is not None
    }


# -- events -------------------------------------------------------------------------------------------------------


def _event_message(message: EventUpdate | EventSubscription) -> Object:
    if isinstance(message, EventSubscription):
        return {"msg_type": 5, "events": [{"event_type": kind, "subscribe": on} for kind, on in message.events]}
    time_key = "event_ts" if "event_ts" in message.raw and "timestamp" not in message.raw else "timestamp"
    event = {**message.raw, "event_type": message.event_type, time_key: message.timestamp}
    if message.people and not _PEOPLE_KEYS.intersection(event):
        event |= _people(message)
    return {"msg_type": 6, "event": event}


def _people(message: EventUpdate) -> Object:
    if message.event_type not in _LISTING_EVENTS and len(message.people) == 1:
        return _person(message.people[0]) or {}
    with_names = message.event_type == EventType.PARTICIPANT_JOIN
    listed = [
        {"user_id": person.user_id, "user_name": person.user_name}
        if person.user_name or with_names
        else {"user_id": person.user_id}
        for person in message.people
    ]
    return {"participants": listed}


# -- states and the rest ------------------------------------------------------------------------------------------


def _keep_alive(message: KeepAliveRequest | KeepAliveResponse) -> Object:
    if isinstance(message, KeepAliveRequest):
        # The SDK answers only when both are there.
        return {"msg_type": 12, "timestamp": message.timestamp, "sequence": message.sequence or 0, **message.echo}
    # An answer holds exactly what was asked.
    return {"msg_type": 13, **(message.echo or _present(timestamp=message.timestamp, sequence=message.sequence))}


def _state_message(message: Message) -> Object:
    match message:
        case ClientReadyAck():
            return {"msg_type": 7, "rtms_stream_id": message.stream_id}
        case StreamStateUpdate():
            reason = message.reason or 0
            found = {"msg_type": 8, "state": message.state, "reason": reason, "stop_reason": reason}
            return found | _present(timestamp=message.timestamp, rtms_stream_id=message.stream_id or None)
        case SessionStateUpdate():
            extra = _present(reason=message.stop_reason, stop_reason=message.stop_reason)
            return {"msg_type": 9, **_session_state(message), **extra}
        case SessionStateRequest():
            return {"msg_type": 10, "rtms_session_id": message.session_id}
        case SessionStateResponse():
            return {"msg_type": 11, **_session_state(message)}
        case StreamStateRequest():
            return {"msg_type": 19, "rtms_stream_id": message.stream_id}
        case StreamStateResponse():
            stream = {"msg_type": 20, "rtms_stream_id": message.stream_id}
            return {**stream, "state": message.state, "timestamp": message.timestamp}
        case StreamCloseRequest():
            return {"msg_type": 21, "rtms_stream_id": message.stream_id}
        case StreamCloseResponse():
            return {"msg_type": 22, "rtms_stream_id": message.stream_id, **_result(message)}
        case VideoSubscriptionRequest():
            found = {"msg_type": 28, "user_id": message.user_id, "subscribe": message.subscribe}
            return {**found, "timestamp": message.timestamp}
        case VideoSubscriptionResponse():
            extra = _present(subscribe=message.subscribe)
            return {"msg_type": 29, "user_id": message.user_id, **_result(message), **extra}
        case _:
            raise TypeError(f"{type(message).__name__} is no message of the wire")


def _session_state(message: SessionStateUpdate | SessionStateResponse) -> Object:
    return {"rtms_session_id": message.session_id, "state": message.state, "timestamp": message.timestamp}


def _result(message: StreamCloseResponse | VideoSubscriptionResponse) -> Object:
    code = _code(message.ok, message.status_code)
    return {"status_code": code, "reason": message.reason, "timestamp": message.timestamp}
