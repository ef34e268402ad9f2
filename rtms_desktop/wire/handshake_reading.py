"""Reads the handshakes (messages 1 to 4) in every dialect."""

from __future__ import annotations

from rtms_desktop.wire.answers import Fields, stream_id, verdict
from rtms_desktop.wire.context import Context
from rtms_desktop.wire.enums import Dialect
from rtms_desktop.wire.lenient import find_id, flag, number, pick, text
from rtms_desktop.wire.messages import (
    DataHandshakeRequest,
    DataHandshakeResponse,
    Message,
    SignalingHandshakeRequest,
    SignalingHandshakeResponse,
)
from rtms_desktop.wire.params_reading import read_params
from rtms_desktop.wire.urls import media_urls


def signaling_request(obj: Fields, ctx: Context) -> Message:
    key, meeting_id = find_id(obj)
    return SignalingHandshakeRequest(
        meeting_id=meeting_id,
        stream_id=stream_id(obj),
        signature=text(obj.get("signature")),
        id_key=key,
        protocol_version=_protocol_version(obj),
        sequence=number(obj.get("sequence")) or 0,
        buffer_data=flag(obj.get("buffer_data")),
        client_agent=text(obj.get("rtms_client_agent")),
    )


def signaling_response(obj: Fields, ctx: Context) -> Message:
    urls = media_urls(obj)
    ok, code, reason = verdict(obj, bool(urls), ctx)
    server = obj.get("media_server")
    details = server if isinstance(server, dict) else {}
    if "srtp_keys" in details:
        ctx.sign(Dialect.MOCK, "it offers srtp_keys")
    return SignalingHandshakeResponse(
        ok=ok,
        status_code=code,
        reason=reason,
        urls=urls,
        region=text(details.get("datacenter_region")),
        sequence=number(obj.get("sequence")) or 0,
    )


def data_request(obj: Fields, ctx: Context) -> Message:
    key, meeting_id = find_id(obj)
    media_type = number(obj.get("media_type"))
    return DataHandshakeRequest(
        meeting_id=meeting_id,
        stream_id=stream_id(obj),
        signature=text(obj.get("signature")),
        media_type=0 if media_type is None else media_type,
        params=read_params(obj.get("media_params"), media_type, ctx.medium),
        id_key=key,
        protocol_version=_protocol_version(obj),
        sequence=number(obj.get("sequence")) or 0,
        payload_encryption=flag(obj.get("payload_encryption")) or False,
    )


def data_response(obj: Fields, ctx: Context) -> Message:
    params = read_params(obj.get("media_params"), number(obj.get("media_type")), ctx.medium)
    ok, code, reason = verdict(obj, params is not None, ctx)
    return DataHandshakeResponse(
        ok=ok,
        status_code=code,
        reason=reason,
        params=params,
        payload_encrypted=flag(pick(obj, "payload_encrypted", "payload_encryption")) or False,
        sequence=number(obj.get("sequence")) or 0,
    )


def _protocol_version(obj: Fields) -> int:
    return number(obj.get("protocol_version")) or 0
